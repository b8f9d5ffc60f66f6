import { describe, expect, test } from 'vitest';
import { paddedSize } from '#src/engine/analysis/padded-size.js';
import { DEVICES, openPainter } from '#src/engine/open.js';
import type { GraphBuilder, Value } from '#src/graph/builder.js';
import { type Conventions, conv, enlarge, identity, invert, network, styleOf } from '../networks.js';
import { difference, failure, noise, painted } from '../pictures.js';

const FREE = [1, 3, 'height', 'width'] as const;
const FREE_LAST = [1, 'height', 'width', 3] as const;
const inverted = (data: Uint8Array) => data.map((level) => 255 - level);

describe('a network sees pixels as its manifest says', () => {
  const cases: readonly (Conventions & {
    readonly name: string;
    readonly net: ReturnType<typeof network>;
    readonly expected: (data: Uint8Array) => ArrayLike<number>;
    readonly levels?: number;
  })[] = [
    { name: 'identity gives every byte back', net: identity, expected: (data) => data },
    { name: 'invert', net: invert, expected: inverted },
    {
      name: '0-255 in and out',
      net: network((g, x) => g.op('Sub', [g.scalar('float32', 255), x])),
      input: { range: [0, 255] },
      output: { range: [0, 255] },
      expected: inverted,
    },
    {
      name: '0-255 in, 0-1 out',
      net: network((g, x) => g.op('Div', [x, g.scalar('float32', 517)])),
      input: { range: [0, 255] },
      expected: (data) => Array.from(data, (level) => Math.round((level * 255) / 517)),
    },
    {
      name: '-1 to 1 in and out',
      net: network((g, x) => g.op('Neg', [x])),
      input: { range: [-1, 1] },
      output: { range: [-1, 1] },
      expected: inverted,
    },
    {
      name: 'mean and standard deviation in, 0-1 out',
      net: network((g, x) => {
        const vector = (numbers: number[]) => g.constant('float32', [1, 3, 1, 1], numbers);
        const raw = g.op('Add', [g.op('Mul', [x, vector([0.229, 0.224, 0.225])]), vector([0.485, 0.456, 0.406])]);
        return g.op('Sub', [g.scalar('float32', 1), raw]);
      }),
      input: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      expected: inverted,
    },
    {
      name: 'mean and standard deviation on both sides',
      net: identity,
      input: { range: [0, 255], mean: [123.7, 116.8, 103.9], std: [58, 57, 56] },
      output: { range: [0, 255], mean: [123.7, 116.8, 103.9], std: [58, 57, 56] },
      expected: (data) => data,
    },
    {
      name: 'BGR in and out: its first channel is blue',
      net: network((g, x) => first(g, x, 1)),
      input: { channels: 'bgr' },
      output: { channels: 'bgr' },
      expected: (data) => only(data, 2),
    },
    {
      name: 'BGR in only',
      net: identity,
      input: { channels: 'bgr' },
      expected: (data) => data.map((_, i) => data[i - (i % 3) + 2 - (i % 3)]!),
    },
    {
      name: 'NHWC in and out',
      net: network((g, x) => first(g, x, 3), FREE_LAST),
      input: { layout: 'nhwc' },
      output: { layout: 'nhwc' },
      expected: (data) => only(data, 0),
    },
    {
      name: 'NHWC in, NCHW out',
      net: network((g, x) => g.op('Transpose', [x], { perm: [0, 3, 1, 2] }), FREE_LAST),
      input: { layout: 'nhwc' },
      expected: (data) => data,
    },
    {
      name: 'NCHW in, NHWC out',
      net: network((g, x) => g.op('Transpose', [x], { perm: [0, 2, 3, 1] })),
      output: { layout: 'nhwc' },
      expected: (data) => data,
    },
    {
      name: 'NHWC, BGR, mean per channel, all at once',
      net: network((g, x) => g.op('Identity', [x]), FREE_LAST),
      input: { layout: 'nhwc', channels: 'bgr', range: [0, 255], mean: [100, 110, 120] },
      output: { layout: 'nhwc', channels: 'bgr', range: [0, 255], mean: [100, 110, 120] },
      expected: (data) => data,
    },
    {
      name: 'float16 in and out',
      net: network((g, x) => g.op('Identity', [x]), FREE, 'float16'),
      input: { type: 'float16' },
      output: { type: 'float16' },
      expected: (data) => data,
    },
    {
      name: 'bytes in and out',
      net: network((g, x) => g.op('Identity', [x]), FREE, 'uint8'),
      input: { type: 'uint8' },
      output: { type: 'uint8' },
      expected: (data) => data,
    },
    {
      name: 'bytes in, fractions out',
      net: network((g, x) => g.op('Div', [g.op('Cast', [x], { to: 1 }), g.scalar('float32', 255)]), FREE_LAST, 'uint8'),
      input: { type: 'uint8', layout: 'nhwc' },
      output: { layout: 'nhwc' },
      expected: (data) => data,
    },
    {
      name: 'two pictures at a time',
      net: network((g, x) => g.op('Identity', [x]), [2, 3, 'height', 'width']),
      input: { batch: 2 },
      expected: (data) => data,
    },
    {
      name: 'results beyond black and white are clamped, not wrapped',
      net: network((g, x) => g.op('Sub', [g.op('Mul', [x, g.scalar('float32', 4)]), g.scalar('float32', 1.5)])),
      expected: (data) => Array.from(data, (v) => Math.max(0, Math.min(255, Math.floor(v * 4 - 1.5 * 255 + 0.5)))),
    },
    {
      name: 'a further input gets its default',
      net: (() => {
        const half = network((g, x) => g.op('Mul', [x, g.input('amount', 'float32', [1])]));
        return half;
      })(),
      inputs: [{ name: 'amount', dims: [1], default: 0.5 }],
      expected: (data) => Array.from(data, (level) => Math.floor(level / 2 + 0.5)),
      levels: 1,
    },
  ];

  test.for(cases)('$name', async ({ net, expected, levels = 0, ...conventions }) => {
    const [width, height] = [72, 66];
    const data = noise(width, height);
    const result = await painted(styleOf(net, conventions), data, width, height);
    expect(difference(result.data, expected(data)).max).toBeLessThanOrEqual(levels);
  });
});

