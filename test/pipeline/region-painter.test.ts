import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Frame } from '#src/frame.js';
import { writeImage } from '#src/media/files/pictures/image.js';
import type { FramePainter } from '#src/pipeline/frame-painter.js';
import { RegionPainter } from '#src/pipeline/region-painter.js';
import { openStyle } from '#src/pipeline/style.js';
import { stylizeImage } from '#src/pipeline/stylize/image.js';
import { stylizeVideo } from '#src/pipeline/stylize/video.js';
import type { VideoOptions } from '#src/pipeline/stylize/video-options.js';
import { frameOf, scene } from '../engine/pictures.js';
import { failure } from '../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../fixtures/ffmpeg.js';
import { preset } from '../fixtures/networks.js';
import { frameTimes, rgbFrames } from '../fixtures/readback.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const identity = preset(folder, 'identity');
const negative = preset(folder, 'negative');
const [WIDTH, HEIGHT] = [96, 64];
const source = scene(WIDTH, HEIGHT);
const inverse = source.map((value) => 255 - value);

/** Writes a mask of one grey for each column. */
async function mask(name: string, grey: (share: number) => number, width = WIDTH, height = HEIGHT): Promise<string> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => grey((Math.floor(i / 3) % width) / width));
  await writeImage({ ...frameOf(data, width, height) }, at(name));
  return at(name);
}

/** The source as it is and inverted, mixed by the grey of each column. */
const mixed = (grey: (share: number) => number, inside: Uint8Array = inverse, outside: Uint8Array = source) =>
  Uint8Array.from(source, (_, i) => {
    const share = grey((Math.floor(i / 3) % WIDTH) / WIDTH) / 255;
    return Math.round(outside[i]! + (inside[i]! - outside[i]!) * share);
  });

/** Frames at 10 a second, from a time on, painted. */
async function painted(count: number, options: Partial<VideoOptions>, from = 0): Promise<Frame[]> {
  async function* frames() {
    for (let n = 0; n < count; n++) {
      const pts = { value: from * 10 + n, timeBase: { num: 1, den: 10 } };
      yield { ...frameOf(source, WIDTH, HEIGHT), pts };
    }
  }
  const results: Frame[] = [];
  const output = { write: (frame: Frame) => void results.push(frame), close: () => undefined };
  await stylizeVideo({ style: negative, device: 'cpu', threads: 2, ...options, input: frames(), output });
  return results;
}

function expectSame(frame: Frame | undefined, expected: Uint8Array, levels = 1) {
  expect(frame?.data).toHaveLength(expected.length);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - frame!.data[i]!)), 0);
  expect(worst).toBeLessThanOrEqual(levels);
}

const half = (share: number) => (share < 0.5 ? 255 : 0);

