import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { VideoSink } from '#src/media/files/encode/encode.js';
import { readImage } from '#src/media/files/pictures/image.js';
import { failure } from '../../../fixtures/failure.js';
import { ffmpeg, freshFolder, PASSTHROUGH } from '../../../fixtures/ffmpeg.js';
import { copyVideo } from '../../../fixtures/passthrough.js';
import { frameTimes, meanError, rgbFrames } from '../../../fixtures/readback.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const picture = (rate: number, seconds: number) => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=64x48:rate=${rate}:duration=${seconds}`],
];
const FFV1 = ['-c:v', 'ffv1', '-pix_fmt', 'bgr0'];

/** Three frames, shown for 0.5, 2 and 3 s. */
const uneven = at('uneven.gif');
const TIMES = "setpts='if(eq(N,0),0,if(eq(N,1),0.5,2.5))/TB'";
ffmpeg(...picture(2, 1.5), '-vf', TIMES, ...PASSTHROUGH, '-final_delay', '300', uneven);

describe.each(['.gif', '.webp'])('%s', (to) => {
  test('shows every frame as long as the source', async () => {
    const { frames, notes } = await copyVideo(uneven, at(`uneven-copy${to}`));
    expect([frames, notes]).toEqual([3, []]);
    const { pages, delay, loop } = await sharp(at(`uneven-copy${to}`)).metadata();
    expect({ pages, delay, loop }).toEqual({ pages: 3, delay: [500, 2000, 3000], loop: 0 });
  });

  test('a part, with colours as near as the format allows', async () => {
    ffmpeg(...picture(10, 2), ...FFV1, at('long.mkv'));
    const result = at(`part${to}`);
    await copyVideo(at('long.mkv'), result, { start: 0.5, duration: 0.75 });
    const { delay = [], pages = 1 } = await sharp(result).metadata();
    expect(pages).toBe(8);
    // The last one is shown to the end of the part.
    expect(delay).toEqual([...Array(7).fill(100), 50]);
    const before = rgbFrames(at('long.mkv')).slice(5);
    for (let page = 0; page < pages; page++) {
      const pixels = await sharp(result, { page }).removeAlpha().raw().toBuffer();
      expect(meanError(pixels, before[page]!), `picture ${page}`).toBeLessThan(9);
    }
  });

  test('frames that are alike last as long together', async () => {
    ffmpeg(...picture(2, 1), '-vf', 'fps=10', ...FFV1, at('still.mkv'));
    await copyVideo(at('still.mkv'), at(`still${to}`));
    const { delay = [] } = await sharp(at(`still${to}`)).metadata();
    expect(delay.reduce((sum, each) => sum + each, 0)).toBe(1000);
  });

  test('leaves nothing beside it, whole or not', async () => {
    const size = { width: 64, height: 48 };
    const sink = await VideoSink.open(at(`aborted${to}`), { timeBase: { num: 1, den: 10 } }, size);
    await sink.write({ ...size, data: new Uint8Array(64 * 48 * 3), pts: { value: 0, timeBase: { num: 1, den: 10 } } });
    await sink.abort();
    expect(readdirSync(folder).filter((name) => /frames|palette/.test(name))).toEqual([]);
  });
});

test('GIF leaves out what is faster than fifty a second, with a note', async () => {
  ffmpeg(...picture(60, 0.5), ...FFV1, at('fast.mkv'));
  const { notes } = await copyVideo(at('fast.mkv'), at('fast.gif'));
  expect(notes).toEqual(['A GIF shows at most 50 pictures a second: those between are left out.']);
  const { delay = [] } = await sharp(at('fast.gif')).metadata();
  expect(Math.min(...delay)).toBeGreaterThanOrEqual(20);
  expect(Math.abs(delay.reduce((sum, each) => sum + each, 0) - 500)).toBeLessThanOrEqual(20);
});

test('sound has no place in it', async () => {
  ffmpeg(...picture(10, 1), '-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'pcm_s16le', ...FFV1, at('sound.mkv'));
  const { notes } = await copyVideo(at('sound.mkv'), at('sound.gif'));
  expect(notes).toEqual(['.gif cannot hold audio stream 1 (pcm_s16le): it is left out.']);
  expect((await failure(copyVideo(at('sound.mkv'), at('x.gif'), { codec: 'h264' }))).code).toBe('OUTPUT_CODEC');
});

describe('an animated WebP as the source', () => {
  const made = async (name: string, delay: number[]) => {
    await sharp(uneven, { animated: true }).webp({ delay, lossless: true }).toFile(at(name));
    return at(name);
  };

  test('gives all frames with their times, and leaves no copy behind', async () => {
    const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('stylecast-webp'));
    const before = copies();
    const source = await made('moving.webp', [400, 1500, 700]);
    const { frames, notes } = await copyVideo(source, at('moving.mp4'));
    expect([frames, notes]).toEqual([3, []]);
    expect(frameTimes(at('moving.mp4'))).toEqual([0, 0.4, 1.9].map((time) => expect.closeTo(time, 3)));
    const first = await readImage(source);
    expect(meanError(rgbFrames(at('moving.mp4'))[0]!, first.frame.data)).toBeLessThan(4);
    expect(copies()).toEqual(before);
  });

  test('a part of it, as a GIF', async () => {
    const source = await made('again.webp', [400, 1500, 700]);
    await copyVideo(source, at('again.gif'), { start: 0.3 });
    expect((await sharp(at('again.gif')).metadata()).delay).toEqual([1500, 700]);
  });

  test('cut off, is no animation', async () => {
    const source = await made('whole.webp', [100, 100, 100]);
    const { promises: fs } = await import('node:fs');
    const bytes = await fs.readFile(source);
    await fs.writeFile(at('half.webp'), bytes.subarray(0, bytes.length / 2));
    expect(await failure(copyVideo(at('half.webp'), at('half.mp4')))).toMatchObject({ code: 'MEDIA_UNREADABLE' });
    expect(existsSync(at('half.mp4'))).toBe(false);
  });
});

describe('an animated picture read as one', () => {
  test.each(['gif', 'webp', 'apng'])('%s', async (kind) => {
    const path = at(`several.${kind}`);
    if (kind === 'webp') await sharp(uneven, { animated: true }).webp().toFile(path);
    else ffmpeg(...picture(2, 1.5), path);
    expect((await readImage(path)).pictures).toBe(3);
  });

  test.each(['jpg', 'png', 'webp'])('one %s', async (kind) => {
    ffmpeg(...picture(1, 1), '-frames:v', '1', ...(kind === 'webp' ? ['-c:v', 'libwebp'] : []), at(`one.${kind}`));
    expect((await readImage(at(`one.${kind}`))).pictures).toBe(1);
  });
});
