import { Tensor } from 'onnxruntime-common';
import { EngineError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { shapeText } from '../../graph/dims.js';
import type { Model } from '../../graph/types.js';
import type { Manifest } from '../../model/manifest/types.js';

/** A recurrent state: an output that becomes an input for the next picture. float32. */
export interface StateTensor {
  readonly input: string;
  readonly output: string;
  readonly dims: readonly number[];
  /** Initial value, also after a cut: one number for all elements, or all of them. */
  readonly start: number | readonly number[];
}

/** Names of the n-th state as input and output of a wrapped network. */
export const STATE = { before: (n: number) => `state_${n}`, after: (n: number) => `state_after_${n}` } as const;

/**
 * Recurrent states of a network at one size. Dims come from the further input of that name in the manifest, or from
 * the network, where the symbolic dims of the picture stand for its rows and columns.
 *
 * @param seen size of the network's input in pixels
 * @throws EngineError `ENGINE_STATE` for unknown dims and for types other than float32
 */
export function statesOf({ graph }: Model, { input, inputs, state }: Manifest, seen: Size): StateTensor[] {
  const size = input.size ?? seen;
  const picture = graph.inputs.find(({ name }) => name === input.name);
  const sides =
    input.layout === 'nchw'
      ? [input.batch ?? 1, 3, size.height, size.width]
      : [input.batch ?? 1, size.height, size.width, 3];
  const named = new Map(picture?.dims.map((dim, axis) => [dim, sides[axis]!]));
  return state.map(({ input: name, output }) => {
    const taken = graph.inputs.find((value) => value.name === name);
    const further = inputs.find((value) => value.name === name);
    const dims = (further?.dims ?? taken?.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : named.get(dim)));
    if (taken && taken.type !== 'float32') throw stateError(`state "${name}" is ${taken.type}; expected float32`);
    if (!dims.every((dim) => dim !== undefined)) {
      throw stateError(
        `state "${name}" is ${shapeText(taken?.dims ?? [])}; expected whole numbers, or names of the picture's sides`,
      );
    }
    return { input: name, output, dims, start: further?.default ?? 0 };
  });
}

/** @returns the error for an unusable state */
export function stateError(what: string): EngineError {
  return new EngineError('ENGINE_STATE', `The network's ${what}.`, {
    hint: 'Give the state as a further input, with its dims, in its manifest.',
  });
}

/**
 * The recurrent state of one session, fed to it and taken from it for each picture. Tensors stay on the device where
 * the session leaves them.
 */
export class RecurrentState {
  /** Outputs to fetch besides the picture. */
  readonly fetches: Readonly<Record<string, null>>;
  private current: Tensor[] | undefined;

  constructor(private readonly states: readonly StateTensor[]) {
    this.fetches = Object.fromEntries(states.map((_, n) => [STATE.after(n), null]));
  }

  /** @param reset starts from the initial value */
  feeds(reset: boolean): Record<string, Tensor> {
    if (reset) this.reset();
    this.current ??= this.states.map(({ dims, start }) => {
      const count = dims.reduce((a, b) => a * b, 1);
      const data = typeof start === 'number' ? new Float32Array(count).fill(start) : Float32Array.from(start);
      return new Tensor('float32', data, dims);
    });
    return Object.fromEntries(this.current.map((tensor, n) => [STATE.before(n), tensor]));
  }

  /** Takes over the results of a run. */
  update(results: Readonly<Record<string, Tensor>>): void {
    this.reset();
    this.current = this.states.map((_, n) => results[STATE.after(n)]!);
  }

  /** Frees the state; the next picture starts from the initial value. */
  reset(): void {
    for (const tensor of this.current ?? []) tensor.dispose();
    this.current = undefined;
  }
}
