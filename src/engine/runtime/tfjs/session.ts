import type * as tfjs from '@tensorflow/tfjs-core';
import { Tensor } from 'onnxruntime-common';
import { numbersOf } from '../../../graph/elements.js';
import type { ElementType, Graph } from '../../../graph/types.js';
import { fold } from '../fold.js';
import type { Session, SessionSpec } from '../spec.js';
import type { BackendName } from './backends.js';
import { Call, plain, type Tf, type TfjsValue } from './call.js';
import { loadTfjs } from './load.js';
import { checkOps, OPS } from './ops.js';

/**
 * Opens a session that executes an ONNX graph op by op on tfjs, in float32.
 *
 * @throws EngineError `ENGINE_TFJS` when the backend cannot be used, `ENGINE_OPS` for unsupported operators
 */
export async function openTfjs({ model, provider }: SessionSpec): Promise<Session> {
  const { graph } = await fold(model);
  checkOps(graph);
  return new TfjsSession(await loadTfjs(provider as BackendName), graph);
}

/** Conversions from tfjs arrays to tensor data: bytes and indices are int32 in tfjs. */
const ARRAYS: Readonly<Partial<Record<ElementType, (numbers: tfjs.TypedArray) => Tensor['data']>>> = {
  float32: (numbers) => (numbers instanceof Float32Array ? numbers : Float32Array.from(numbers)),
  uint8: (numbers) => Uint8Array.from(numbers),
  bool: (numbers) => Uint8Array.from(numbers),
  int32: (numbers) => Int32Array.from(numbers),
  int64: (numbers) => BigInt64Array.from(numbers as unknown as number[], BigInt),
};

class TfjsSession implements Session {
  readonly mixed = false;
  private readonly constants = new Map<string, TfjsValue>();
  /** Cached weights in the layout of tfjs, by node. */
  private readonly kept = new Map<string, tfjs.Tensor>();
  /** For each node, the values that are not read after it. */
  private readonly dead: readonly (readonly string[])[];

  constructor(
    private readonly tf: Tf,
    private readonly graph: Graph,
  ) {
    for (const [name, constant] of graph.constants) {
      const whole = !/^float/.test(constant.type);
      const type = constant.type === 'bool' ? 'bool' : whole ? 'int32' : 'float32';
      const numbers = constant.data instanceof Float32Array ? constant.data : numbersOf(constant);
      this.constants.set(name, plain(tf.tensor(numbers as Float32Array, constant.dims, type)));
    }
    this.dead = lastReads(graph);
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: Readonly<Record<string, Tensor | null>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const values = new Map<string, TfjsValue>();
    try {
      for (const [name, tensor] of Object.entries(feeds)) values.set(name, plain(this.upload(tensor)));
      this.graph.nodes.forEach((_, at) => {
        this.step(at, values);
      });
      const results: Record<string, Tensor> = {};
      for (const { name, type } of this.graph.outputs) {
        if (fetches && !(name in fetches)) continue;
        results[name] = await this.download(values.get(name) ?? this.constants.get(name)!, type, fetches?.[name]);
      }
      return results;
    } finally {
      for (const { tensor } of values.values()) tensor.dispose();
    }
  }

  async release(): Promise<void> {
    for (const { tensor } of this.constants.values()) tensor.dispose();
    for (const tensor of this.kept.values()) tensor.dispose();
  }

  private step(at: number, values: Map<string, TfjsValue>): void {
    const node = this.graph.nodes[at]!;
    const inputs = node.inputs.map((name) => values.get(name) ?? this.constants.get(name));
    const constants = node.inputs.map((name) => this.graph.constants.get(name));
    const call = new Call(this.tf, node, inputs, constants, this.kept);
    const lasts: boolean[] = [];
    const tensors = this.tf.tidy(() => {
      const outputs = [OPS.get(node.op)!.run(call)].flat() as TfjsValue[];
      return outputs.map(({ tensor, last }) => {
        lasts.push(last);
        // An op may return its input; values are disposed separately, so it is cloned.
        return inputs.some((input) => input?.tensor === tensor) ? this.tf.clone(tensor) : tensor;
      });
    });
    tensors.forEach((tensor, n) => {
      const name = node.outputs[n];
      if (name) values.set(name, { tensor, last: lasts[n]! });
      else tensor.dispose();
    });
    for (const name of this.dead[at]!) {
      values.get(name)?.tensor.dispose();
      values.delete(name);
    }
  }

  private upload({ type, dims, data }: Tensor): tfjs.Tensor {
    if (type === 'float32') return this.tf.tensor(data as Float32Array, [...dims], 'float32');
    const numbers = type === 'int64' ? Array.from(data as BigInt64Array, Number) : (data as Uint8Array);
    return this.tf.tensor(Int32Array.from(numbers), [...dims], type === 'bool' ? 'bool' : 'int32');
  }

  private async download({ tensor, last }: TfjsValue, type: ElementType, target?: Tensor | null): Promise<Tensor> {
    const ordered = last ? this.tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
    const numbers = await ordered.data();
    const dims = ordered.shape;
    if (last) ordered.dispose();
    if (target && target.type === type) {
      (target.data as Uint8Array).set(numbers as Uint8Array);
      return target;
    }
    return new Tensor(type as 'float32', ARRAYS[type]!(numbers) as Float32Array, dims);
  }
}

/** For each node, the values that no later node reads and that are not outputs. */
function lastReads(graph: Graph): string[][] {
  const last = new Map<string, number>();
  graph.nodes.forEach((node, at) => {
    for (const name of [...node.outputs, ...node.inputs]) if (name !== '') last.set(name, at);
  });
  for (const { name } of graph.outputs) last.delete(name);
  const dead: string[][] = graph.nodes.map(() => []);
  for (const [name, at] of last) if (!graph.constants.has(name)) dead[at]!.push(name);
  return dead;
}
