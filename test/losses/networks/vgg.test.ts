import { describe, expect, it } from 'vitest';
import { backward } from '#src/autodiff/backward.js';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { randomFilters } from '#src/losses/networks/random-filters.js';
import { readSafetensors, type WeightTensor } from '#src/losses/networks/safetensors.js';
import { vgg19 } from '#src/losses/networks/vgg.js';
import { numbers, run } from '../../graph/run.js';
import { type Preprocessing, vggInLoops } from '../../reference/vgg.js';
import { waves } from '../../reference/wave.js';

describe('VGG-19', () => {
  it.each<[string, Preprocessing | undefined]>([
    ["torchvision's mean and deviation", undefined],
    ["the file's own preprocessing", { matrix: waves(9, 0.8, 0.6), offset: waves(3, 0.3, 0.2) }],
  ])('has the features that its convolutions give one by one, after %s', async (_, own) => {
    const channels = { conv1_1: [3, 4], conv1_2: [4, 5], conv2_1: [5, 6], conv2_2: [6, 4], conv3_1: [4, 7] };
    const weights = new Map<string, WeightTensor>();
    for (const [i, [name, [inner, outer]]] of Object.entries(channels).entries()) {
      weights.set(`${name}.weight`, { dims: [outer!, inner!, 3, 3], data: waves(outer! * inner! * 9, i, 0.3) });
      weights.set(`${name}.bias`, { dims: [outer!], data: waves(outer!, i, 0.2, 0.1) });
    }
    const loops = vggInLoops(weights, { picture: waves(3 * 24 * 32, 0.4, 0.4, 0.5), width: 32, height: 24 }, own);
    if (own) {
      weights.set('conv0.weight', { dims: [3, 3, 1, 1], data: own.matrix });
      weights.set('conv0.bias', { dims: [3], data: own.offset });
    }
    const network = vgg19(weights);
    expect(network.layers).toEqual(['relu1_1', 'relu1_2', 'relu2_1', 'relu2_2', 'relu3_1']);
    expect(network.styleLayers).toEqual(['relu1_1', 'relu2_1', 'relu3_1']);
    const b = new GraphBuilder();
    const features = network.features(b, b.input('image', 'float32', [1, 3, 24, 32]), network.layers);
    for (const [layer, value] of features) b.output(layer, value);
    const got = await run(b.build(), { image: tensor('float32', [1, 3, 24, 32], waves(3 * 24 * 32, 0.4, 0.4, 0.5)) });
    expect([...loops.keys()]).toEqual(network.layers);
    for (const [layer, expected] of loops) {
      const values = numbers(got[layer]!);
      expect(values.length).toBe(expected.length);
      expect(expected.some((value) => value > 0.1)).toBe(true);
      const off = expected.map((value, at) => Math.abs(values[at]! - value) / Math.max(1, value));
      expect(Math.max(...off), layer).toBeLessThan(1e-4);
    }
  });

  it('finds a flat picture flat to its border where features are reflected there, and not where zeros are', async () => {
    const convolution = (inner: number, phase: number) => ({
      dims: [4, inner, 3, 3],
      data: waves(4 * inner * 9, phase, 0.4, 0),
    });
    const bias = { dims: [4], data: Float32Array.of(0.5, 0.5, 0.5, 0.5) };
    const names = ['conv1_1', 'conv1_2', 'conv2_1'];
    const network = vgg19(
      new Map(
        names.flatMap((name, i) => [
          [`${name}.weight`, convolution(i === 0 ? 3 : 4, i)],
          [`${name}.bias`, bias],
        ]),
      ),
    );
    const b = new GraphBuilder();
    const image = b.input('image', 'float32', [1, 3, 8, 8]);
    for (const border of ['zeros', 'reflected'] as const)
      b.output(border, network.features(b, image, ['relu2_1'], border).get('relu2_1')!);
    const got = await run(b.build(), { image: tensor('float32', [1, 3, 8, 8], new Float32Array(192).fill(0.3)) });
    const spread = (name: string) =>
      [0, 1, 2, 3].map((channel) => {
        const values = numbers(got[name]!).slice(channel * 16, channel * 16 + 16);
        return Math.max(...values) - Math.min(...values);
      });
    expect(Math.max(...spread('reflected'))).toBeLessThan(1e-5);
    expect(Math.max(...spread('zeros'))).toBeGreaterThan(0.01);
  });

  const weights = (dims: number[]) => ({ dims, data: new Float32Array(dims.reduce((a, c) => a * c)) });
  it.each<[string, string, Map<string, ReturnType<typeof weights>>]>([
    [
      'TRAIN_WEIGHTS',
      'expected "conv1_1.weight" or "features.0.weight" among the weights, got neither',
      new Map([['fc.weight', weights([2])]]),
    ],
    [
      'TRAIN_WEIGHTS',
      '"features.0.weight": expected [n, 3, 3, 3], got [4, 3, 5, 5]',
      new Map([
        ['features.0.weight', weights([4, 3, 5, 5])],
        ['features.0.bias', weights([4])],
      ]),
    ],
  ])('%s: %s', (code, message, given) => {
    expect(() => vgg19(given)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe('VGG-19 of a picture whose sides cannot be halved', () => {
  it('leaves the last row and column out where it pools, and has gradients', async () => {
    const weights = new Map<string, WeightTensor>();
    for (const [i, name] of ['conv1_1', 'conv1_2', 'conv2_1'].entries()) {
      const inner = i === 0 ? 3 : 2;
      weights.set(`${name}.weight`, { dims: [2, inner, 3, 3], data: waves(2 * inner * 9, i, 0.3) });
      weights.set(`${name}.bias`, { dims: [2], data: waves(2, i, 0.2, 0.3) });
    }
    const network = vgg19(weights);
    const b = new GraphBuilder();
    const image = b.input('image', 'float32', [1, 3, 9, 7]);
    const seen = network.features(b, image, ['relu2_1']).get('relu2_1')!;
    b.output('seen', seen);
    const [gradient] = backward(b, b.op('ReduceSum', [seen], { keepdims: 0 }), [image]);
    b.output('gradient', gradient!);
    const got = await run(b.build(), { image: tensor('float32', [1, 3, 9, 7], waves(3 * 63, 0.4, 0.4, 0.5)) });
    expect(got.seen!.dims).toEqual([1, 2, 4, 3]);
    const slopes = numbers(got.gradient!);
    expect(slopes).toHaveLength(3 * 63);
    expect(slopes.some((slope) => slope !== 0)).toBe(true);
  });
});

describe('the layers that training compares', () => {
  const marks = ['relu1_1', 'relu2_1', 'relu3_1'];
  /** VGG-19 of one channel, up to a layer. */
  const upTo = (last: string) => {
    const weights = new Map<string, WeightTensor>();
    for (const [i, place] of [
      '1_1',
      '1_2',
      '2_1',
      '2_2',
      '3_1',
      '3_2',
      '3_3',
      '3_4',
      '4_1',
      '4_2',
      '4_3',
      '4_4',
      '5_1',
    ].entries()) {
      const inner = i === 0 ? 3 : 1;
      weights.set(`conv${place}.weight`, { dims: [1, inner, 3, 3], data: new Float32Array(9 * inner) });
      weights.set(`conv${place}.bias`, { dims: [1], data: new Float32Array(1) });
      if (last === `conv${place}`) break;
    }
    return vgg19(weights).objective;
  };

  it.each([
    ['conv5_1', [...marks, 'relu4_1', 'relu5_1'], ['relu4_1', 'relu5_1'], { layer: 'relu4_2', scale: 0 }, 'relu3_1'],
    ['conv4_2', [...marks, 'relu4_1'], ['relu4_1'], { layer: 'relu4_2', scale: 0 }, 'relu3_1'],
    ['conv4_1', [...marks, 'relu4_1'], ['relu4_1'], { layer: 'relu4_1', scale: 0 }, 'relu3_1'],
    ['conv3_4', marks, [], { layer: 'relu3_1', scale: 1 }, 'relu3_1'],
    ['conv3_1', marks, [], { layer: 'relu3_1', scale: 1 }, 'relu3_1'],
    ['conv2_2', marks.slice(0, 2), [], { layer: 'relu2_1', scale: 1 }, 'relu2_1'],
  ])('are the deepest that are wanted, of VGG-19 to %s', (last, full, deep, content, structure) => {
    const shallow = full.filter((layer) => marks.includes(layer));
    const { missing, ...layers } = upTo(last);
    expect(layers).toEqual({ style: [full, shallow, shallow], deep, content, structure });
    const ending = new RegExp(`^strokes will be softer .* ends at ${last.replace('conv', 'relu')}$`);
    expect(missing).toEqual(/^conv(4_2|5_1)$/.test(last) ? undefined : expect.stringMatching(ending));
  });

  it('are there without VGG-19 as well', () => {
    const { layers, objective } = randomFilters();
    expect(layers).toEqual(expect.arrayContaining([...objective.style.flat(), objective.content.layer]));
    expect(layers).toContain(objective.structure);
  });
});

describe('readSafetensors', () => {
  const file = (header: object, data: Uint8Array) => {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, data]);
  };
  it('reads float32, float16 and float64, and leaves out the rest', () => {
    const data = Buffer.alloc(22);
    data.writeFloatLE(1.5, 0);
    data.writeUInt16LE(0x3c00, 4);
    data.writeDoubleLE(-2, 6);
    const entry = (dtype: string, start: number, end: number) => ({ dtype, shape: [1], data_offsets: [start, end] });
    const tensors = readSafetensors(
      file(
        {
          __metadata__: { a: 'b' },
          a: entry('F32', 0, 4),
          b: entry('F16', 4, 6),
          c: entry('F64', 6, 14),
          d: entry('I64', 14, 22),
        },
        data,
      ),
    );
    expect([...tensors].map(([name, { data: values }]) => [name, values[0]])).toEqual([
      ['a', 1.5],
      ['b', 1],
      ['c', -2],
    ]);
  });
  it.each<[string, Uint8Array]>([
    ['its header is missing or cut off', Buffer.from('PK')],
    ['its header is missing or cut off', Buffer.alloc(64, 0xff)],
    ['its header is not JSON', Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('oops')])],
    ['tensor "a" has no shape or place', file({ a: { dtype: 'F32' } }, Buffer.alloc(4))],
    [
      'tensor "a" [2] of F32 has bytes 0 to 8 of 4',
      file({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, Buffer.alloc(4)),
    ],
  ])('refuses a file when %s', (why, bytes) => {
    expect(() => readSafetensors(bytes)).toThrow(
      expect.objectContaining({ code: 'TRAIN_WEIGHTS', message: `not a usable safetensors file: ${why}` }),
    );
  });
});

describe('fixed random filters', () => {
  it('answer to texture and to colour, the same way every time', async () => {
    const network = randomFilters();
    const b = new GraphBuilder();
    const features = network.features(b, b.input('image', 'float32', [1, 3, 24, 24]), network.layers);
    for (const [layer, value] of features) b.output(layer, value);
    const model = b.build();
    const grey = (value: number) => tensor('float32', [1, 3, 24, 24], new Float32Array(1728).fill(value));
    const [texture, dark, light] = [
      await run(model, { image: tensor('float32', [1, 3, 24, 24], waves(1728, 0.4, 0.4, 0.5)) }),
      await run(model, { image: grey(0.2) }),
      await run(model, { image: grey(0.8) }),
    ];
    for (const layer of network.layers) {
      const [a, c, d] = [texture, dark, light].map((got) => numbers(got[layer]!)) as [number[], number[], number[]];
      const active = a.filter((value) => value > 0).length / a.length;
      expect(active).toBeGreaterThan(0.2);
      expect(active).toBeLessThan(0.8);
      expect(Math.max(...c.map((value, i) => Math.abs(value - d[i]!)))).toBeGreaterThan(0.05);
    }
    const again = new GraphBuilder();
    const [value] = randomFilters()
      .features(again, again.input('image', 'float32', [1, 3, 24, 24]), ['random3'])
      .values();
    again.output('random3', value!);
    const repeated = await run(again.build(), { image: grey(0.2) });
    expect(numbers(repeated.random3!)).toEqual(numbers(dark.random3!));
  });
});