describe('a picture as the mask', () => {
  test('the style where it is white, the source elsewhere, every frame alike', async () => {
    const frames = await painted(3, { mask: await mask('half.png', half) });
    expect(frames.map(({ pts }) => pts.value)).toEqual([0, 1, 2]);
    for (const frame of frames) expectSame(frame, mixed(half));
  });

  test('its greys are shares', async () => {
    const ramp = (share: number) => Math.round(255 * share);
    expectSame((await painted(1, { mask: await mask('ramp.png', ramp) }))[0], mixed(ramp));
  });

  test('another style elsewhere', async () => {
    const options = { style: identity, styleOutside: await openStyle(negative), mask: await mask('two.png', half) };
    for (const frame of await painted(2, options)) expectSame(frame, mixed(half, source, inverse));
  });

  test.each([
    ['all white', 255, inverse],
    ['all black', 0, source],
  ])('%s', async (name, grey, expected) => {
    expectSame((await painted(1, { mask: await mask(`${name}.png`, () => grey) }))[0], expected);
  });

  test('beside the original', async () => {
    for (const [name, grey] of [
      ['both.png', half],
      ['both-black.png', () => 0],
    ] as const) {
      const [frame] = await painted(1, { mask: await mask(name, grey), compare: true });
      expect([frame!.width, frame!.height]).toEqual([2 * WIDTH, HEIGHT]);
      const side = (left: number) =>
        Buffer.concat(
          Array.from({ length: HEIGHT }, (_, y) =>
            Buffer.from(frame!.data.subarray((2 * y * WIDTH + left) * 3, (2 * y * WIDTH + left + WIDTH) * 3)),
          ),
        );
      expectSame(frameOf(side(0), WIDTH, HEIGHT), source, 0);
      expectSame(frameOf(side(WIDTH), WIDTH, HEIGHT), mixed(grey));
    }
  });

  test('of another size but the same shape is scaled', async () => {
    const [frame] = await painted(1, { mask: await mask('large.png', half, 4 * WIDTH, 4 * HEIGHT) });
    const [left, right] = [10, WIDTH - 10].map((x) => (20 * WIDTH + x) * 3);
    expect([...frame!.data.subarray(left, left! + 3)]).toEqual([...inverse.subarray(left, left! + 3)]);
    expect([...frame!.data.subarray(right, right! + 3)]).toEqual([...source.subarray(right, right! + 3)]);
  });

  test('of another shape is refused, with both sizes', async () => {
    const { code, message, hint } = await failure(painted(1, { mask: await mask('wide.png', half, 200, 64) }));
    expect(code).toBe('MASK_SHAPE');
    expect(message).toBe(`The mask ${at('wide.png')} has 200x64 pixels; expected the shape of 96x64.`);
    expect(hint).toContain('Crop or extend');
  });

  test('a soft edge is as wide as asked', async () => {
    const black = new Uint8Array(source.length);
    async function* frames() {
      yield frameOf(black, WIDTH, HEIGHT);
    }
    const results: Frame[] = [];
    const output = { write: (frame: Frame) => void results.push(frame), close: () => undefined };
    await stylizeVideo({
      ...{ input: frames(), output, style: negative, device: 'cpu' },
      ...{ mask: await mask('edge.png', half), maskFeather: 20 },
    });
    // White on black shows the mask itself: from nine tenths to one tenth along a row.
    const row = Array.from({ length: WIDTH }, (_, x) => results[0]!.data[(30 * WIDTH + x) * 3]!);
    const width = row.filter((grey) => grey < 0.9 * 255 && grey > 0.1 * 255).length;
    expect(Math.abs(width - 20)).toBeLessThanOrEqual(3);
    expect(row[4]).toBeGreaterThan(250);
    expect(row[WIDTH - 4]).toBeLessThan(5);
  });
});

test('a painter is not asked where its region is empty', async () => {
  const asked: string[] = [];
  const painter = (name: string): FramePainter => ({
    sessions: 1,
    paint: async (frame) => {
      asked.push(name);
      return frame;
    },
    close: async () => undefined,
  });
  const size = { width: WIDTH, height: HEIGHT };
  for (const [file, grey] of [
    ['a.png', () => 255],
    ['b.png', () => 0],
    ['c.png', half],
  ] as const) {
    const options = { mask: await mask(file, grey) };
    const parts = { options, size, shape: size, threads: 1 };
    const regions = await RegionPainter.open(painter('inside'), painter('outside'), parts);
    await regions.paint(frameOf(source, WIDTH, HEIGHT));
    await regions.close();
  }
  expect(asked).toEqual(['inside', 'outside', 'inside', 'outside']);
});

