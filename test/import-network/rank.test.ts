import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '#src/graph/builder.js';
import { readModel } from '#src/graph/onnx/read.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Dim, Model } from '#src/graph/types.js';
import type { BytePhotograph, PictureValues } from '#src/import-network/numbers.js';
import { type ConventionsProbe, probeConventions } from '#src/import-network/rank.js';
import { guessConventions } from '#src/model/library/guess.js';
import { ffmpeg } from '../fixtures/ffmpeg.js';

const root = join(import.meta.dirname, '../..');
const size = { width: 320, height: 176 };
const photographs = ['launch', 'basketball'].map((name): [string, BytePhotograph] => {
  const clip = join(root, 'samples', `${name}.mp4`);
  const raw = ['-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
  const data = ffmpeg('-v', 'error', '-ss', '3', '-i', clip, '-vf', `scale=${size.width}:${size.height}`, ...raw);
  return [name, { data, ...size }];
});

// Without norms: a network with norms paints the same whatever range it is fed with, which leaves nothing to find.
const local = readModel(readFileSync(join(root, 'test/fixtures/local-network/model.onnx')));

const paint = (g: GraphBuilder, x: Value) =>
  g.embed(local, { image: x }, { stylized: { type: 'float32', dims: x.dims } }).stylized!;
const scaled = (g: GraphBuilder, x: Value, factor: number, offset = 0) =>
  g.op('Add', [g.op('Mul', [x, g.scalar('float32', factor)]), g.scalar('float32', offset)]);
const turned = (g: GraphBuilder, x: Value) => g.op('Gather', [x, g.ints([2, 1, 0])], { axis: 1 });
const negative = (g: GraphBuilder, x: Value, white: number) => g.op('Sub', [g.scalar('float32', white), x]);

function foreign(body: (g: GraphBuilder, x: Value) => Value, dims: readonly Dim[] = [1, 3, 'height', 'width']): Model {
  const g = new GraphBuilder('foreign');
  g.output('painted', body(g, g.input('photo', 'float32', dims)));
  return g.build();
}

async function probe(model: Model, photograph: BytePhotograph): Promise<ConventionsProbe> {
  const known = guessConventions(model);
  const session = await InferenceSession.create(writeModel(model), { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const run = async ({ dims, data }: PictureValues) => {
    const result = (await session.run({ [known.input.name]: new Tensor('float32', data, dims) }))[known.output.name]!;
    return { dims: result.dims, data: result.data as Float32Array };
  };
  try {
    return await probeConventions(known, run, photograph);
  } finally {
    await session.release();
  }
}

/** What the best reading says. */
function best({ ranked }: ConventionsProbe) {
  const [first] = ranked;
  return { in: first?.input.range, out: first?.output.range, mean: first?.input.mean };
}

describe.each(photographs)('probeConventions on the photograph %s', (_, photograph) => {
  it.each([
    ['the style network itself', local, [0, 1], [0, 1]],
    ['0 to 255', foreign((g, x) => scaled(g, paint(g, scaled(g, x, 1 / 256)), 254)), [0, 255], [0, 255]],
    ['-1 to 1', foreign((g, x) => scaled(g, paint(g, scaled(g, x, 0.5, 0.5)), 2, -1)), [-1, 1], [-1, 1]],
    ['0 to 1, read as 0 to 255', foreign((g, x) => scaled(g, paint(g, x), 254)), [0, 1], [0, 255]],
    ['blue first', foreign((g, x) => turned(g, paint(g, turned(g, x)))), [0, 1], [0, 1]],
    ['a negative', foreign((g, x) => negative(g, x, 1)), [0, 1], [0, 1]],
    ['a negative of 0 to 255', foreign((g, x) => negative(g, x, 254)), [0, 255], [0, 255]],
    ['a negative of -1 to 1', foreign((g, x) => negative(g, x, 0)), [-1, 1], [-1, 1]],
  ] as const)('finds the range: %s', async (_name, model, input, output) => {
    const result = await probe(model, photograph);
    expect(best(result)).toEqual({ in: input, out: output, mean: undefined });
    expect(result.rangeConfidence).toBeGreaterThan(0.5);
  });

  it('works with channels last and a fixed size', async () => {
    const dims = [1, size.height, size.width, 3];
    const model = foreign((g, x) => {
      const planar = g.op('Transpose', [x], { perm: [0, 3, 1, 2] });
      return g.op('Transpose', [scaled(g, paint(g, scaled(g, planar, 1 / 256)), 254)], { perm: [0, 2, 3, 1] });
    }, dims);
    const result = await probe(model, photograph);
    expect(best(result)).toEqual({ in: [0, 255], out: [0, 255], mean: undefined });
    expect(result.ranked[0]?.input).toMatchObject({ layout: 'nhwc', size });
  });

  it('keeps what the graph tells', async () => {
    const bgr = foreign((g, x) => {
      const mean = g.constant('float32', [1, 3, 1, 1], [103.939, 116.779, 123.68]);
      const raw = g.op('Add', [g.op('Sub', [x, mean]), mean]);
      return scaled(g, turned(g, paint(g, turned(g, scaled(g, raw, 1 / 255)))), 255);
    });
    const result = await probe(bgr, photograph);
    expect(result.ranked[0]?.input).toMatchObject({ range: [0, 255], channels: 'bgr' });
    expect(result).toMatchObject({ channelsConfidence: 1, sure: true });
    // Read rightly, it paints what the network inside it paints.
    const plain = await probe(local, photograph);
    expect(meanDifference(result.ranked[0]!.picture, plain.ranked[0]!.picture)).toBeLessThan(0.6);
  });

  it('offers both orders of the colours where it cannot tell', async () => {
    const model = foreign((g, x) => turned(g, paint(g, turned(g, x))));
    const { ranked, channelsConfidence, sure } = await probe(model, photograph);
    expect(ranked.slice(0, 2).map(({ input, output }) => [input.channels, output.channels])).toEqual([
      ['rgb', 'rgb'],
      ['bgr', 'bgr'],
    ]);
    expect({ channelsConfidence, sure }).toEqual({ channelsConfidence: 0.5, sure: false });
    expect(ranked[1]?.reasons.join(' ')).toContain('which order is right can be told only by how the picture looks');
    const right = await probe(local, photograph);
    expect(meanDifference(ranked[1]!.picture, right.ranked[0]!.picture)).toBe(0);
    expect(meanDifference(ranked[0]!.picture, right.ranked[0]!.picture)).toBeGreaterThan(1);
  });

  it('does not ask for the order where it makes no difference', async () => {
    const model = foreign((g, x) => negative(g, g.op('Div', [x, g.scalar('float32', 255)]), 1));
    expect(await probe(model, photograph)).toMatchObject({ channelsConfidence: 1 });
  });

  it('says in words what it saw', async () => {
    const { ranked } = await probe(local, photograph);
    expect(ranked[0]?.reasons[0]).toMatch(
      /^Fed with 0 to 1 and read as 0 to 1: 0 % of the values lie outside, \d+ % are saturated, \d+ % of the range is used, likeness to the photograph \d+ %\.$/,
    );
  });

  it.each([
    ['grey', foreign((g, x) => scaled(g, x, 0, 0.5))],
    ['not a number', foreign((g, x) => g.op('Div', [scaled(g, x, 0), scaled(g, x, 0)]))],
    ['of another kind', foreign((g, x) => g.op('ReduceMean', [x], { axes: [2, 3], keepdims: 1 }))],
  ])('finds nothing plausible in what is %s', async (_name, model) => {
    expect(await probe(model, photograph)).toMatchObject({ ranked: [], rangeConfidence: 0, sure: false });
  });
});

describe('probeConventions', () => {
  it('passes over ranges with which the network does not run', async () => {
    const known = guessConventions(local);
    const failing = async ({ dims, data }: PictureValues) => {
      if (data.some((value) => value > 1)) throw new Error('too large');
      return { dims, data };
    };
    const { ranked } = await probeConventions(known, failing, photographs[0]![1]);
    expect(new Set(ranked.map(({ input }) => String(input.range)))).toEqual(new Set(['0,1', '-1,1']));
  });
});

function meanDifference(a: BytePhotograph, b: BytePhotograph): number {
  return a.data.reduce((sum, level, i) => sum + Math.abs(level - b.data[i]!), 0) / a.data.length;
}
