import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHalf, tensor, toHalf } from '#src/graph/elements.js';
import { readModel } from '#src/graph/onnx/read.js';
import { ModelProto } from '#src/graph/onnx/schema.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Attribute, Model, Node } from '#src/graph/types.js';
import { identity, numbers, run, wave } from '../run.js';
import { verify } from '../verify.js';

const real = 'presets/ink-tiny/model.onnx';

function everyAttribute(): Map<string, Attribute> {
  const inner = identity(17).graph;
  return new Map<string, Attribute>([
    ['int', { kind: 'int', value: -3 }],
    ['last', { kind: 'int', value: 2 ** 63 }],
    ['first', { kind: 'int', value: -(2 ** 63) }],
    ['float', { kind: 'float', value: 0.5 }],
    ['string', { kind: 'string', value: 'größer' }],
    ['bytes', { kind: 'bytes', value: Uint8Array.of(255, 254, 0) }],
    ['tensor', { kind: 'tensor', value: tensor('int64', [2], BigInt64Array.of(2n ** 63n - 1n, -1n)) }],
    ['graph', { kind: 'graph', value: inner }],
    ['ints', { kind: 'ints', value: [1, -2, 2 ** 40] }],
    ['floats', { kind: 'floats', value: [0.25, -1] }],
    ['strings', { kind: 'strings', value: ['a', ''] }],
    ['tensors', { kind: 'tensors', value: [tensor('float64', [], [Math.PI]), tensor('string', [2], ['x', 'y'])] }],
    ['graphs', { kind: 'graphs', value: [inner, inner] }],
    ['reference', { kind: 'reference', value: 'alpha', of: 1 }],
  ]);
}

function everything(): Model {
  const types = [
    'float32',
    'float16',
    'float64',
    'uint8',
    'int8',
    'uint16',
    'int16',
    'int32',
    'int64',
    'uint32',
    'uint64',
    'bool',
  ] as const;
  const node: Node = {
    op: 'Odd',
    domain: 'some.where',
    name: 'odd',
    inputs: ['x', '', 'float32'],
    outputs: ['y'],
    attributes: everyAttribute(),
  };
  return {
    irVersion: 8,
    opsets: new Map([
      ['', 17],
      ['some.where', 3],
    ]),
    producer: 'someone 1.2',
    metadata: new Map([['licence', 'CC0']]),
    functions: [
      {
        name: 'Odd',
        domain: 'some.where',
        overload: '',
        inputs: ['a'],
        outputs: ['b'],
        attributes: ['alpha'],
        defaults: new Map([['beta', { kind: 'float', value: 2 }]]),
        opsets: new Map([['', 17]]),
        nodes: [{ ...node, overload: 'two' }],
      },
    ],
    graph: {
      name: 'all',
      nodes: [node],
      inputs: [
        { name: 'x', type: 'float16', dims: ['n', 3, 0] },
        { name: 'z', type: 'string', dims: [], unranked: true },
      ],
      outputs: [
        { name: 'y', type: 'bool', dims: [] },
        { name: 'v', type: 'float32', dims: [], unranked: true, untyped: true },
      ],
      constants: new Map(types.map((type) => [type, wave(type, [2, 3])])),
      values: new Map([['h', { name: 'h', type: 'uint8', dims: [4] }]]),
    },
  };
}

