import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { GraphBuilder, type Value } from '#src/graph/builder.js';
import { ELEMENTS, numbersOf, sizeOf } from '#src/graph/elements.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { ElementType, Model, Tensor } from '#src/graph/types.js';

/** Runs a model in ONNX Runtime and returns its outputs by name. */
export async function run(model: Model, feeds: Record<string, Tensor> = {}): Promise<Record<string, OrtTensor>> {
  const session = await InferenceSession.create(writeModel(model), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new OrtTensor(type, data as Float32Array, dims),
    ]);
    return (await session.run(Object.fromEntries(tensors))) as Record<string, OrtTensor>;
  } finally {
    await session.release();
  }
}

/** Deterministic test data: smooth, without symmetry, roughly in [-1, 1]. */
export function wave(type: ElementType, dims: readonly number[], phase = 0): Tensor {
  const data = ELEMENTS[type].make(sizeOf(dims));
  for (let i = 0; i < data.length; i++) {
    const value = Math.sin(i * 1.7 + phase) + 0.3 * Math.cos(i * i + phase);
    const whole = type.endsWith('int64') || type === 'uint64' ? BigInt(i % 3) : i % 3;
    data[i] = (type.startsWith('float') ? value : whole) as never;
  }
  return { type, dims: [...dims], data };
}

/** The smallest model of an opset: an Identity. Embedding it raises the opset of what is built. */
export function identity(opset: number): Model {
  const b = new GraphBuilder('identity');
  b.output('y', b.op('Identity', [b.input('x', 'float32', [1])]));
  return { ...b.build(), opsets: new Map([['', opset]]), irVersion: opset > 20 ? 10 : 8 };
}

export function raiseOpset(b: GraphBuilder, opset: number): Value {
  const { y } = b.embed(identity(opset), { x: b.constant('float32', [1], [1]) }, { y: { type: 'float32', dims: [1] } });
  return y!;
}

export function numbers(tensor: OrtTensor): number[] {
  return numbersOf({ type: tensor.type as ElementType, dims: [...tensor.dims], data: tensor.data as Float32Array });
}
