import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LivePainter, type PaintLook } from '#src/engine/painter/live-painter.js';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { chosenStyle, namedStyle } from '#src/model/blend.js';
import type { Style } from '#src/model/style.js';
import { manyStyles } from '../../fixtures/many-styles.js';
import { identity, invert, network, small, styleOf } from '../networks.js';
import { difference, failure, noise, painted, part, scene, texture } from '../pictures.js';

const [width, height] = [98, 66];
const picture = { width, height };
const look = (change: Partial<PaintLook> = {}): PaintLook => ({
  styles: [{ name: 'test', weight: 1 }],
  strength: 1,
  keepColors: false,
  mirror: false,
  mask: 'none',
  ...change,
});
const named = (style: Style, name: string): Style => ({ ...style, name });
const copy = (data: Uint8Array) => new Uint8Array(data) as Uint8Array<ArrayBuffer>;

/** Opens a painter with styles, and paints one picture for each look. */
async function live(
  styles: readonly Style[],
  data: Uint8Array,
  looks: readonly PaintLook[],
  size = picture,
  working = size,
) {
  const painter = await LivePainter.open({ picture: size, threads: 1, steady: false });
  try {
    for (const style of styles) await painter.load(style, working);
    const results: Uint8Array[] = [];
    for (const each of looks) results.push((await painter.paint(copy(data), each)).data);
    return results;
  } finally {
    await painter.close();
  }
}

/** What left and right exchanged look like, counted pixel by pixel. */
function mirrored(data: Uint8Array, wide = width): Uint8Array {
  return Uint8Array.from(data, (_, at) => {
    const [pixel, channel] = [Math.floor(at / 3), at % 3];
    const x = pixel % wide;
    return data[(pixel - x + (wide - 1 - x)) * 3 + channel]!;
  });
}

describe('one style looks as files do', () => {
  const data = scene(width, height);
  const conventions: [string, Style][] = [
    ['plain', styleOf(small(), { input: { multiple: 4 } })],
    ['statistics of the whole picture', styleOf(small('instance'), { input: { multiple: 4 } })],
    ['multiple of 32', styleOf(small(), { input: { multiple: 32 } })],
    [
      'BGR, 0 to 255, mean and deviation in, -1 to 1 out',
      styleOf(
        network((g, x) => {
          const levels = g.op('Add', [
            g.op('Mul', [x, g.constant('float32', [1, 3, 1, 1], [58, 57, 56])]),
            g.constant('float32', [1, 3, 1, 1], [103, 116, 123]),
          ]);
          const part = g.op('Mul', [levels, g.constant('float32', [1, 3, 1, 1], [1.5 / 255, 2 / 255, 1 / 255])]);
          return g.op('Sub', [part, g.scalar('float32', 1)]);
        }),
        {
          input: { channels: 'bgr', range: [0, 255], mean: [103, 116, 123], std: [58, 57, 56] },
          output: { range: [-1, 1] },
        },
      ),
    ],
    [
      'NHWC with one size',
      styleOf(
        network((g, x) => g.op('Mul', [x, g.constant('float32', [1, 1, 1, 3], [0.5, 1, 0.8])]), [1, 128, 96, 3]),
        { input: { layout: 'nhwc', size: { width: 96, height: 128 } }, output: { layout: 'nhwc' } },
      ),
    ],
  ];
  test.for(conventions)('%s', async ([, style]) => {
    const looks = [
      look(),
      look({ strength: 0.4 }),
      look({ keepColors: true }),
      look({ strength: 0.7, keepColors: true }),
    ];
    const results = await live([style], data, looks);
    for (const [at, { strength, keepColors }] of looks.entries()) {
      const file = await painted(style, data, width, height, { strength, keepColors });
      expect(difference(results[at]!, file.data).max).toBeLessThanOrEqual(1);
      expect(difference(results[at]!, data).mean).toBeGreaterThan(2);
    }
  });

  test.for([
    [1, 1],
    [33, 70],
    [101, 67],
  ] as const)('%ix%i', async ([w, h]) => {
    const odd = noise(w, h);
    const [result] = await live([styleOf(invert)], odd, [look()], { width: w, height: h });
    const inverted = odd.map((level) => 255 - level);
    expect(difference(result!, inverted).max).toBe(0);
  });
});