describe('a clip as the mask', () => {
  // White from the left, one quarter more every half second, then it ends.
  const columns = [0, 1, 2, 3].map((n) => `drawbox=w=${(WIDTH / 4) * n}:t=fill:c=white:enable='gte(t,${n / 2 - 0.1})'`);
  const make = (name: string) => {
    const black = `color=black:size=${WIDTH}x${HEIGHT}:rate=2:duration=2`;
    ffmpeg('-f', 'lavfi', '-i', [black, ...columns.slice(1)].join(','), '-c:v', 'png', at(name));
    return at(name);
  };
  const grey = (quarters: number) => (share: number) => (share < quarters / 4 ? 255 : 0);
  const expected = (time: number) => mixed(grey(Math.min(3, Math.floor(time * 2 + 1e-6))));

  test('runs along by time, and its last frame stays', async () => {
    const frames = await painted(25, { mask: make('steps.mov') }, 100);
    for (const [n, frame] of frames.entries()) expectSame(frame, expected(n / 10), 2);
  });

  test('of a file, in the time of the file, also where it is begun later', async () => {
    const still = at('still.png');
    writeFileSync(
      still,
      await sharp(Buffer.from(source), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .png()
        .toBuffer(),
    );
    const rgb = ['-c:v', 'png'];
    ffmpeg('-loop', '1', '-framerate', '10', '-t', '2', '-i', still, ...rgb, at('clip.mov'));
    const input = at('clip.mov');
    const common = { style: negative, mask: make('file.mov'), crf: 0, encoderPreset: 'ultrafast' } as const;
    await stylizeVideo({ input, output: at('whole.mp4'), ...common });
    await stylizeVideo({ input, output: at('part.mp4'), ...common, start: 1 });
    expect(frameTimes(at('whole.mp4'))).toHaveLength(20);
    const whole = rgbFrames(at('whole.mp4'));
    const part = rgbFrames(at('part.mp4'));
    const off = (frame: Buffer, target: Uint8Array) =>
      target.reduce((sum, value, i) => sum + Math.abs(value - frame[i]!), 0) / target.length;
    for (const [n, frame] of whole.entries()) expect(off(frame, expected(n / 10))).toBeLessThan(4);
    for (const [n, frame] of part.entries()) expect(off(frame, expected(1 + n / 10))).toBeLessThan(4);
  });
});

describe('a person as the mask', () => {
  const portrait = new URL('../../presets/photographs/portrait.jpg', import.meta.url).pathname;
  const paint = (mask: string, more = {}) =>
    stylizeImage({
      input: portrait,
      output: at(`${mask}.png`),
      style: negative,
      height: 180,
      overwrite: true,
      mask,
      ...more,
    });
  const read = (path: string) => sharp(path).removeAlpha().raw().toBuffer();

  test('is painted, or all else is, or each with a style of its own', async () => {
    const { width, height } = await paint('person');
    const plain = await sharp(portrait).resize(width, height, { fit: 'fill' }).removeAlpha().raw().toBuffer();
    await paint('background');
    const [person, background] = [await read(at('person.png')), await read(at('background.png'))];
    const changed = (data: Buffer, x: number, y: number) =>
      Math.abs(
        data[(Math.round(y * height) * width + Math.round(x * width)) * 3 + 1]! -
          plain[(Math.round(y * height) * width + Math.round(x * width)) * 3 + 1]!,
      );
    // The two add up to the negative: what one leaves as it is, the other inverts.
    let off = 0;
    for (const i of plain.keys()) off += Math.abs(person[i]! + background[i]! - 255);
    expect(off / plain.length).toBeLessThan(3);
    expect(changed(person, 0.5, 0.4)).toBeGreaterThan(20);
    expect(changed(background, 0.5, 0.4)).toBeLessThan(5);
    await paint('person', { styleOutside: negative });
    const all = await read(at('person.png'));
    expect(plain.reduce((sum, value, i) => sum + Math.abs(255 - value - all[i]!), 0) / plain.length).toBeLessThan(3);
  });

  test('needs no further softness', async () => {
    const { code, message } = await failure(paint('person', { maskFeather: 4 }));
    expect(code).toBe('MASK_FEATHER');
    expect(message).toBe('--mask-feather is given for "person", whose edges are soft already.');
  });
});

describe('what is wrong is said', () => {
  test.each([
    [
      'a style outside of nothing',
      { styleOutside: identity },
      'MASK_MISSING',
      '--style-outside is given without --mask; expected both.',
    ],
    ['a feather alone', { maskFeather: 3 }, 'MASK_MISSING', '--mask-feather is given without --mask; expected both.'],
    [
      'too soft',
      { mask: 'x.png', maskFeather: -1 },
      'MASK_FEATHER',
      'mask-feather is -1; expected pixels from 0 to 500.',
    ],
    [
      'for live pictures',
      { mask: 'cutout' },
      'MASK_LIVE',
      'mask is "cutout"; expected a picture, a clip, person or background.',
    ],
    ['no such mask', { mask: at('none.png') }, 'MEDIA_NOT_FOUND', `${at('none.png')} does not exist.`],
  ])('%s', async (_, options, code, message) => {
    expect(await failure(painted(1, options))).toMatchObject({ code, message });
  });
});