describe('writeModel and readModel', () => {
  it('bring back everything that a model can hold', () => {
    const model = everything();
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it('keep nothing of the file in memory', () => {
    const bytes = writeModel(everything());
    const model = readModel(bytes);
    bytes.fill(0);
    expect(model).toEqual(everything());
  });

  it('leave the outputs of a real network as they are', async () => {
    const bytes = readFileSync(real);
    const model = readModel(bytes);
    verify(model.graph);
    const image = wave('float32', [1, 3, 40, 48]);
    const rewritten = await run(readModel(writeModel(model)), { image });
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
    const original = await session.run({ image: new Tensor('float32', image.data as Float32Array, image.dims) });
    expect(numbers(rewritten.stylized!)).toEqual(numbers(original.stylized as never));
  });

  it('read tensors whose elements are in the typed fields', () => {
    const initializer = [
      { name: 'f', dims: [2], dataType: 1, floatData: [1.5, -2] },
      { name: 'h', dims: [1], dataType: 10, int32Data: [0x3c00] },
      { name: 'b', dims: [3], dataType: 3, int32Data: [-1, 0, 1] },
      { name: 'l', dims: [3], dataType: 7, int64Data: Buffer.from('01ffffffffffffffffff01ffffffffffffffff7f', 'hex') },
      { name: 'u', dims: [1], dataType: 12, uint64Data: Buffer.from('ffffffff0f', 'hex') },
      { name: 'd', dims: [], dataType: 11, doubleData: [0.1] },
    ];
    const bytes = ModelProto.encode({
      irVersion: 8,
      graph: { initializer, output: [{ name: 'f', type: { tensorType: { elemType: 1 } } }] },
    }).finish();
    const { constants } = readModel(bytes).graph;
    expect(constants.get('f')!.data).toEqual(Float32Array.of(1.5, -2));
    expect(constants.get('h')!.data).toEqual(Uint16Array.of(0x3c00));
    expect(constants.get('b')!.data).toEqual(Int8Array.of(-1, 0, 1));
    expect(constants.get('l')!.data).toEqual(BigInt64Array.of(1n, -1n, 2n ** 63n - 1n));
    expect(constants.get('u')!.data).toEqual(Uint32Array.of(4294967295));
    expect(constants.get('d')!.data).toEqual(Float64Array.of(0.1));
  });
});

describe('readModel refuses', () => {
  const output = [{ name: 'y', type: { tensorType: { elemType: 1 } } }];
  const encoded = (graph: object) => ModelProto.encode({ irVersion: 8, graph: { output, ...graph } }).finish();
  const constant = (fields: object) => encoded({ initializer: [{ name: 'w', dataType: 1, ...fields }] });

  it.each<[string, string, Uint8Array]>([
    ['GRAPH_NOT_ONNX', 'not an ONNX model: 0 bytes', new Uint8Array(0)],
    ['GRAPH_NOT_ONNX', 'not an ONNX model: no graph in it', Buffer.from('\x0a\x00')],
    ['GRAPH_NOT_ONNX', 'not an ONNX model: ', Buffer.from('hello, I am a JPEG')],
    [
      'GRAPH_EXTERNAL_DATA',
      'constant "w" keeps its data in w.bin; expected it in the model',
      constant({ dims: [1], dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }),
    ],
    ['GRAPH_ABSURD', 'constant "w" has dims [-1, 3]', constant({ dims: [-1, 3] })],
    ['GRAPH_ABSURD', 'constant "w" has dims [1000000, 1000000]', constant({ dims: [1e6, 1e6] })],
    [
      'GRAPH_ABSURD',
      'constant "w": expected 12 bytes after its dims, got 8',
      constant({ dims: [3], rawData: new Uint8Array(8) }),
    ],
    ['GRAPH_ABSURD', 'constant "w": expected 2000000000 elements after its dims, got 0', constant({ dims: [2e9] })],
    [
      'GRAPH_ABSURD',
      'constant "w": expected 4 elements after its dims, got 3',
      constant({ dims: [4], floatData: [1, 2, 3] }),
    ],
    [
      'GRAPH_ABSURD',
      'constant "w": expected 2000000000 elements after its dims, got 1',
      constant({ dims: [2e9], dataType: 7, int64Data: Uint8Array.of(1) }),
    ],
    ['GRAPH_UNSUPPORTED', 'constant "w" has element type number 16', constant({ dims: [1], dataType: 16 })],
    [
      'GRAPH_ABSURD',
      '"x": expected a size for axis 0, got -7',
      encoded({ input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: -7 }] } } } }] }),
    ],
    [
      'GRAPH_UNSUPPORTED',
      '"x" is not a tensor of a known element type',
      encoded({ input: [{ name: 'x', type: { sequenceType: new Uint8Array(0) } }] }),
    ],
  ])('%s: %s', (code, message, bytes) => {
    expect(() => readModel(bytes)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it('graphs nested without end', () => {
    // Each level is graph > node > attribute > graph; the wire format is built from inside out.
    const field = (tag: number, inner: Buffer): Buffer => {
      const length = [];
      for (let rest = inner.length; ; rest >>>= 7) {
        length.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) break;
      }
      return Buffer.concat([Buffer.from([tag, ...length]), inner]);
    };
    let graph: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 2000; depth++) graph = field(0x0a, field(0x2a, field(0x32, graph)));
    expect(() => readModel(field(0x3a, graph))).toThrow(expect.objectContaining({ code: 'GRAPH_NOT_ONNX' }));
  });

  it('every truncation of a model, and survives every flipped byte, with an error of its own', () => {
    const bytes = writeModel(everything());
    const read = (input: Uint8Array) => {
      try {
        readModel(input);
        return 'read';
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    };
    const codes = /^(read|GRAPH_(NOT_ONNX|EXTERNAL_DATA|ABSURD|UNSUPPORTED))$/;
    for (let length = 0; length < bytes.length; length++) expect(read(bytes.slice(0, length))).toMatch(codes);
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 128, 255]) {
        const damaged = Uint8Array.from(bytes);
        damaged[at]! ^= flip;
        expect(read(damaged)).toMatch(codes);
      }
    }
    expect(read(bytes.slice(0, bytes.length - 1))).toBe('GRAPH_NOT_ONNX');
  });
});

describe('half precision', () => {
  it('rounds to the nearest, ties to even, and knows its limits', () => {
    const bits: [number, number][] = [
      [0, 0],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [65519.99, 0x7bff],
      [65520, 0x7c00],
      [1e9, 0x7c00],
      [-Infinity, 0xfc00],
      [2 ** -14, 0x0400],
      [2 ** -24, 1],
      [2 ** -25, 0],
      [1.5 * 2 ** -24, 2],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [0.1, 0x2e66],
    ];
    expect(bits.map(([value]) => toHalf(value))).toEqual(bits.map(([, half]) => half));
    expect(fromHalf(toHalf(NaN))).toBeNaN();
  });
  it('comes back from its bits, all of them', () => {
    for (let half = 0; half < 0x7c00; half++) expect(toHalf(fromHalf(half))).toBe(half);
    expect(fromHalf(0xfc00)).toBe(-Infinity);
  });
});