test('strength 0 and no style return the source, byte for byte', async () => {
  const data = noise(width, height);
  const results = await live([styleOf(invert)], data, [look({ strength: 0 }), look({ styles: [] })]);
  for (const result of results) expect(difference(result, data).max).toBe(0);
});

test('mirror exchanges left and right, of the source, of one style and of two', async () => {
  const data = noise(width, height);
  const two = [
    { name: 'test', weight: 0.25 },
    { name: 'same', weight: 0.75 },
  ];
  const styles = [styleOf(invert), named(styleOf(identity), 'same')];
  const looks = [look({ styles: [] }), look(), look({ styles: two })];
  const straight = await live(styles, data, looks);
  const turned = await live(
    styles,
    data,
    looks.map((each) => ({ ...each, mirror: true })),
  );
  straight.forEach((result, at) => {
    expect(difference(turned[at]!, mirrored(result)).max).toBe(0);
  });
});

test('two styles blend by their weights; the source has the rest', async () => {
  const data = noise(width, height);
  const dark = named(styleOf(network((g, x) => g.op('Mul', [x, g.scalar('float32', 0.2)]))), 'dark');
  const weights = [
    [0.3, 0.7],
    [0.5, 0.2],
    [0.4, 0],
  ] as const;
  const results = await live(
    [styleOf(invert), dark],
    data,
    weights.map(([a, b]) =>
      look({
        styles: [
          { name: 'test', weight: a },
          { name: 'dark', weight: b },
        ],
      }),
    ),
  );
  weights.forEach(([a, b], at) => {
    const mean = Array.from(data, (level) => (1 - a - b) * level + a * (255 - level) + b * 0.2 * level);
    expect(difference(results[at]!, mean).max).toBeLessThanOrEqual(1);
  });
});

test('a style of weight 0 need not be loaded', async () => {
  const data = noise(width, height);
  const styles = [
    { name: 'test', weight: 1 },
    { name: 'absent', weight: 0 },
  ];
  const [result] = await live([styleOf(identity)], data, [look({ styles })]);
  expect(difference(result!, data).max).toBe(0);
});

describe('working size', () => {
  test.for([
    [96, 64, 48, 32],
    [97, 65, 48, 32],
    [96, 64, 70, 45],
  ] as const)('a %ix%i picture through a network at %ix%i keeps its size and place', async ([w, h, ww, wh]) => {
    const data = scene(w, h);
    const [same] = await live(
      [styleOf(identity, { input: { multiple: 8 } })],
      data,
      [look()],
      { width: w, height: h },
      { width: ww, height: wh },
    );
    // Softer, but neither shifted nor darker: a shift by a pixel costs more than twice as much.
    expect(difference(same!, data).mean).toBeLessThan(3);
    const shifted = Uint8Array.from(data, (_, at) => data[at + 6] ?? 0);
    expect(difference(same!, shifted).mean).toBeGreaterThan(2 * difference(same!, data).mean);
  });

  test('stripes too fine for it stay as they are in the source, and make no other stripes', async () => {
    const [w, h] = [120, 80];
    const stripes = Uint8Array.from({ length: w * h * 3 }, (_, at) => (Math.floor(at / 3) % 2 ? 255 : 0));
    const [result] = await live(
      [styleOf(identity)],
      stripes,
      [look()],
      { width: w, height: h },
      { width: 84, height: 56 },
    );
    const others = Array.from(result!, (level, at) => level - 127.5 - 0.8 * (stripes[at]! - 127.5));
    const inside = others.filter((_, at) => Math.floor(at / 3) % w > 4 && Math.floor(at / 3) % w < w - 5);
    expect(Math.max(...inside) - Math.min(...inside)).toBeLessThan(40);
  });

  test('loaded again at another size, a style replaces the first', async () => {
    const painter = await LivePainter.open({ picture, threads: 1 });
    const data = noise(width, height);
    await painter.load(styleOf(identity), picture);
    expect(difference((await painter.paint(copy(data), look())).data, data).max).toBe(0);
    await painter.load(styleOf(identity), { width: 48, height: 32 });
    expect(painter.loaded).toEqual(['test']);
    expect(difference((await painter.paint(copy(data), look())).data, data).mean).toBeGreaterThan(10);
    await painter.close();
  });
});

