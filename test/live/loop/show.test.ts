import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import { LivePainter } from '#src/engine/painter/live-painter.js';
import { LiveShow, type ShowOptions } from '#src/live/loop/show.js';
import { Gallery } from '#src/live/settings/gallery/gallery.js';
import { DEFAULT_SETTINGS } from '#src/live/settings/table.js';
import type { LiveFrame, LiveSettings } from '#src/live/show/types.js';
import { saveStyle } from '#src/model/save.js';
import { checksum } from '#src/model/style.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { manyStyles } from '../../fixtures/many-styles.js';
import { preset } from '../../fixtures/networks.js';
import { meanError } from '../../fixtures/readback.js';
import { FrameFeed } from '../frames.js';

const folder = freshFolder();
process.env.STYLECAST_HOME = folder;
const presets = join(folder, 'presets');
preset(presets, 'identity');
preset(presets, 'negative');
// One whose network is damaged, and one whose network is none.
for (const [name, text] of [
  ['damaged', undefined],
  ['text', 'no network'],
] as const) {
  renameSync(preset(join(folder, 'other'), 'negative'), join(presets, name));
  const manifest = JSON.parse(readFileSync(join(presets, name, 'preset.json'), 'utf8'));
  if (text) manifest.model = { ...manifest.model, bytes: text.length, sha256: checksum(Buffer.from(text)) };
  writeFileSync(join(presets, name, 'model.onnx'), text ?? 'damage');
  writeFileSync(join(presets, name, 'preset.json'), JSON.stringify({ ...manifest, name }));
}
const SIZE = { width: 320, height: 180 };
/** A picture that is one colour: what a frame became of can be told from it alone. */
const PLAIN = `color=c=0x204060:size=${SIZE.width}x${SIZE.height}:rate=25`;
/** The same with something that moves in it, away from the corners. */
const MOVING = `${PLAIN}[plain];testsrc2=size=64x64:rate=25[moving];[plain][moving]overlay=x=200:y=60`;

let ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

interface Started {
  readonly show: LiveShow;
  readonly gallery: Gallery;
  readonly feed: FrameFeed;
  readonly frames: LiveFrame[];
  readonly notes: string[];
  readonly painter: LivePainter;
  readonly running: Promise<void>;
  /** Waits for the next frame that fulfils a condition. */
  readonly until: (test: (frame: LiveFrame) => boolean) => Promise<LiveFrame>;
}

/** A show over real frames, a real painter and presets that are made here. */
async function start(settings: Partial<LiveSettings>, options: { graph?: string } & Pick<ShowOptions, 'mask'> = {}) {
  const feed = new FrameFeed(SIZE, 25, options.graph);
  const painter = await LivePainter.open({ picture: SIZE, threads: 1 });
  const gallery = await Gallery.open();
  const notes: string[] = [];
  const opening = LiveShow.open({
    source: feed,
    mask: options.mask,
    painter,
    gallery,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    fps: 25,
    threads: 1,
    onNote: (note) => notes.push(note),
  });
  const show = await opening.catch(async (error) => {
    feed.close();
    await painter.close();
    throw error;
  });
  const frames: LiveFrame[] = [];
  show.onFrame((frame) => frames.push(frame));
  const running = show.run();
  ends.push(async () => {
    show.close();
    feed.close();
    await running;
    await painter.close();
  });
  const until = async (condition: (frame: LiveFrame) => boolean) => {
    const from = frames.length;
    await expect.poll(() => frames.slice(from).some(condition), { interval: 10 }).toBe(true);
    return frames.slice(from).find(condition)!;
  };
  const result: Started = { show, gallery, feed, frames, notes, painter, running, until };
  return result;
}

const red = (frame: LiveFrame) => frame.data[0]!;
const isRed = (value: number) => (frame: LiveFrame) => Math.abs(red(frame) - value) <= 2;
const SOURCE = 0x20;
const NEGATIVE = 255 - SOURCE;

