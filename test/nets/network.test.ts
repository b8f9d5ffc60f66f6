import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Model } from '#src/graph/types.js';
import { type Building, upsamplePatches } from '#src/nets/layers.js';
import { styleNetwork } from '#src/nets/network.js';
import { FixedParameters, initialParameters, partOf, TrainedParameters } from '#src/nets/parameters/parameters.js';
import { Random } from '#src/nets/parameters/random.js';
import { TIERS, type TierName } from '#src/nets/tiers.js';
import { foldNorms } from '#src/train/run/freeze.js';
import { exportNetwork } from '#src/train/weights/export.js';
import { numbers, run } from '../graph/run.js';
import { waves } from '../reference/wave.js';

const tier = { channels: [4, 6, 8], blocks: 1 } as const;

function build(norm: 'live' | 'folded', make: (net: Building, b: GraphBuilder) => void) {
  const b = new GraphBuilder();
  const parameters = new TrainedParameters(b);
  make({ b, parameters, norm, seen: new Map() }, b);
  return { model: b.build(), list: parameters.list };
}

function whole(norm: 'live' | 'folded', dims: number[]) {
  return build(norm, (net, b) => b.output('y', styleNetwork(net, b.input('x', 'float32', dims), tier).picture));
}

/** Parameters that are all different from their start, so that nothing is hidden by zeros. */
const unlike = (count: number) => waves(count, 0.3, 0.3, 0.1);

async function compute(model: Model, vector: Float32Array, x: Float32Array, dims: number[]) {
  const got = await run(model, {
    x: tensor('float32', dims, x),
    parameters: tensor('float32', [vector.length], vector),
  });
  return numbers(got.y!);
}

describe('a painted patch', () => {
  it('gives a constant for a constant, whatever is learned: there is no grid', async () => {
    const { model, list } = build('folded', (net, b) =>
      b.output('y', upsamplePatches(net, 'paint', b.input('x', 'float32', [1, 5, 6, 6]), 3, 2)),
    );
    const size = list.reduce((sum, each) => sum + each.size, 0);
    const x = Float32Array.from({ length: 180 }, (_, i) => Math.floor(i / 36) - 1.5);
    const y = await compute(model, unlike(size), x, [1, 5, 6, 6]);
    for (let channel = 0; channel < 3; channel++) {
      const inner = y.slice(channel * 64, channel * 64 + 64);
      expect(Math.max(...inner) - Math.min(...inner)).toBeLessThan(1e-5);
      expect(Math.abs(inner[0]!)).toBeGreaterThan(0.01);
    }
  });
});

