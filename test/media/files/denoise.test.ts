import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { VideoSource } from '#src/media/files/decode.js';
import { denoiseFrames } from '#src/media/files/denoise.js';
import { probe } from '#src/media/probe/probe.js';
import { meanChange, noisy } from '#src/quality/flicker.js';
import type { Picture } from '#src/quality/motion/warping.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { wrapper } from '../../fixtures/wrapper.js';

const folder = freshFolder();
afterEach(() => vi.unstubAllEnvs());

const [width, height] = [65, 49];

/** A picture from a rule for its values. */
function picture(value: (x: number, y: number, colour: number) => number): Picture {
  const at = (_: unknown, i: number) => value(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3);
  return { data: Uint8Array.from({ length: width * height * 3 }, at), width, height };
}
const largest = (a: Picture, b: Picture) => a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i]!)), 0);

test('still parts change about half as much; the first frame is unchanged', async () => {
  const scene = picture((x, y, colour) => 60 + x + y + 20 * colour);
  const frames = Array.from({ length: 8 }, (_, i) => noisy(scene, 1, i));
  const results = await denoiseFrames(frames);
  expect(results.map((result) => [result.width, result.height, result.data.length])).toEqual(
    Array(8).fill([width, height, width * height * 3]),
  );
  expect(largest(results[0]!, frames[0]!)).toBeLessThanOrEqual(2);
  const calm = meanChange(results[6]!, results[7]!) / meanChange(frames[6]!, frames[7]!);
  expect(calm).toBeGreaterThan(0.1);
  expect(calm).toBeLessThan(0.7);
  expect(meanChange(results[7]!, scene)).toBeLessThan(0.8 * meanChange(frames[7]!, scene));
});

test('motion leaves no visible trail, at any contrast', async () => {
  for (const contrast of [4, 8, 16, 120]) {
    const square = (left: number) =>
      picture((x, y) => 80 + (x >= left && x < left + 12 && y > 10 && y < 30 ? contrast : 0));
    const frames = Array.from({ length: 8 }, (_, i) => square(5 * i));
    const results = await denoiseFrames(frames);
    for (const [i, result] of results.entries()) expect(largest(result, frames[i]!)).toBeLessThanOrEqual(5);
  }
});

test('as a file is denoised', async () => {
  const frames = Array.from({ length: 6 }, (_, i) =>
    noisy(
      picture((x) => 3 * x),
      1,
      i,
    ),
  );
  const [raw, file] = [join(folder, 'frames.rgb'), join(folder, 'noisy.mkv')];
  writeFileSync(raw, Buffer.concat(frames.map(({ data }) => data)));
  const chain = 'scale=flags=accurate_rnd+full_chroma_int:out_color_matrix=smpte170m:out_range=pc,format=yuv444p';
  ffmpeg(
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${width}x${height}`,
    '-i',
    raw,
    '-vf',
    chain,
    '-c',
    'ffv1',
    file,
  );
  const expected: Picture[] = [];
  for await (const frame of new VideoSource(await probe(file), { denoise: true })) expected.push(frame);
  const results = await denoiseFrames(frames);
  expect(results.length).toBe(expected.length);
  for (const [i, result] of results.entries()) expect(meanChange(result, expected[i]!) * 255).toBeLessThan(0.5);
});

test('says when ffmpeg fails, and when it lacks the filter', async () => {
  const frames = [picture(() => 7)];
  vi.stubEnv('FFMPEG_PATH', wrapper(join(folder, 'broken'), 'case " $* " in *" -vf "*) echo no >&2; exit 1 ;; esac'));
  expect(await failure(denoiseFrames(frames))).toMatchObject({
    name: 'MediaError',
    code: 'MEDIA_FFMPEG_FAILED',
    message: 'ffmpeg failed while taking the noise off frames: no',
  });
  const lacking = wrapper(join(folder, 'lacking'), 'case "$*" in *filter=hqdn3d*) echo Unknown; exit 0 ;; esac');
  vi.stubEnv('FFMPEG_PATH', lacking);
  expect(await failure(denoiseFrames(frames))).toEqual({
    name: 'MediaError',
    code: 'MEDIA_FILTER',
    message: `${lacking} has no filter hqdn3d, which takes the noise off.`,
    hint: 'Leave out --denoise, or install an ffmpeg that was built with --enable-gpl.',
  });
});