describe('frames', () => {
  test('are painted, in order, with sequence numbers, times and size', async () => {
    const { show, frames, until } = await start({ style: 'negative' }, { graph: PLAIN });
    await until(() => frames.length >= 20);
    for (const [i, frame] of frames.entries()) {
      expect(frame).toMatchObject({ ...SIZE, channels: 3 });
      expect(red(frame)).toBeCloseTo(NEGATIVE, -1);
      const before = frames[i - 1];
      if (!before) continue;
      expect(frame.sequence).toBeGreaterThan(before.sequence);
      expect(frame.pts).toBeGreaterThan(before.pts);
      expect(frame.capturedAt).toBeGreaterThan(before.capturedAt);
    }
    expect(show.newest).toBe(frames.at(-1));
  });

  test('are those of the source without a style', async () => {
    const { until } = await start({ style: null });
    const frame = await until((one) => one.sequence > 0);
    expect(frame.data).toHaveLength(SIZE.width * SIZE.height * 3);
  });

  test('are no longer sent to a removed listener', async () => {
    const { show, until, frames } = await start({ style: null });
    let heard = 0;
    const stop = show.onFrame(() => heard++);
    await until(() => heard > 0);
    stop();
    const then = heard;
    await until(() => frames.length > 5);
    expect(heard).toBe(then);
  });
});