describe('loading', () => {
  let painter: LivePainter;
  beforeAll(async () => {
    painter = await LivePainter.open({ picture, threads: 2 });
    await painter.load(styleOf(identity), picture);
  });
  afterAll(() => painter.close());

  test('does not interrupt painting: pictures come in order meanwhile, then with the new style', async () => {
    let loaded = false;
    const loading = painter.load(named(styleOf(small(), { input: { multiple: 4 } }), 'late'), picture).finally(() => {
      loaded = true;
    });
    const order: number[] = [];
    while (!loaded) {
      const at = order.length;
      const { data } = await painter.paint(new Uint8Array(width * height * 3).fill(at % 256), look());
      order.push(data[0]!);
    }
    await loading;
    expect(order.length).toBeGreaterThan(1);
    expect(order).toEqual(order.map((_, at) => at % 256));
    const late = await painter.paint(copy(noise(width, height)), look({ styles: [{ name: 'late', weight: 1 }] }));
    expect(late.data.length).toBe(width * height * 3);
    expect(late.paintMs).toBeGreaterThan(0);
  });

  test('of a broken network is refused, and the loaded style of that name is kept', async () => {
    const broken: Style = { ...styleOf(identity), model: Uint8Array.of(1, 2, 3) };
    expect((await failure(painter.load(broken, picture))).code).toBe('GRAPH_NOT_ONNX');
    const lying = styleOf(network((g, x) => g.op('ReduceMean', [x], { axes: [1], keepdims: 1 })));
    expect((await failure(painter.load(lying, picture))).code).toBe('ENGINE_OUTPUT');
    const remembers = styleOf(identity);
    const state = { ...remembers.manifest, state: [{ input: 'a', output: 'b' }] };
    expect((await failure(painter.load({ ...remembers, manifest: state }, picture))).code).toBe('ENGINE_INPUT');
    const data = noise(width, height);
    expect(difference((await painter.paint(copy(data), look())).data, data).max).toBe(0);
  });

  test('of a network that needs more memory than allowed is refused', async () => {
    const tight = await LivePainter.open({ picture, threads: 1, memory: 1000 });
    expect(await failure(tight.load(styleOf(small(), { input: { multiple: 4 } }), picture))).toMatchObject({
      code: 'ENGINE_MEMORY',
      message: expect.stringMatching(/for a picture of 98x66; expected at most 0 MiB\.$/),
    });
    await tight.close();
  });

  test('and unloading: an unloaded style cannot be used', async () => {
    await painter.load(named(styleOf(invert), 'short'), picture);
    const short = look({ styles: [{ name: 'short', weight: 1 }] });
    const asked = painter.paint(copy(noise(width, height)), short);
    await painter.unload('short');
    expect((await asked).channels).toBe(3);
    await painter.unload('short');
    expect(await failure(painter.paint(copy(noise(width, height)), short))).toMatchObject({
      code: 'ENGINE_STYLE',
      message: expect.stringContaining('The style "short" is not loaded; loaded are: "test"'),
    });
  });
});