describe('the style network', () => {
  const dims = [1, 3, 40, 48];
  const image = (phase: number) => waves(3 * 40 * 48, phase, 0.4, 0.5);

  it('computes the same when its norms are folded with the statistics of the picture', async () => {
    const b = new GraphBuilder();
    const parameters = new TrainedParameters(b);
    const net: Building = { b, parameters, norm: 'live', seen: new Map() };
    b.output('y', styleNetwork(net, b.input('x', 'float32', dims), tier).picture);
    for (const [layer, value] of net.seen) b.output(layer, value);
    const live = unlike(parameters.size);
    const got = await run(b.build(), {
      x: tensor('float32', dims, image(0)),
      parameters: tensor('float32', [live.length], live),
    });
    const statistics = new Map(
      [...net.seen].map(([layer, { dims: shape }]: [string, Value]) => {
        const [channels, pixels] = [Number(shape[1]), Number(shape[2]) * Number(shape[3])];
        const values = numbers(got[layer]!);
        const of = Array.from({ length: channels }, (_, c) => values.slice(c * pixels, (c + 1) * pixels));
        const mean = of.map((plane) => plane.reduce((a, v) => a + v, 0) / pixels);
        const variance = of.map((plane, c) => plane.reduce((a, v) => a + (v - mean[c]!) ** 2, 0) / pixels);
        return [layer, { mean, variance }];
      }),
    );
    const plain = whole('folded', dims);
    const y = await compute(plain.model, foldNorms(parameters.list, live, plain.list, statistics), image(0), dims);
    const expected = numbers(got.y!);
    const scale = Math.max(...expected.map(Math.abs));
    expect(Math.max(...y.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-4 * scale);
  });

  it('paints a grey picture in one colour up to its very rim', async () => {
    const { model, list } = whole('folded', dims);
    const y = await compute(
      model,
      unlike(list.reduce((sum, each) => sum + each.size, 0)),
      new Float32Array(3 * 40 * 48).fill(0.6),
      dims,
    );
    for (let channel = 0; channel < 3; channel++) {
      const plane = y.slice(channel * 1920, (channel + 1) * 1920);
      expect(Math.max(...plane) - Math.min(...plane)).toBeLessThan(1e-4 * Math.max(...plane.map(Math.abs)));
    }
  });

  it('moves its picture with the input, by a cell of 8 pixels, exactly', async () => {
    const [height, width] = [128, 136];
    const size = [1, 3, height, width];
    const { model, list } = whole('folded', size);
    const vector = initialParameters(list, 3);
    const scene = (shift: number) =>
      Float32Array.from({ length: 3 * height * width }, (_, i) => {
        const [x, y, c] = [(i % width) + shift, Math.floor(i / width) % height, Math.floor(i / width / height)];
        return 0.5 + 0.4 * Math.sin(x * 0.7 + c) * Math.cos(y * 0.3 + x * 0.05);
      });
    const [still, moved] = [await compute(model, vector, scene(0), size), await compute(model, vector, scene(8), size)];
    // Away from the rim, where the network sees no border.
    for (let c = 0; c < 3; c++) {
      for (let y = 56; y < height - 56; y++) {
        for (let x = 56; x < width - 64; x++) {
          const at = (c * height + y) * width + x;
          expect(Math.abs(moved[at]! - still[at + 8]!)).toBeLessThan(1e-4);
        }
      }
    }
  });

  it('is exported without norms, and paints what it painted, to a grey level', async () => {
    const b = new GraphBuilder();
    const parameters = new TrainedParameters(b);
    b.output(
      'y',
      styleNetwork({ b, parameters, norm: 'folded', seen: new Map() }, b.input('x', 'float32', dims), TIERS.tiny)
        .picture,
    );
    const vector = initialParameters(parameters.list, 4);
    const model = await exportNetwork(TIERS.tiny, parameters.list, vector, 'folded');
    const ops = new Set(model.graph.nodes.map(({ op }) => op));
    expect([...ops].sort()).toEqual(['Add', 'Cast', 'Clip', 'Conv', 'DepthToSpace', 'Pad', 'Relu', 'Resize', 'Slice']);
    expect(model.graph.inputs[0]!.dims).toEqual([1, 3, 'height', 'width']);
    expect(writeModel(model).length).toBeLessThan(100_000);
    const { stylized } = await run(model, { image: tensor('float32', dims, image(1)) });
    const expected = await compute(b.build(), vector, image(1), dims);
    const apart = numbers(stylized!).map((value, i) => Math.abs(value - Math.min(Math.max(expected[i]!, 0), 1)));
    expect(Math.max(...apart)).toBeLessThan(1 / 255);
    expect(Math.max(...numbers(stylized!)) - Math.min(...numbers(stylized!))).toBeGreaterThan(0.2);
  });

  it.each<[TierName, number, number]>([
    ['lite', 1.2, 1.5],
    ['standard', 8, 11],
    ['fine', 30, 38],
    ['tiny', 0.3, 0.7],
  ])('%s takes %d to %d thousand million multiply-adds at 640×360', (name, least, most) => {
    const b = new GraphBuilder();
    styleNetwork(
      { b, parameters: new TrainedParameters(b), norm: 'folded', seen: new Map() },
      b.input('x', 'float32', [1, 3, 360, 640]),
      TIERS[name],
    );
    const count = b.nodes
      .filter(({ op }) => op === 'Conv')
      .map(
        ({ inputs, outputs }) => [b.value(inputs[1]!).dims.map(Number), b.value(outputs[0]!).dims.map(Number)] as const,
      )
      .reduce((sum, [weights, out]) => sum + out[2]! * out[3]! * weights.reduce((a, c) => a * c), 0);
    expect(count / 1e9).toBeGreaterThan(least);
    expect(count / 1e9).toBeLessThan(most);
  });
});

describe('parameters', () => {
  it('start alike for one seed, and differ for another', () => {
    const { list } = whole('live', [1, 3, 24, 24]);
    expect(initialParameters(list, 7)).toEqual(initialParameters(list, 7));
    expect(initialParameters(list, 7)).not.toEqual(initialParameters(list, 8));
    expect([...partOf(initialParameters(list, 7), list, 'fine.scale')]).toEqual([1, 1, 1, 1]);
  });
  it('name what is missing or taken', () => {
    const b = new GraphBuilder();
    const parameters = new TrainedParameters(b);
    parameters.tensor('a.weight', [2], { value: 1 });
    expect(() => parameters.tensor('a.weight', [2], { value: 1 })).toThrow(
      'parameter "a.weight": expected a new name, got one that is taken',
    );
    expect(() => new FixedParameters(b, parameters.list, new Float32Array(2)).tensor('b.weight', [2])).toThrow(
      'parameter "b.weight": expected one of a.weight',
    );
  });
});

describe('Random', () => {
  it('repeats itself for the same seeds only', () => {
    const draw = (...seeds: number[]) =>
      Array.from(
        { length: 4 },
        (
          (random) => () =>
            random.integer()
        )(new Random(...seeds)),
      );
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(new Set([draw(1, 2), draw(2, 1), draw(1, 3), draw(1), draw(2 ** 33 + 1, 2)].map(String)).size).toBe(5);
  });
  it('is spread evenly, or normally, or over all places', () => {
    const random = new Random(5);
    const even = Array.from({ length: 20_000 }, () => random.between(-1, 3));
    expect(Math.min(...even)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...even)).toBeLessThan(3);
    expect(even.reduce((a, b) => a + b) / even.length).toBeCloseTo(1, 1);
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    expect(normal.reduce((a, b) => a + b) / normal.length).toBeCloseTo(0, 1);
    expect(normal.reduce((a, b) => a + b * b) / normal.length).toBeCloseTo(1, 1);
    expect(random.permutation(50).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