describe('settings', () => {
  test('a style fades into another, without a frame missing between', async () => {
    const { show, frames, until } = await start({ style: 'identity' }, { graph: PLAIN });
    await until(isRed(SOURCE));
    expect(await show.change({ style: 'negative' })).toMatchObject({ style: 'negative' });
    await until(isRed(NEGATIVE));
    const levels = frames.map(red);
    const between = levels.filter((level) => level > SOURCE + 5 && level < NEGATIVE - 5);
    expect(between.length).toBeGreaterThanOrEqual(1);
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
  });

  test('the old style is unloaded after the fade', async () => {
    const { show, until } = await start({ style: 'identity' }, { graph: PLAIN });
    await show.change({ style: 'negative' });
    await until(isRed(NEGATIVE));
    await wait(700);
    // Loaded anew, it still can be shown.
    await show.change({ style: 'identity' });
    await until(isRed(SOURCE));
  });

  test('two styles are blended', async () => {
    const { show, until } = await start({ style: 'identity', second: 'negative', blend: 0.25 }, { graph: PLAIN });
    await until(isRed(0.75 * SOURCE + 0.25 * NEGATIVE));
    await show.change({ blend: 1 });
    await until(isRed(NEGATIVE));
    await show.change({ second: null });
    await until(isRed(SOURCE));
  });

  test('a second style comes in to be seen, and goes at 0 %', async () => {
    const { show, until } = await start({ style: 'identity' }, { graph: PLAIN });
    expect(await show.change({ second: 'negative' })).toMatchObject({ second: 'negative', blend: 0.5 });
    await until(isRed(127));
    expect(await show.change({ blend: 0 })).toMatchObject({ second: null, blend: 0 });
    await until(isRed(SOURCE));
  });

  test.for([
    ['blended', { second: 'negative', blend: 1 }],
    ['outside', { style: 'identity', outside: 'negative', mask: 'picture' }],
    ['on its way', { style: 'negative' }],
  ] as const)('as it is shows the source within a frame: %s', async ([, settings]) => {
    const mask = new Uint8Array(SIZE.width * SIZE.height * 3);
    const at = async () => mask;
    const { show, frames, until } = await start({ style: 'negative', ...settings }, { graph: PLAIN, mask: { at } });
    await until(isRed(NEGATIVE));
    const from = frames.length;
    await show.change({ style: null });
    await until(() => true);
    expect(red(frames[from]!)).toBe(SOURCE);
    // And back, to what was there.
    await show.change({
      style: settings === undefined ? null : ((settings as { style?: string }).style ?? 'negative'),
    });
    await until(isRed(NEGATIVE));
  });

  test('as it is shows the source also while paused, and stands still then', async () => {
    const { show, until } = await start({ style: 'negative' }, { graph: PLAIN });
    await until(isRed(NEGATIVE));
    await show.change({ paused: true });
    await until(isRed(NEGATIVE));
    await show.change({ style: null });
    const still = await until(isRed(SOURCE));
    expect((await until((frame) => frame.pts > still.pts + 0.2)).data).toBe(still.data);
  });

  test('strength, no style, and the way back', async () => {
    const { show, until } = await start({ style: 'negative' }, { graph: PLAIN });
    await show.change({ strength: 0.5 });
    await until(isRed(127));
    await show.change({ style: null, strength: 1 });
    await until(isRed(SOURCE));
    await show.change({ style: 'negative' });
    await until(isRed(NEGATIVE));
  });

  test('mirror and cut-out', async () => {
    const left = `${PLAIN},drawbox=x=0:y=0:w=${SIZE.width / 2}:h=${SIZE.height}:color=white:t=fill`;
    const { show, until } = await start({ style: 'identity' }, { graph: left });
    await until((frame) => red(frame) > 200);
    await show.change({ mirror: true });
    await until((frame) => red(frame) < 60);
    await show.change({ mask: 'cutout' });
    const cut = await until((frame) => frame.channels === 4);
    expect(cut.data).toHaveLength(SIZE.width * SIZE.height * 4);
    await expect.poll(() => show.stats.latency.mask).toBeGreaterThan(0);
  });

  test('a mask that was given, with another style around it', async () => {
    const mask = new Uint8Array(SIZE.width * SIZE.height * 3).map((_, i) => ((i / 3) % SIZE.width < 100 ? 255 : 0));
    const times: number[] = [];
    const at = async (time: number) => {
      times.push(time);
      return mask;
    };
    const { show, frames, until } = await start({ style: 'negative', mask: 'picture' }, { graph: PLAIN, mask: { at } });
    const right = (frame: LiveFrame) => frame.data[200 * 3]!;
    expect(show.masks).toContain('picture');
    await until((frame) => isRed(NEGATIVE)(frame) && Math.abs(right(frame) - SOURCE) <= 2);
    await show.change({ style: 'identity', outside: 'negative' });
    await until((frame) => isRed(SOURCE)(frame) && Math.abs(right(frame) - NEGATIVE) <= 2);
    await show.change({ outside: null });
    await until((frame) => Math.abs(right(frame) - SOURCE) <= 2);
    // It is asked for in the time of the show.
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBeCloseTo(frames.at(-1)!.pts - frames[0]!.pts, 0);
  });

  test('no mask was given', async () => {
    const { show, until } = await start({ style: 'negative', outside: 'identity' }, { graph: PLAIN });
    expect(show.masks).toEqual(['none', 'person', 'background', 'cutout']);
    await expect(show.change({ mask: 'picture' })).rejects.toMatchObject({
      code: 'LIVE_MASK',
      message: 'mask is "picture", but no mask was given; expected none, person, background, cutout.',
    });
    // Without a mask there is nothing around it.
    await until(isRed(NEGATIVE));
  });

  test('a pause freezes the picture, and frames go on', async () => {
    const { show, frames, until } = await start({ style: null });
    await until(() => frames.length > 3);
    await show.change({ paused: true });
    await until(() => true);
    const from = frames.length;
    await until(() => frames.length > from + 5);
    const [first, ...rest] = frames.slice(from);
    for (const frame of rest) expect(frame.data).toBe(first!.data);
    expect(rest.at(-1)!.pts).toBeGreaterThan(first!.pts);
    await show.change({ paused: false });
    const again = await until((frame) => frame.data !== first!.data);
    expect(meanError(again.data, first!.data)).toBeGreaterThan(0);
  });

  test('listeners are notified, and concurrent changes all count', async () => {
    const { show } = await start({ style: 'identity' });
    const heard: LiveSettings[] = [];
    show.onSettings((settings) => heard.push(settings));
    await Promise.all([
      show.change({ style: 'negative', second: 'identity' }),
      show.change({ mirror: true }),
      show.change({ strength: 0.5 }),
      show.change({ blend: 0.5 }),
    ]);
    const all = { style: 'negative', second: 'identity', mirror: true, strength: 0.5, blend: 0.5 };
    expect(show.settings).toMatchObject(all);
    expect(heard).toHaveLength(4);
    expect(heard.at(-1)).toEqual(show.settings);
  });

  test('out of range they are refused, and nothing changes', async () => {
    const { show } = await start({ style: 'identity' });
    const before = show.settings;
    await expect(show.change({ strength: 2, mirror: true })).rejects.toMatchObject({ code: 'LIVE_SETTING' });
    expect(show.settings).toBe(before);
  });
});