test('a picture of another size, and painting after close, are refused', async () => {
  const painter = await LivePainter.open({ picture, threads: 1 });
  expect(await failure(painter.paint(new Uint8Array(12), look({ styles: [] })))).toEqual({
    code: 'ENGINE_SIZE',
    message: `A picture has 12 bytes; expected ${width * height * 3} for 98x66.`,
    hint: 'All pictures must have the size that the painter was opened for.',
  });
  await painter.close();
  expect((await failure(painter.paint(copy(noise(width, height)), look()))).code).toBe('ENGINE_CLOSED');
  expect((await failure(painter.load(styleOf(identity), picture))).code).toBe('ENGINE_CLOSED');
});

describe('a given mask', () => {
  const data = noise(width, height);
  const grey = Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % width) * 2);
  const styles = [named(styleOf(identity), 'plain'), named(styleOf(invert), 'test')];
  const between = (outside: Uint8Array, inside: Uint8Array) =>
    Uint8Array.from(outside, (value, i) => Math.round(value + ((inside[i]! - value) * grey[i]!) / 255));
  const inverse = data.map((value) => 255 - value);
  const within = { mask: 'picture', given: copy(grey) } as const;

  test('weights the painting by its grey levels, against the source or other styles', async () => {
    const outside = [{ name: 'test', weight: 1 }];
    const results = await live(styles, data, [
      look(within),
      look({ ...within, styles: [{ name: 'plain', weight: 1 }], outside }),
      look({ ...within, styles: [], outside }),
      look({ ...within, styles: [{ name: 'plain', weight: 1 }], outside: [{ name: 'test', weight: 0.5 }] }),
    ]);
    expect(difference(results[0]!, between(data, inverse)).max).toBeLessThanOrEqual(1);
    expect(difference(results[1]!, between(inverse, data)).max).toBeLessThanOrEqual(1);
    expect(difference(results[2]!, between(inverse, data)).max).toBeLessThanOrEqual(1);
    const half = data.map(() => 127.5);
    expect(difference(results[3]!, between(half, data)).max).toBeLessThanOrEqual(2);
  });

  test('is mirrored with the picture', async () => {
    const [, turned, back] = await live(styles, data, [look(within), look({ ...within, mirror: true }), look(within)]);
    expect(difference(turned!, mirrored(between(data, inverse))).max).toBeLessThanOrEqual(1);
    expect(difference(back!, between(data, inverse)).max).toBeLessThanOrEqual(1);
  });

  test('may change with every picture', async () => {
    const all = [0, 255, 0].map((level) => look({ mask: 'picture', given: copy(grey.map(() => level)) }));
    const [none, whole, again] = await live(styles, data, all);
    expect(difference(none!, data).max).toBe(0);
    expect(difference(whole!, inverse).max).toBeLessThanOrEqual(1);
    expect(difference(again!, data).max).toBe(0);
  });
});

