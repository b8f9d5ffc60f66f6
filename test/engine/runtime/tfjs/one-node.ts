import { Tensor } from 'onnxruntime-common';
import { openSession } from '#src/engine/runtime/session.js';
import type { EngineName } from '#src/engine/runtime/spec.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Attribute, Tensor as Constant, ElementType, Model } from '#src/graph/types.js';

/** A model of one node. Its input `x` is a picture or a matrix; what else it reads is constant. */
export interface OneNode {
  readonly op: string;
  readonly dims?: readonly number[];
  readonly type?: ElementType;
  readonly constants?: readonly (Constant | undefined)[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[] | Attribute>>;
  readonly outputs?: number;
  readonly result?: ElementType;
  /** Convolve by one channel before and after, so that the value lies channels last. */
  readonly between?: boolean;
  readonly opset?: number;
}

export const float = (dims: number[], ...data: number[]): Constant => ({
  type: 'float32',
  dims,
  data: Float32Array.from(
    data.length > 0
      ? data
      : numbers(
          dims.reduce((a, b) => a * b, 1),
          5,
        ),
  ),
});
export const ints = (...data: number[]): Constant => ({
  type: 'int64',
  dims: [data.length],
  data: BigInt64Array.from(data, BigInt),
});

/** Numbers from −2 to 2 without a pattern. */
export function numbers(count: number, seed = 1): number[] {
  let state = seed * 2654435761;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 4 - 2;
  });
}

/** The model of one node, as an ONNX file. */
export function oneNode(node: OneNode): Uint8Array {
  const { op, dims = [1, 4, 6, 8], type = 'float32', constants = [], attributes = {}, outputs = 1, between } = node;
  const known = new Map<string, Constant>();
  constants.forEach((constant, n) => {
    if (constant) known.set(`c${n}`, constant);
  });
  const channels = dims[1]!;
  const same = float([channels, channels, 1, 1], ...identity(channels));
  if (between) known.set('same', same);
  const conv = (from: string, to: string) => ({
    op: 'Conv',
    domain: '',
    name: to,
    inputs: [from, 'same'],
    outputs: [to],
    attributes: new Map(),
  });
  const names = Array.from({ length: outputs }, (_, n) => `y${n}`);
  const inputs = [between ? 'moved' : 'x', ...constants.map((constant, n) => (constant ? `c${n}` : ''))];
  const model: Model = {
    irVersion: 8,
    opsets: new Map([['', node.opset ?? 17]]),
    producer: 'test',
    metadata: new Map(),
    graph: {
      name: 'one',
      inputs: [{ name: 'x', type, dims: [...dims] }],
      // The convolution before it is an output too, so that nothing is fused with it.
      outputs: [...names, ...(between ? ['moved'] : [])].map((name) => ({
        name,
        type: name === 'moved' ? 'float32' : (node.result ?? 'float32'),
        dims: [],
        unranked: true,
      })),
      constants: known,
      values: new Map(),
      nodes: [
        ...(between ? [conv('x', 'moved')] : []),
        {
          op,
          domain: '',
          name: 'node',
          inputs,
          outputs: names,
          attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)])),
        },
      ],
    },
  };
  return writeModel(model);
}

function attributeOf(value: number | string | readonly number[] | Attribute): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  return 'kind' in value ? value : { kind: 'ints', value: [...value] };
}

/** An attribute that is a fraction. */
export const fraction = (value: number): Attribute => ({ kind: 'float', value });

const identity = (n: number) => Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

/** What an engine makes of it. */
export async function ran(node: OneNode, engine: EngineName, provider: string) {
  const { dims = [1, 4, 6, 8], type = 'float32' } = node;
  const session = await openSession({ model: oneNode(node), engine, provider, threads: 1 });
  try {
    const data = numbers(dims.reduce((a, b) => a * b, 1));
    const x = new Tensor(type as 'float32', INPUTS[type]!(data) as Float32Array, dims);
    const results = await session.run({ x });
    return Object.values(results).map(({ dims: shape, data: values }) => ({
      dims: [...shape],
      data: Array.from(values as Float32Array, Number),
    }));
  } finally {
    await session.release();
  }
}

const INPUTS: Readonly<Partial<Record<ElementType, (data: number[]) => Float32Array | Uint8Array>>> = {
  float32: (data) => Float32Array.from(data),
  uint8: (data) => Uint8Array.from(data, (value) => (value + 2) * 60),
  bool: (data) => Uint8Array.from(data, (value) => (value > 0 ? 1 : 0)),
};
