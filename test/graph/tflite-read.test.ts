import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { toHalf } from '#src/graph/elements.js';
import { readTflite } from '#src/graph/tflite-read.js';
import { run } from './run.js';
import { type MadeOperator, type MadeTensor, tfliteFile } from './tflite-file.js';

type Nhwc = { dims: number[]; data: Float32Array };

const filled = (dims: number[], phase = 0): Nhwc => {
  const count = dims.reduce((a, b) => a * b, 1);
  return { dims, data: Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + phase) * 3) };
};

/** Element of an NHWC tensor; nought outside, as zero padding has it. */
const at = ({ dims: [, h, w, c], data }: Nhwc, y: number, x: number, k: number) =>
  y < 0 || x < 0 || y >= h! || x >= w! ? 0 : data[(y * w! + x) * c! + k]!;

/** Runs a file of one operation, and turns the result into NHWC. */
async function result(input: Nhwc, others: readonly MadeTensor[], operator: Omit<MadeOperator, 'inputs' | 'output'>) {
  const output = others.length + 1;
  const inputs = Array.from({ length: output }, (_, index) => index);
  const tensors = [{ dims: input.dims }, ...others, { dims: [] }];
  const model = readTflite(tfliteFile(tensors, [{ ...operator, inputs, output }]));
  const [, h, w, c] = input.dims as [number, number, number, number];
  const planar = Float32Array.from({ length: input.data.length }, (_, i) => {
    const [k, pixel] = [Math.floor(i / (h * w)), i % (h * w)];
    return input.data[pixel * c + k]!;
  });
  const answers = await run(model, { t0: { type: 'float32', dims: [1, c, h, w], data: planar } });
  const answer = answers[`t${output}`]!;
  const [, oc, oh, ow] = answer.dims as [number, number, number, number];
  const data = answer.data as Float32Array;
  const value = (y: number, x: number, k: number) => data[(k * oh + y) * ow + x]!;
  return { dims: [1, oh, ow, oc], value };
}

/** Compares every element with what a function says it is. */
function expectAll(
  got: Awaited<ReturnType<typeof result>>,
  dims: number[],
  f: (y: number, x: number, k: number) => number,
) {
  expect(got.dims).toEqual(dims);
  const [, h, w, c] = dims as [number, number, number, number];
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) for (let k = 0; k < c; k++) expect(got.value(y, x, k)).toBeCloseTo(f(y, x, k), 4);
  }
}

const sum = (rows: number, columns: number, f: (y: number, x: number) => number) => {
  let total = 0;
  for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) total += f(y, x);
  return total;
};