describe('faults', () => {
  test.for([
    ['not there', 'missing', 'PRESET_UNKNOWN'],
    ['damaged', 'damaged', 'PRESET_CHECKSUM'],
    ['no network', 'text', 'GRAPH_NOT_ONNX'],
  ] as const)('a style that is %s: the old one stays, and who asked is told', async ([, name, code]) => {
    const { show, until } = await start({ style: 'negative' }, { graph: PLAIN });
    await until(isRed(NEGATIVE));
    const before = show.settings;
    await expect(show.change({ style: name })).rejects.toMatchObject({ code, hint: expect.any(String) });
    expect(show.settings).toBe(before);
    await until(isRed(NEGATIVE));
  });

  test('a network that fails while running is replaced by the source, and stays in the saved settings', async () => {
    const { show, painter, notes, until } = await start({ style: 'negative', strength: 0.5 }, { graph: MOVING });
    await until(() => true);
    await painter.unload('negative');
    await until(isRed(SOURCE));
    expect(show.settings).toMatchObject({ style: null, mask: 'none' });
    expect(show.settingsToSave).toMatchObject({ style: 'negative', strength: 0.5 });
    expect(notes).toEqual([expect.stringContaining('The picture is shown as it is.')]);
    await show.change({ mirror: true });
    expect(show.settingsToSave).toMatchObject({ style: 'negative', mirror: true });
    await show.change({ style: 'identity' });
    expect(show.settingsToSave).toEqual(show.settings);
  });

  test('a style that is broken at the start is an error', async () => {
    await expect(start({ style: 'damaged' })).rejects.toMatchObject({ code: 'PRESET_CHECKSUM' });
  });

  test('a lost source: its last picture is repeated with increasing times until it is back', async () => {
    const { feed, frames, until } = await start({ style: null });
    await until(() => frames.length > 3);
    feed.lose(true);
    await wait(300);
    const still = await until(() => true);
    await until((frame) => frame.pts > still.pts + 0.3);
    expect(frames.at(-1)!.data).toBe(still.data);
    feed.lose(false);
    await until((frame) => frame.data !== still.data);
    const sequences = frames.map(({ sequence }) => sequence);
    const times = frames.map(({ pts }) => pts);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('a source that ends, ends the show', async () => {
    const { feed, running } = await start({ style: null });
    let ended = false;
    void running.then(() => {
      ended = true;
    });
    await wait(300);
    expect(ended).toBe(false);
    feed.close();
    await running;
  });
});

test('figures once a second', async () => {
  const { show } = await start({ style: 'negative' });
  let told = 0;
  show.onStats(() => told++);
  await expect.poll(() => told).toBeGreaterThanOrEqual(2);
  const { fpsIn, fpsOut, latency, ...rest } = show.stats;
  expect(fpsIn).toBeGreaterThan(10);
  expect(fpsIn).toBeLessThan(30);
  expect(fpsOut).toBeGreaterThan(10);
  expect(latency.paint).toBeGreaterThan(0);
  expect(latency.wait).toBeGreaterThanOrEqual(0);
  expect(rest).toMatchObject({
    picture: SIZE,
    working: SIZE,
    device: 'CPU (1 thread)',
    source: 'live',
    outputs: {},
    dropped: expect.any(Number),
  });
});

test('a still scene is painted until it has settled; frames go on, a change of the look is painted', async () => {
  const { show, painter, frames, until } = await start({ style: 'negative' }, { graph: PLAIN });
  let paints = 0;
  const paint = painter.paint.bind(painter);
  painter.paint = (...given) => {
    paints++;
    return paint(...given);
  };
  await expect.poll(() => show.stats.still, { timeout: 20_000 }).toBe(true);
  const [before, { length }] = [paints, frames];
  await expect.poll(() => frames.length, { timeout: 20_000 }).toBeGreaterThan(length + 20);
  expect(paints).toBe(before);
  expect(frames.at(-1)!.data).toBe(frames.at(-2)!.data);
  expect(frames.at(-1)!.pts).toBeGreaterThan(frames.at(-2)!.pts);
  await show.change({ strength: 0.5 });
  await until(isRed((SOURCE + NEGATIVE) / 2));
  expect(paints).toBeGreaterThan(before);
});

test('what moves is painted, each frame', async () => {
  const { show, frames, until } = await start({ style: 'negative' }, { graph: MOVING });
  await until(() => frames.length > 40);
  const pictures = new Set(frames.map(({ data }) => data));
  expect(pictures.size).toBe(frames.length);
  expect(show.stats.still).toBe(false);
});

test('a lower working height keeps the size of the picture', async () => {
  const { show, until } = await start({ style: 'negative' }, { graph: PLAIN });
  await show.change({ height: 144 });
  await expect.poll(() => show.stats.working).toEqual({ width: 256, height: 144 });
  expect(await until(isRed(NEGATIVE))).toMatchObject(SIZE);
});

describe('a preset of many styles', async () => {
  const { manifest, model } = await manyStyles('many', ['wave', 'scream', 'kiss']);
  const { model: _, modulation, ...rest } = manifest;
  const [wave, ...others] = modulation!.styles;
  const styles = [{ ...wave!, thumbnail: 'wave.jpg' }, ...others];
  await saveStyle(join(presets, 'many'), { ...rest, modulation: { ...modulation!, styles } }, model);
  const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#246' } })
    .jpeg()
    .toBuffer();
  for (const file of ['wave.jpg', 'thumbnail.jpg']) writeFileSync(join(presets, 'many', file), picture);

  test('is several styles to choose from', async () => {
    const gallery = await Gallery.open();
    const cards = gallery.cards.filter(({ name }) => name.startsWith('many'));
    expect(cards.map(({ name, title }) => [name, title])).toEqual([
      ['many:wave', 'Wave'],
      ['many:scream', 'Scream'],
      ['many:kiss', 'Kiss'],
    ]);
    expect((await gallery.style('many:kiss')).name).toBe('many:kiss');
    // The picture of the preset would show another style.
    expect((await gallery.thumbnail('many:wave'))?.body).toEqual(picture);
    expect(cards.map(({ thumbnail }) => thumbnail)).toEqual(['/thumbnails/many%3Awave', undefined, undefined]);
  });

  test('cycles through its styles, and reports the current one', async () => {
    const { show } = await start({ style: 'many:kiss', drift: 0.2 });
    const seen = new Set<string | null>();
    show.onSettings(({ style }) => seen.add(style));
    await expect.poll(() => [...seen].sort()).toEqual(['many:kiss', 'many:scream', 'many:wave']);
    await show.change({ drift: 0 });
    const { style } = show.settings;
    await wait(2500);
    expect(show.settings.style).toBe(style);
  });

  test('is truncated towards the mean of its preset, and back', async () => {
    const { show, until } = await start({ style: 'many:kiss', truncation: 0 }, { graph: PLAIN });
    const { data: mean } = await until(() => true);
    await show.change({ truncation: 1 });
    const { data: own } = await until(({ data }) => meanError(data, mean) > 2);
    await show.change({ truncation: 0 });
    await until(({ data }) => meanError(data, mean) < meanError(data, own) / 2);
  });

  test('one that paints otherwise now is taken over while it is painted', async () => {
    const { gallery, until } = await start({ style: 'many:kiss' }, { graph: PLAIN });
    const { data: before } = await until(() => true);
    // As it would be learned anew: its vector is another one.
    const { vector } = modulation!.styles.find(({ name }) => name === 'scream')!;
    const anew = modulation!.styles.map((one) => (one.name === 'kiss' ? { ...one, vector } : one));
    await saveStyle(join(presets, 'many'), { ...rest, modulation: { ...modulation!, styles: anew } }, model, {
      overwrite: true,
    });
    await gallery.update('many:kiss');
    await until(({ data }) => meanError(data, before) > 2);
  });

  test('a single style is not cycled', async () => {
    const { show } = await start({ style: 'negative', drift: 0.1 });
    await wait(2500);
    expect(show.settings.style).toBe('negative');
  });
});
