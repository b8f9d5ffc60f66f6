import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Frame } from '#src/frame.js';
import { listStyles } from '#src/model/library/list.js';
import { saveStyle } from '#src/model/save.js';
import { distanceOf } from '#src/pipeline/auto/appearance.js';
import { candidatesOf, choosesStyle } from '#src/pipeline/auto/candidates.js';
import { stylizeImage } from '#src/pipeline/stylize/image.js';
import { stylizeVideo } from '#src/pipeline/stylize/video.js';
import { PICTURE, X264 } from '../../fixtures/clips.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { manyStyles } from '../../fixtures/many-styles.js';
import { preset } from '../../fixtures/networks.js';
import { frameTimes, meanError, rgbFrames } from '../../fixtures/readback.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const identity = preset(folder, 'identity');
const negative = preset(folder, 'negative');
const auto = `auto:${identity},${negative}`;
const BEST = { crf: 0, encoderPreset: 'ultrafast' } as const;

/** Two seconds of a picture, two of its negative, and the picture again for half a second; with a flash on the way. */
function scenes(name: string): string {
  const flash = "drawbox=t=fill:c=white:enable='eq(n,20)'";
  const parts = '[0:v]split=5[a][b][c][d][e];[c]negate[c2];[d]negate[d2];[e]trim=end_frame=12[e2]';
  ffmpeg(...PICTURE, '-filter_complex', `${parts};[a][b][c2][d2][e2]concat=n=5,${flash}`, ...X264, at(name));
  return at(name);
}

describe('a clip with cuts', () => {
  const input = scenes('cuts.mp4');
  const plain = rgbFrames(input);
  const expected = [
    { start: 0, style: identity },
    { start: 2, style: negative },
  ];

  test('gets the style that looks most like each scene, and keeps it to the cut', async () => {
    const said: string[] = [];
    const output = at('auto.mp4');
    const result = await stylizeVideo({ input, output, style: auto, ...BEST, onNote: (note) => said.push(note) });
    expect(result.scenes).toEqual(expected);
    expect(frameTimes(output)).toEqual(frameTimes(input));
    for (const [n, frame] of rgbFrames(output).entries()) {
      const source = plain[n]!;
      // The last half second is too short for a style of its own.
      const painted = n < 50 ? source : source.map((value) => 255 - value);
      expect(meanError(frame, painted), `frame ${n}`).toBeLessThan(3);
    }
    expect(said).toEqual([
      `The styles of 2 scenes are chosen among ${identity}, ${negative}.`,
      `Scene from 0:00.0: ${identity}.`,
      `Scene from 0:02.0: ${negative}.`,
    ]);
  });

  test('from a time on', async () => {
    const part = { input, output: at('part.mp4'), style: auto, start: 1, ...BEST };
    const { scenes, frames } = await stylizeVideo(part);
    expect(scenes).toEqual([{ start: 1, style: identity }, expected[1]]);
    expect(frames).toBe(frameTimes(input).length - 25);
  });

  test('within a mask', async () => {
    const black = { create: { width: 320, height: 180, channels: 3, background: 'black' } } as const;
    const left = await sharp({ create: { ...black.create, width: 160, background: 'white' } })
      .png()
      .toBuffer();
    writeFileSync(
      at('half.png'),
      await sharp(black)
        .composite([{ input: left, left: 0, top: 0 }])
        .png()
        .toBuffer(),
    );
    const output = at('masked.mp4');
    const { scenes } = await stylizeVideo({ input, output, style: auto, mask: at('half.png'), ...BEST });
    expect(scenes).toEqual(expected);
    const frame = rgbFrames(output)[75]!;
    const [inside, outside] = [20, 300].map((x) => (90 * 320 + x) * 3);
    expect(Math.abs(frame[inside!]! - (255 - plain[75]![inside!]!))).toBeLessThan(6);
    expect(Math.abs(frame[outside!]! - plain[75]![outside!]!)).toBeLessThan(6);
  });
});

test('a picture gets one style', async () => {
  const frame = at('frame.png');
  ffmpeg('-ss', '2.5', '-i', scenes('picture.mp4'), '-frames:v', '1', frame);
  const { notes } = await stylizeImage({ input: frame, output: at('painted.png'), style: auto });
  expect(notes).toEqual([`The style is ${negative}, chosen among ${identity}, ${negative}.`]);
});

test('what a preset looks like is its sample, else what it paints', async () => {
  const [plain, inverse] = await candidatesOf(auto);
  // The negative of the photographs is as rough as they are, and of the opposite colours.
  expect(inverse!.appearance.mean[1]! * plain!.appearance.mean[1]!).toBeLessThan(0);
  const shown = preset(at('.'), 'identity');
  const file = join(shown, 'preset.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...manifest, sample: 'sample.png' }));
  writeFileSync(
    join(shown, 'sample.png'),
    await sharp({ create: { width: 300, height: 60, channels: 3, background: '#00f' } })
      .png()
      .toBuffer(),
  );
  const [blue] = await candidatesOf(`auto:${shown}`);
  expect(blue!.appearance.mean[2]).toBeLessThan(-100);
});

test('of a network of many styles, each can be chosen', async () => {
  const { manifest, model } = await manyStyles('many', ['wave', 'scream']);
  const { model: _, ...rest } = manifest;
  // Its sample says nothing of the others.
  const { folder: many } = await saveStyle(at('many'), { ...rest, sample: 'sample.png' }, model);
  const all = await candidatesOf(`auto:${many}`);
  expect(all.map(({ name }) => name)).toEqual([`${many}:wave`, `${many}:scream`]);
  expect(distanceOf(all[0]!.appearance, all[1]!.appearance)).toBeGreaterThan(1);
  const [one] = await candidatesOf(`auto:${many}:scream`);
  expect(one).toEqual(all[1]);
});

test('auto leaves the choice among the presets there are, large ones only where they are named', async () => {
  const names = (await candidatesOf('auto')).map(({ name }) => name);
  const large = (await listStyles()).styles.filter(({ tier }) => tier === 'standard' || tier === 'fine');
  expect(large.length).toBeGreaterThan(0);
  for (const { name } of large) {
    expect(names).not.toContain(name);
    expect(await candidatesOf(`auto:${name}`)).toMatchObject([{ name }]);
  }
  expect(names).toEqual(expect.arrayContaining(['great-wave', 'painters:ink']));
  // By preset; the styles of one stay in its own order.
  const presets = names.map((name) => name.split(':')[0]);
  expect(presets).toEqual(presets.toSorted());
});

test.each([
  ['auto', true],
  ['auto:ink', true],
  ['automat', false],
  ['./auto', false],
])('%s chooses: %s', (style, chooses) => {
  expect(choosesStyle(style)).toBe(chooses);
});

test('what is wrong is said', async () => {
  const input = scenes('wrong.mp4');
  const unknown = await failure(stylizeVideo({ input, output: at('x.mp4'), style: 'auto:no-such-style' }));
  expect(unknown).toMatchObject({ name: 'PresetError', code: 'PRESET_UNKNOWN' });
  async function* frames(): AsyncGenerator<Frame> {
    yield { data: new Uint8Array(12), width: 2, height: 2, pts: { value: 0, timeBase: { num: 1, den: 25 } } };
  }
  const sink = { write: () => undefined, close: () => undefined };
  const once = await failure(stylizeVideo({ input: frames(), output: sink, style: auto }));
  expect(once.code).toBe('AUTO_ONCE');
  expect(once.message).toBe(`--style ${auto} reads the frames twice; expected a file.`);
});