describe('every operation, against what it means, pixel by pixel', () => {
  const x = filled([1, 5, 6, 2]);

  test.for([
    [14, (v: number) => 1 / (1 + Math.exp(-v))],
    [19, (v: number) => Math.max(0, v)],
    [117, (v: number) => (v * Math.min(6, Math.max(0, v + 3))) / 6],
  ] as const)('operation %i of one value', async ([op, f]) => {
    expectAll(await result(x, [], { op }), x.dims, (y, c, k) => f(at(x, y, c, k)));
  });

  test.for([
    [0, (v: number) => v],
    [1, (v: number) => Math.max(0, v)],
    [2, (v: number) => Math.min(1, Math.max(-1, v))],
    [3, (v: number) => Math.min(6, Math.max(0, v))],
    [4, Math.tanh],
  ] as const)('AVERAGE_POOL_2D of 2x3 without padding, activation %i', async ([activation, f]) => {
    const options = [
      [0, 1, 1],
      [1, 4, 3],
      [2, 4, 2],
      [3, 4, 3],
      [4, 4, 2],
      [5, 1, activation],
    ] as const;
    const got = await result(x, [], { op: 1, options });
    expectAll(got, [1, 2, 2, 2], (y, c, k) => f(sum(2, 3, (dy, dx) => at(x, 2 * y + dy, 3 * c + dx, k)) / 6));
  });

  test('MEAN over rows and columns', async () => {
    const got = await result(x, [{ dims: [2], data: Int32Array.of(1, 2) }], { op: 40, options: [[0, 1, 1]] });
    expectAll(got, [1, 1, 1, 2], (_, __, k) => sum(5, 6, (y, c) => at(x, y, c, k)) / 30);
  });

  test('CONV_2D with stride 2x1: what padding is odd goes to the end', async () => {
    const weights = filled([3, 3, 2, 2], 1);
    const bias = { dims: [3], data: Float32Array.of(0.5, -1, 2) };
    // Rows: 5 by 2 are 3, padded by 1 and 1; columns: 6 by 1, a kernel of 2, padded by 0 and 1.
    const got = await result(x, [weights, bias], {
      op: 3,
      options: [
        [1, 4, 1],
        [2, 4, 2],
        [3, 1, 1],
      ],
    });
    const w = (o: number, dy: number, dx: number, k: number) => weights.data[((o * 3 + dy) * 2 + dx) * 2 + k]!;
    expectAll(got, [1, 3, 6, 3], (y, c, o) => {
      const tap = (k: number) => sum(3, 2, (dy, dx) => w(o, dy, dx, k) * at(x, 2 * y + dy - 1, c + dx, k));
      return Math.max(0, bias.data[o]! + tap(0) + tap(1));
    });
  });

  test('DEPTHWISE_CONV_2D with two results a channel', async () => {
    const weights = filled([1, 3, 3, 4], 2);
    const got = await result(x, [weights, { dims: [4], data: new Float32Array(4) }], {
      op: 4,
      options: [
        [1, 4, 2],
        [2, 4, 2],
        [3, 4, 2],
      ],
    });
    // 5 rows by 2 are 3, padded by 1 and 1; 6 columns by 2 are 3, padded by 0 and 1.
    expectAll(got, [1, 3, 3, 4], (y, c, o) =>
      sum(3, 3, (dy, dx) => weights.data[(dy * 3 + dx) * 4 + o]! * at(x, 2 * y + dy - 1, 2 * c + dx, o >> 1)),
    );
  });

  test('ADD and MUL of two values, one of them a mean', async () => {
    const tensors = [
      { dims: x.dims },
      { dims: [2], data: Int32Array.of(1, 2) },
      { dims: [] },
      { dims: [] },
      { dims: [] },
    ];
    const file = tfliteFile(tensors, [
      { op: 40, inputs: [0, 1], output: 2, options: [[0, 1, 1]] },
      { op: 18, inputs: [0, 2], output: 3 },
      { op: 0, inputs: [3, 0], output: 4, options: [[0, 1, 3]] },
    ]);
    const planar = Float32Array.from({ length: 60 }, (_, i) => x.data[(i % 30) * 2 + Math.floor(i / 30)]!);
    const { t4 } = await run(readTflite(file), { t0: { type: 'float32', dims: [1, 2, 5, 6], data: planar } });
    for (let i = 0; i < 60; i++) {
      const k = Math.floor(i / 30);
      const mean = sum(5, 6, (y, c) => at(x, y, c, k)) / 30;
      expect(t4!.data[i]).toBeCloseTo(Math.min(6, Math.max(0, planar[i]! * (1 + mean))), 4);
    }
  });

  test.for([
    ['half_pixel_centers', 3, (c: number) => (c + 0.5) / 2 - 0.5],
    ['align_corners', 2, (c: number, from: number, to: number) => (c * (from - 1)) / (to - 1)],
    ['neither', undefined, (c: number) => c / 2],
  ] as const)('RESIZE_BILINEAR to twice the size with %s', async ([, option, source]) => {
    const size = { dims: [2], data: Int32Array.of(10, 12) };
    const got = await result(x, [size], { op: 23, options: option === undefined ? [] : [[option, 1, 1]] });
    const clamped = (y: number, c: number, k: number) =>
      at(x, Math.min(4, Math.max(0, y)), Math.min(5, Math.max(0, c)), k);
    expectAll(got, [1, 10, 12, 2], (y, c, k) => {
      const [fy, fx] = [source(y, 5, 10), source(c, 6, 12)];
      const [y0, x0] = [Math.floor(fy), Math.floor(fx)];
      const [v, u] = [fy - y0, fx - x0];
      const row = (r: number) => (1 - u) * clamped(r, x0, k) + u * clamped(r, x0 + 1, k);
      return (1 - v) * row(y0) + v * row(y0 + 1);
    });
  });

  test('Convolution2DTransposeBias, with weights of half precision', async () => {
    const weights = filled([1, 2, 2, 2], 3);
    const halves = Uint16Array.from(weights.data, toHalf);
    const tensors = [
      { dims: x.dims },
      { dims: weights.dims, data: halves },
      { dims: [1], data: Uint16Array.of(toHalf(0.25)) },
      { dims: weights.dims },
      { dims: [1] },
      { dims: [] },
    ];
    const file = tfliteFile(tensors, [
      { op: 6, inputs: [1], output: 3 },
      { op: 6, inputs: [2], output: 4 },
      { op: 'Convolution2DTransposeBias', inputs: [0, 3, 4], output: 5, custom: Int32Array.of(1, 2, 2) },
    ]);
    const planar = Float32Array.from({ length: 60 }, (_, i) => x.data[(i % 30) * 2 + Math.floor(i / 30)]!);
    const { t5 } = await run(readTflite(file), { t0: { type: 'float32', dims: [1, 2, 5, 6], data: planar } });
    expect(t5!.dims).toEqual([1, 1, 10, 12]);
    for (let y = 0; y < 10; y++) {
      for (let c = 0; c < 12; c++) {
        const tap = (k: number) => weights.data[((y % 2) * 2 + (c % 2)) * 2 + k]! * at(x, y >> 1, c >> 1, k);
        // Half precision keeps three digits.
        expect(t5!.data[y * 12 + c]).toBeCloseTo(0.25 + tap(0) + tap(1), 1);
      }
    }
  });
});

