import type * as tfjs from '@tensorflow/tfjs-core';
import { numbersOf } from '../../../graph/elements.js';
import type { Node, Tensor } from '../../../graph/types.js';

/** The functions of tfjs, whichever package they come from. */
export type Tf = typeof tfjs;

/**
 * A value in the graph. Its axes are ONNX's; with `last`, the tensor is in the layout of tfjs convolutions, `[n, h, w,
 * c]` instead of `[n, c, h, w]`. Successive layers keep that layout, without transpositions between them.
 */
export interface TfjsValue {
  readonly tensor: tfjs.Tensor;
  readonly last: boolean;
}

/** The tfjs implementation of an ONNX operator. */
export interface TfjsOp {
  readonly run: (call: Call) => TfjsValue | readonly TfjsValue[];
  /** Why a node cannot run; undefined if it can. */
  readonly refuse?: (node: NodeView) => string | undefined;
}

/** Position of each axis of `[n, c, h, w]` in `[n, h, w, c]`. */
const MOVED = [0, 3, 1, 2] as const;

/** A node with access to its attributes. */
export class NodeView {
  constructor(readonly node: Node) {}

  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  int(name: string, otherwise: number): number {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'int' ? attribute.value : otherwise;
  }

  float(name: string, otherwise: number): number {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'float' ? attribute.value : otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'ints' ? attribute.value : undefined;
  }

  floats(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'floats' ? attribute.value : undefined;
  }

  text(name: string, otherwise: string): string {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'string' ? attribute.value : otherwise;
  }
}

/** A node with its inputs. */
export class Call extends NodeView {
  constructor(
    readonly tf: Tf,
    node: Node,
    readonly inputs: readonly (TfjsValue | undefined)[],
    private readonly constants: readonly (Tensor | undefined)[],
    private readonly kept: Map<string, tfjs.Tensor>,
  ) {
    super(node);
  }

  value(index = 0): TfjsValue {
    return this.inputs[index]!;
  }

  /** Input with its axes in ONNX's order. */
  plain(index = 0): tfjs.Tensor {
    const { tensor, last } = this.value(index);
    return last ? this.tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
  }

  /** Input of four axes with its channels last. */
  last(index = 0): tfjs.Tensor4D {
    const { tensor, last } = this.value(index);
    return (last ? tensor : this.tf.transpose(tensor, [0, 2, 3, 1])) as tfjs.Tensor4D;
  }

  /** Numbers of a small input: a constant, or computed at run time. */
  numbers(index: number): number[] | undefined {
    if (!this.has(index)) return undefined;
    const constant = this.constants[index];
    return constant ? numbersOf(constant) : [...this.plain(index).dataSync()];
  }

  /** Size of each axis in ONNX's order. */
  shape(index = 0): number[] {
    const { tensor, last } = this.value(index);
    return last ? MOVED.map((axis) => tensor.shape[axis]!) : tensor.shape;
  }

  /** Position of one of ONNX's axes in the tensor of input 0, negative ones counted from the end. */
  axis(axis: number, of: TfjsValue = this.value()): number {
    const positive = axis < 0 ? axis + of.tensor.rank : axis;
    return of.last ? MOVED[positive]! : positive;
  }

  /**
   * Derives a tensor from inputs and, where these are constant, caches it for later runs: weights in the layout of
   * tfjs.
   */
  once<T extends tfjs.Tensor>(key: string, from: readonly number[], make: () => T): T {
    if (!from.every((index) => this.constants[index])) return make();
    const name = `${this.node.outputs[0]}/${key}`;
    let tensor = this.kept.get(name);
    if (!tensor) {
      tensor = this.tf.keep(make());
      this.kept.set(name, tensor);
    }
    return tensor as T;
  }
}

/** A value whose axes are in ONNX's order. */
export const plain = (tensor: tfjs.Tensor): TfjsValue => ({ tensor, last: false });
/** A value of four axes with its channels last. */
export const last = (tensor: tfjs.Tensor): TfjsValue => ({ tensor, last: true });
