import { Tensor } from 'onnxruntime-common';
import { EngineError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { shapeText } from '../../graph/dims.js';
import type { Model } from '../../graph/types.js';
import type { Manifest } from '../../model/manifest/types.js';

/** What a network remembers from one picture to the next: an output that becomes an input. float32. */
export interface StateTensor {
  readonly input: string;
  readonly output: string;
  readonly dims: readonly number[];
  /** What it is at the start and after a cut: one number for all elements, or all of them. */
  readonly start: number | readonly number[];
}

/** The names under which the n-th state goes into a wrapped network, and comes out of it. */
export const STATE = { before: (n: number) => `state_${n}`, after: (n: number) => `state_after_${n}` } as const;

/**
 * What a network remembers, at one size. Sizes come from the further input of that name in the manifest, or from the
 * network, whose names for the rows and columns of the picture stand for those here too.
 *
 * @param seen size of the picture that the network sees, in pixels
 * @throws EngineError `ENGINE_STATE` for sizes that nobody says, and for other numbers than float32
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
    if (taken && taken.type !== 'float32') throw wrong(`state "${name}" is ${taken.type}; expected float32`);
    if (!dims.every((dim) => dim !== undefined)) {
      throw wrong(
        `state "${name}" is ${shapeText(taken?.dims ?? [])}; expected whole numbers, or names of the picture's sides`,
      );
    }
    return { input: name, output, dims, start: further?.default ?? 0 };
  });
}

/** @returns the error for a state that cannot be kept */
export function wrong(what: string): EngineError {
  return new EngineError('ENGINE_STATE', `The network's ${what}.`, {
    hint: 'Give the state as a further input, with its dims, in its manifest.',
  });
}

/** The state of one session: fed to it, and taken from it, picture by picture. It stays where the session leaves it. */
export class Memory {
  /** What to ask a session for beside the picture. */
  readonly fetches: Readonly<Record<string, null>>;
  private current: Tensor[] | undefined;

  constructor(private readonly states: readonly StateTensor[]) {
    this.fetches = Object.fromEntries(states.map((_, n) => [STATE.after(n), null]));
  }

  /** @param fresh forgets what was before */
  feeds(fresh: boolean): Record<string, Tensor> {
    if (fresh) this.forget();
    this.current ??= this.states.map(({ dims, start }) => {
      const count = dims.reduce((a, b) => a * b, 1);
      const data = typeof start === 'number' ? new Float32Array(count).fill(start) : Float32Array.from(start);
      return new Tensor('float32', data, dims);
    });
    return Object.fromEntries(this.current.map((tensor, n) => [STATE.before(n), tensor]));
  }

  /** Takes over what a run gave. */
  keep(results: Readonly<Record<string, Tensor>>): void {
    this.forget();
    this.current = this.states.map((_, n) => results[STATE.after(n)]!);
  }

  /** Frees what is held. */
  forget(): void {
    for (const tensor of this.current ?? []) tensor.dispose();
    this.current = undefined;
  }
}