describe('masks, on a basketball player', () => {
  const size = { width: 480, height: 270 };
  const pixels = size.width * size.height;
  let source: Uint8Array;
  let results: Awaited<ReturnType<LivePainter['paint']>>[];
  const modes = ['person', 'background', 'cutout'] as const;
  beforeAll(async () => {
    const { path } = await findFfmpeg();
    const from = ['-v', 'error', '-ss', '1', '-i', 'samples/basketball.mp4', '-frames:v', '1'];
    const to = ['-vf', 'scale=480:270', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
    source = execFileSync(path, [...from, ...to], { maxBuffer: 2 ** 24 });
    const painter = await LivePainter.open({ picture: size, threads: 2 });
    await painter.load(styleOf(invert), size);
    results = [];
    for (const mask of modes) results.push(await painter.paint(copy(source), look({ mask })));
    results.push(await painter.paint(copy(source), look({ styles: [], mask: 'cutout' })));
    results.push(await painter.paint(copy(source), look({ styles: [], mask: 'person' })));
    await painter.close();
  });
  const alpha = (at: number) => results[2]!.data[at * 4 + 3]!;
  const level = (result: number, at: number) => results[result]!.data[at * results[result]!.channels]!;

  test('the time of the mask is reported, and is part of the total', () => {
    for (const { maskMs, paintMs } of results.slice(0, 4)) {
      expect(maskMs).toBeGreaterThan(0);
      expect(paintMs).toBeGreaterThan(maskMs!);
    }
    expect(results[4]!.maskMs).toBeUndefined();
    expect(results.map(({ channels }) => channels)).toEqual([3, 3, 4, 4, 3]);
  });

  test('the player is inside, the sky and the court are outside', () => {
    let inside = 0;
    let outside = 0;
    for (let at = 0; at < pixels; at++) {
      if (alpha(at) > 230) inside++;
      if (alpha(at) < 25) outside++;
    }
    expect(inside / pixels).toBeGreaterThan(0.01);
    expect(outside / pixels).toBeGreaterThan(0.85);
  });

  test('person and background together are the painted picture and the source', () => {
    let worst = 0;
    let differs = 0;
    for (let at = 0; at < pixels; at++) {
      const [before, after] = [source[at * 3]!, 255 - source[at * 3]!];
      // Inverted inside, untouched outside; the other way round with the background.
      worst = Math.max(worst, Math.abs(level(0, at) + level(1, at) - before - after));
      const expected = before + (alpha(at) / 255) * (after - before);
      differs = Math.max(differs, Math.abs(level(0, at) - expected));
    }
    expect(worst).toBeLessThanOrEqual(1);
    expect(differs).toBeLessThanOrEqual(2);
  });

  test('cut out, colours are straight: not darkened by alpha', () => {
    const painting = Uint8Array.from({ length: pixels }, (_, at) => level(2, at));
    const plain = Uint8Array.from({ length: pixels }, (_, at) => level(3, at));
    const red = Array.from({ length: pixels }, (_, at) => source[at * 3]!);
    expect(difference(plain, red).max).toBe(0);
    expect(
      difference(
        painting,
        red.map((value) => 255 - value),
      ).max,
    ).toBe(0);
  });

  test('without a painting there is no mask', () => {
    expect(difference(results[4]!.data, source).max).toBe(0);
  });
});

test('the device of a style is reported; an unknown device is refused', async () => {
  const painter = await LivePainter.open({ picture, threads: 1, device: 'cpu' });
  expect(await painter.load(styleOf(identity), picture)).toEqual({ device: 'cpu', notes: [] });
  await painter.close();
  const nowhere = LivePainter.open({ picture, device: 'abacus' as 'cpu' });
  expect((await failure(nowhere)).code).toBe('DEVICE_UNKNOWN');
});

describe('styles of one network', async () => {
  const many = await manyStyles('many', ['wave', 'scream']);
  const [wave, scream] = ['wave', 'scream'].map((name) => namedStyle(many, name)) as [Style, Style];
  const data = scene(width, height);
  const weighted = (a: number, b: number, fine?: readonly [number, number]) =>
    look({
      styles: [
        { name: 'many:wave', weight: a, fine: fine?.[0] ?? a },
        { name: 'many:scream', weight: b, fine: fine?.[1] ?? b },
      ],
    });

  test('are blended by their vectors, as for files, and in the fine layers separately', async () => {
    const looks = [weighted(1, 0), weighted(0.25, 0.75), weighted(1, 0, [0, 1]), weighted(0.25, 0.25)];
    looks.push({ ...weighted(1, 0, [0, 1]), truncation: 0.4 });
    const results = await live([wave, scream], data, looks);
    const choices = [
      { blend: { wave: 1 } },
      { blend: { wave: 0.25, scream: 0.75 } },
      { blend: { wave: 1 }, fineBlend: { scream: 1 } },
    ];
    for (const [i, choice] of choices.entries()) {
      const expected = await painted(chosenStyle(many, choice), data, width, height);
      expect(difference(results[i]!, expected.data).max, `${i}`).toBeLessThanOrEqual(1);
    }
    const weaker = await painted(chosenStyle(many, { ...choices[2]!, truncation: 0.4 }), data, width, height);
    expect(difference(results[4]!, weaker.data).max).toBeLessThanOrEqual(1);
    expect(difference(results[4]!, results[2]!).mean).toBeGreaterThan(1);
    // What weights lack to 1 is the source, as with any style.
    const half = await painted(chosenStyle(many, { blend: { wave: 0.5, scream: 0.5 } }), data, width, height);
    const mean = Array.from(data, (level, i) => (level + half.data[i]!) / 2);
    expect(difference(results[3]!, mean).max).toBeLessThanOrEqual(1);
  });

  test('share a session: a second one needs only its vector, and the first can be unloaded', async () => {
    const painter = await LivePainter.open({ picture, threads: 1 });
    try {
      await painter.load(wave, picture);
      // Bytes that no session could be opened with.
      await painter.load({ ...scream, model: new Uint8Array(8) }, picture);
      await painter.unload('many:wave');
      expect(painter.loaded).toEqual(['many:scream']);
      const { data: result } = await painter.paint(copy(data), look({ styles: [{ name: 'many:scream', weight: 1 }] }));
      expect(difference(result, (await painted(scream, data, width, height)).data).max).toBeLessThanOrEqual(1);
      await painter.unload('many:scream');
      await expect(painter.load({ ...scream, model: new Uint8Array(8) }, picture)).rejects.toThrow();
    } finally {
      await painter.close();
    }
  });
});

describe('the sampling grid is aligned with camera motion', () => {
  const world = texture(240, 180);
  const size = { width: 160, height: 128 };
  const views = Array.from({ length: 4 }, (_, n) => part(world, 240, 10 + 3 * n, 20 + n, size.width, size.height));

  /** The largest change of what is painted of the scene, away from the borders. */
  async function changes(steady: boolean, mirror: boolean): Promise<number> {
    const painter = await LivePainter.open({ picture: size, threads: 1, device: 'cpu', steady });
    await painter.load(styleOf(small()), size);
    const results: Uint8Array[] = [];
    for (const data of views) results.push((await painter.paint(copy(data), look({ mirror }))).data);
    await painter.close();
    const dx = mirror ? 3 : -3;
    let most = 0;
    for (let n = 1; n < results.length; n++) {
      for (let y = 32; y < size.height - 32; y++) {
        for (let x = 32 * 3; x < (size.width - 32) * 3; x++) {
          const at = y * size.width * 3 + x;
          const moved = at + (dx - size.width) * 3;
          most = Math.max(most, Math.abs(results[n - 1]![at]! - results[n]![moved]!));
        }
      }
    }
    return most;
  }

  test.each([false, true])('mirrored: %s', async (mirror) => {
    expect(await changes(true, mirror)).toBeLessThanOrEqual(1);
    expect(await changes(false, mirror)).toBeGreaterThan(4);
  });

  test('and where the scene is still, most of the previous output is kept, unless the look changes suddenly', async () => {
    const painter = await LivePainter.open({ picture: size, threads: 1, device: 'cpu' });
    await painter.load(styleOf(small()), size);
    const frame = views[0]!;
    const noisy = frame.map((level, i) => Math.min(255, Math.max(0, level + ((i * 7919) % 23) - 11)));
    const paintings: Uint8Array[] = [];
    for (const [data, strength] of [
      [frame, 1],
      [noisy, 1],
      [noisy, 1],
      [noisy, 0.2],
    ] as const)
      paintings.push((await painter.paint(copy(data), look({ strength }))).data);
    await painter.close();
    const alone = await LivePainter.open({ picture: size, threads: 1, device: 'cpu' });
    await alone.load(styleOf(small()), size);
    const plain = (await alone.paint(copy(noisy), look())).data;
    const weak = (await alone.paint(copy(noisy), look({ strength: 0.2 }))).data;
    await alone.close();
    const away = paintings.map((painting) => difference(painting, plain).mean);
    expect(away[1]).toBeGreaterThan(0.1 * away[0]!);
    expect(away[1]).toBeLessThan(0.7 * away[0]!);
    expect(away[2]).toBeLessThan(0.7 * away[1]!);
    expect(paintings[3]).toEqual(weak);
  });
});