describe('the segmentation networks give what TensorFlow Lite gives', () => {
  // From tensorflow-cpu 2.21.0, reference kernels, the last two operations in NumPy: row, column, value.
  const stored = [
    [
      'selfie_segmentation.tflite',
      256,
      0.1454538,
      [
        [4, 118, 0.0294],
        [48, 255, 0.2222],
        [87, 6, 0.035],
        [136, 146, 0.4566],
        [155, 210, 0.0813],
        [189, 109, 0.6105],
        [219, 100, 0.4625],
        [255, 255, 0.4111],
      ],
    ],
    [
      'selfie_segmentation_landscape.tflite',
      144,
      0.0031204561,
      [
        [84, 180, 0.0612],
        [89, 190, 0.2429],
        [103, 144, 0.0237],
        [136, 97, 0.1757],
        [137, 125, 0.17],
        [140, 98, 0.1929],
        [142, 108, 0.1005],
        [143, 160, 0.0256],
      ],
    ],
  ] as const;

  test.for(stored)('%s', async ([file, height, mean, points]) => {
    const path = createRequire(import.meta.url).resolve(`@mediapipe/selfie_segmentation/${file}`);
    const model = readTflite(readFileSync(path));
    const count = 256 * height;
    const data = new Float32Array(3 * count);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < 256; x++) {
        data[y * 256 + x] = 0.5 + 0.5 * Math.sin(x / 17 + y / 23);
        data[count + y * 256 + x] = 0.5 + 0.5 * Math.cos(x / 29 - y / 11);
        data[2 * count + y * 256 + x] = 0.5 + 0.5 * Math.sin((x * y) / 4000);
      }
    }
    const answers = await run(model, { input_1: { type: 'float32', dims: [1, 3, height, 256], data } });
    const [mask] = Object.values(answers);
    expect(mask!.dims).toEqual([1, 1, height, 256]);
    const values = mask!.data as Float32Array;
    expect(values.reduce((a, b) => a + b) / count).toBeCloseTo(mean, 4);
    for (const [y, x, value] of points) expect(values[y * 256 + x]).toBeCloseTo(value, 3);
  });
});

describe('what is no such file, or another network, is refused', () => {
  const refusal = (bytes: Uint8Array) => {
    try {
      readTflite(bytes);
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { code, message };
    }
    return undefined;
  };

  test('text, nothing, and a file cut off anywhere', () => {
    for (const bytes of [new Uint8Array(0), Buffer.from('not a network at all')]) {
      expect(refusal(bytes)?.code).toBe('GRAPH_NOT_TFLITE');
    }
    const whole = tfliteFile([{ dims: [1, 4, 4, 2] }, { dims: [] }], [{ op: 19, inputs: [0], output: 1 }]);
    expect(refusal(whole)).toBeUndefined();
    for (let length = 0; length < whole.length; length += 7) {
      expect(refusal(whole.slice(0, length))?.code).toMatch(/^GRAPH_(NOT_TFLITE|UNSUPPORTED)$/);
    }
  });

  test('operations that are not known are named', () => {
    const tensors = [{ dims: [1, 4, 4, 2] }, { dims: [] }];
    expect(refusal(tfliteFile(tensors, [{ op: 25, inputs: [0], output: 1 }]))).toEqual({
      code: 'GRAPH_UNSUPPORTED',
      message: expect.stringMatching(/^TensorFlow Lite: operation 25 is not supported; expected 0, 1, 3, 4, /),
    });
    expect(refusal(tfliteFile(tensors, [{ op: 'Strange', inputs: [0], output: 1 }]))?.message).toMatch(
      'operation Strange',
    );
  });
});