/** Keeps the first channel and makes the others black. */
function first(g: GraphBuilder, x: Value, axis: 1 | 3): Value {
  return g.op('Mul', [x, g.constant('float32', axis === 1 ? [1, 3, 1, 1] : [1, 1, 1, 3], [1, 0, 0])]);
}

function only(data: Uint8Array, channel: number): Uint8Array {
  return data.map((level, i) => (i % 3 === channel ? level : 0));
}

describe('sizes', () => {
  test.for([
    [1, 1],
    [3, 5],
    [2, 130],
    [63, 64],
    [65, 67],
    [161, 91],
    [320, 180],
  ] as const)('%ix%i goes through a network of multiples of 8 unchanged', async ([width, height]) => {
    const data = noise(width, height);
    const result = await painted(styleOf(identity, { input: { multiple: 8 } }), data, width, height);
    expect([result.width, result.height]).toEqual([width, height]);
    expect(difference(result.data, data).max).toBe(0);
  });

  test('padding to the multiple reflects the picture', async () => {
    // Each result is the pixel to the right: the last column shows what was added.
    const shift = network((g, x) => {
      const padded = g.op('Pad', [x, g.ints([0, 0, 0, 0, 0, 0, 0, 1])], { mode: 'edge' });
      return g.op('Slice', [padded, g.ints([1]), g.ints([2 ** 31 - 1]), g.ints([3])]);
    });
    const [width, height] = [70, 64];
    const data = noise(width, height);
    const result = await painted(styleOf(shift, { input: { multiple: 8 } }), data, width, height);
    const at = (x: number, y: number, of: Uint8Array) => [...of.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    for (const y of [0, 31, 63]) expect(at(69, y, result.data)).toEqual(at(68, y, data));
  });

  test('a blur with strides and enlargement agrees with arithmetic', async () => {
    // Mean of each 2x2 block, repeated.
    const mean = network((g, x) => {
      const kernel = g.constant('float32', [3, 1, 2, 2], new Array(12).fill(0.25));
      return enlarge(g, g.op('Conv', [x, kernel], { strides: [2, 2], group: 3 }));
    });
    const [width, height] = [71, 67];
    const data = noise(width, height);
    const result = await painted(styleOf(mean, { input: { multiple: 2 } }), data, width, height);
    // The last column and row of 72x68 are the reflection of the one before the last.
    const level = (x: number, y: number, c: number) =>
      data[((y < height ? y : 2 * height - 2 - y) * width + (x < width ? x : 2 * width - 2 - x)) * 3 + c]!;
    const expected = Array.from(data, (_, i) => {
      const [c, x, y] = [i % 3, 2 * Math.floor((Math.floor(i / 3) % width) / 2), 2 * Math.floor(i / (6 * width))];
      return (level(x, y, c) + level(x + 1, y, c) + level(x, y + 1, c) + level(x + 1, y + 1, c)) / 4;
    });
    // What lies halfway between two bytes may become either.
    expect(difference(result.data, expected).max).toBeLessThanOrEqual(0.5);
  });

  test('a network of one size sees the picture scaled, and its result is scaled back', async () => {
    const fixed = network((g, x) => g.op('Identity', [x]), [1, 3, 96, 128]);
    const [width, height] = [64, 48];
    const flat = new Uint8Array(width * height * 3).map((_, i) => [200, 100, 30][i % 3]!);
    const style = styleOf(fixed, { input: { size: { width: 128, height: 96 } } });
    expect(difference((await painted(style, flat, width, height)).data, flat).max).toBe(0);
    // Enlarged twice and shrunk again by linear interpolation: a ramp stays a ramp.
    const ramp = new Uint8Array(width * height * 3).map((_, i) => 3 * (Math.floor(i / 3) % width));
    expect(difference((await painted(style, ramp, width, height)).data, ramp).max).toBeLessThanOrEqual(2);
  });

  test('paddedSize: at least 64, and whole multiples', () => {
    expect(paddedSize({ width: 1, height: 1 }, 8)).toEqual({ width: 64, height: 64 });
    expect(paddedSize({ width: 641, height: 361 }, 8)).toEqual({ width: 648, height: 368 });
    expect(paddedSize({ width: 641, height: 361 }, 1)).toEqual({ width: 641, height: 361 });
    expect(paddedSize({ width: 20, height: 100 }, 24)).toEqual({ width: 72, height: 120 });
  });
});

describe('networks that cannot run', () => {
  const size = { width: 64, height: 64 };
  const open = (style: ReturnType<typeof styleOf>) => failure(openPainter(style, size, { threads: 1 }));

  test('a result of another size', async () => {
    const half = network((g, x) => conv(g, x, 3, { stride: 2 }));
    expect(await open(styleOf(half))).toEqual({
      code: 'ENGINE_OUTPUT',
      message: 'The network gives [1, 3, 32, 32] for a picture of 64x64; expected [1, 3, 64, 64].',
      hint: 'Its manifest may have the wrong output, layout or multiple, or it is not a style network.',
    });
  });

  test('a result of other channels', async () => {
    const gray = network((g, x) => conv(g, x, 1));
    expect(await open(styleOf(gray))).toMatchObject({
      code: 'ENGINE_OUTPUT',
      message: 'The network gives [1, 1, 64, 64] for a picture of 64x64; expected [1, 3, 64, 64].',
    });
  });

  test('an input of other channels', async () => {
    const four = network(
      (g, x) => g.op('Slice', [x, g.ints([0]), g.ints([3]), g.ints([1])]),
      [1, 4, 'height', 'width'],
    );
    expect(await open(styleOf(four))).toEqual({
      code: 'ENGINE_INPUT',
      message: 'The network takes [1, 4, height, width]; by its manifest it would get [1, 3, 64, 64].',
      hint: 'Correct layout, size or batch of the input in its manifest.',
    });
  });

  test('an input of one size that the manifest does not mention', async () => {
    const fixed = network((g, x) => g.op('Identity', [x]), [1, 3, 224, 224]);
    expect(await open(styleOf(fixed))).toMatchObject({
      code: 'ENGINE_INPUT',
      message: 'The network takes [1, 3, 224, 224]; by its manifest it would get [1, 3, 64, 64].',
    });
  });

  test('an input of another type', async () => {
    const bytes = network((g, x) => g.op('Cast', [x], { to: 1 }), FREE, 'uint8');
    expect(await open(styleOf(bytes))).toMatchObject({ code: 'GRAPH_INPUTS' });
  });

  test('names that the model does not have', async () => {
    expect(await open(styleOf(identity, { input: { name: 'picture' } }))).toEqual({
      code: 'ENGINE_INPUT',
      message: 'The network has no input "picture"; expected "image".',
      hint: 'Correct the names of the inputs in its manifest.',
    });
    expect(await open(styleOf(identity, { output: { name: 'painting' } }))).toEqual({
      code: 'ENGINE_OUTPUT',
      message: 'The network has no output "painting"; expected "stylized".',
      hint: 'Correct the name of the output in its manifest.',
    });
    const mask = network((g, x) => g.op('Mul', [x, g.input('mask', 'float32', [1])]));
    expect(await open(styleOf(mask))).toMatchObject({
      code: 'ENGINE_INPUT',
      message: 'The network takes "mask" besides the picture; its manifest has only "image".',
    });
  });

  test('a recurrent state without an input', async () => {
    const style = styleOf(identity, {
      inputs: [{ name: 'memory', dims: [1] }],
      state: [{ input: 'memory', output: 'remembered' }],
    });
    expect(await open(style)).toEqual({
      code: 'ENGINE_INPUT',
      message: 'The network has no input "memory"; expected "image".',
      hint: 'Correct the names of the inputs in its manifest.',
    });
  });

  test('a device that does not exist, and one that is not here', async () => {
    const device = 'abacus' as 'cpu';
    expect(await failure(openPainter(styleOf(identity), size, { device }))).toEqual({
      code: 'DEVICE_UNKNOWN',
      message: `There is no device "abacus"; expected ${DEVICES.join(', ')}.`,
      hint: 'Use --device auto.',
    });
    const [other, needs] =
      process.platform === 'win32' ? (['coreml', 'macOS'] as const) : (['directml', 'Windows'] as const);
    expect(await failure(openPainter(styleOf(identity), size, { device: other }))).toEqual({
      code: 'ENGINE_DEVICE',
      message: `The device ${other} does not work here: it needs ${needs}.`,
      hint: 'Use --device auto; "stylecast doctor" says what there is.',
    });
  });
});
