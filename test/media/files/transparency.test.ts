import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EncodeOptions } from '#src/media/files/encode/options.js';
import { inspectVideo } from '#src/media/files/inspect.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { copyVideo } from '../../fixtures/passthrough.js';
import { frameTimes, meanError, streamsOf } from '../../fixtures/readback.js';

const SIZE = 64 * 48;
const folder = freshFolder();
const at = (name: string) => join(folder, name);

/** Red on clear, with green hidden under it; the edge moves by four pixels a frame. One second of ten frames. */
const MOVING = [
  ...['-f', 'lavfi', '-i', 'color=red:size=64x48:rate=10:duration=1'],
  ...['-vf', "format=rgba,geq=r='255*lt(X,4*N+16)':g='255*gte(X,4*N+16)':b=0:a='255*lt(X,4*N+16)'"],
];
const VP9 = ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0', '-crf', '10', '-b:v', '0'];
const VP8 = ['-c:v', 'libvpx', '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0', '-crf', '4', '-b:v', '2M'];
const SOURCES: Record<string, readonly string[]> = {
  'vp9.webm': VP9,
  'vp8.webm': VP8,
  'prores.mov': ['-c:v', 'prores_ks', '-profile:v', '4', '-pix_fmt', 'yuva444p10le'],
  'animation.mov': ['-c:v', 'qtrle', '-pix_fmt', 'argb'],
  'moving.apng': ['-c:v', 'apng', '-pix_fmt', 'rgba'],
  'moving.gif': [],
};
for (const [name, options] of Object.entries(SOURCES)) {
  const palette = ',split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse';
  const filter = name.endsWith('.gif') ? [...MOVING.slice(0, -1), MOVING.at(-1)! + palette] : MOVING;
  ffmpeg(...filter, ...options, at(name));
}
const PAINTED_OVER =
  'The source is transparent in places: it is painted over white. .webm (VP9), .mov (--codec prores), .gif and .webp would keep that.';

/** Reads planes of frames of a format; ffmpeg's own decoders of VP8 and VP9 leave out the alpha plane. */
function planes(path: string, filter: string, bytes: number): Uint8Array[] {
  const reader = { vp8: 'libvpx', vp9: 'libvpx-vp9' }[streamsOf(path, 'video')[0]!.codec_name];
  const decoder = reader ? ['-c:v', reader] : [];
  const all = ffmpeg(...decoder, '-i', path, '-vf', filter, '-f', 'rawvideo', '-vsync', 'passthrough', '-');
  return Array.from({ length: all.length / bytes }, (_, n) => all.subarray(n * bytes, (n + 1) * bytes));
}
const alphas = (path: string) => planes(path, 'alphaextract,format=gray', SIZE);
const colours = (path: string) => planes(path, 'format=rgb24', 3 * SIZE);

describe('transparency is kept', () => {
  test.each<[source: string, to: string, options: EncodeOptions]>([
    ['vp9.webm', '.webm', {}],
    ['vp9.webm', '.mkv', { codec: 'vp9' }],
    ['vp9.webm', '.mov', { codec: 'prores' }],
    ['vp8.webm', '.webm', {}],
    ['prores.mov', '.mov', { codec: 'prores' }],
    ['prores.mov', '.mov', { codec: 'qtrle' }],
    ['animation.mov', '.webm', {}],
    ['moving.apng', '.webm', {}],
    ['moving.gif', '.mov', { codec: 'qtrle' }],
    ['vp9.webm', '.webm', { start: 0.35, duration: 0.4 }],
    ['animation.mov', '.mov', { codec: 'qtrle', start: 0.5 }],
  ])('%s to %s %j', async (source, to, options) => {
    const result = at(`${source}-${options.codec ?? ''}${options.start ?? ''}-kept${to}`);
    const { notes, frames } = await copyVideo(at(source), result, options);
    expect(notes).toEqual([]);
    const { start = 0, duration = 1 } = options;
    const inside = (_: unknown, n: number) => n / 10 >= start && n / 10 < start + duration;
    const before = alphas(at(source)).filter(inside);
    const after = alphas(result);
    expect(after.length).toBe(frames);
    expect(after.length).toBe(before.length);
    // A plane of the frame before would be off by a twelfth of the picture: 21 levels.
    for (const [n, plane] of after.entries())
      expect(meanError(plane, before[n]!), `alpha of frame ${n}`).toBeLessThan(4);
    for (const [n, plane] of colours(result).entries()) {
      const edge = 4 * (n + Math.ceil(start * 10 - 1e-9)) + 16;
      expect(
        [...plane.subarray(3 * 4, 3 * 5)].map((level) => (level > 128 ? 1 : 0)),
        `red of ${n}`,
      ).toEqual([1, 0, 0]);
      // What was hidden is white now.
      const clear = 3 * Math.min(62, edge + 12);
      if (edge < 48) expect(Math.min(...plane.subarray(clear, clear + 3)), `backdrop of ${n}`).toBeGreaterThan(235);
    }
  });
});

describe('where it cannot be kept', () => {
  test.each([
    ['vp9.webm', '.mp4'],
    ['animation.mov', '.mov'],
    ['moving.gif', '.ts'],
  ])('%s to %s is painted over white, with a note', async (source, to) => {
    const result = at(`${source}-over${to}`);
    const { notes } = await copyVideo(at(source), result);
    expect(notes).toEqual([PAINTED_OVER]);
    expect(Math.min(...colours(result)[0]!.subarray(3 * 50, 3 * 51))).toBeGreaterThan(235);
    expect(frameTimes(result).length).toBe(10);
  });

  test('half-clear colours are mixed with white', async () => {
    const half = 'format=rgba,geq=r=255:g=0:b=0:a=128';
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'color=red:size=64x48:rate=10:duration=0.2',
      '-vf',
      half,
      '-c:v',
      'qtrle',
      at('half.mov'),
    );
    await copyVideo(at('half.mov'), at('half.mp4'));
    const [r, g, b] = colours(at('half.mp4'))[0]!.subarray(3 * 2000);
    expect([r, g, b].map((level) => Math.round(level! / 8))).toEqual([32, 16, 16]);
  });
});

test('a picture that could be transparent and is not says nothing', async () => {
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=10:duration=0.3', at('opaque.gif'));
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=64x48:rate=10:duration=0.3',
    '-c:v',
    'qtrle',
    '-pix_fmt',
    'argb',
    at('o.mov'),
  );
  for (const name of ['opaque.gif', 'o.mov']) {
    expect((await inspectVideo(at(name))).transparent, name).toBe(false);
    expect((await copyVideo(at(name), at(`${name}.webm`))).notes).toEqual([]);
  }
});
