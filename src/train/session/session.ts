import { Worker } from 'node:worker_threads';
import { type Deferred, deferred } from '../../deferred.js';
import { TrainError } from '../../errors.js';
import { writeModel } from '../../graph/onnx/write.js';
import type { ElementType, Model, TensorData } from '../../graph/types.js';

/** A tensor on its way between threads. */
export interface SentTensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Exclude<TensorData, string[]>;
}

/** Tensors by name. */
export type Tensors = Readonly<Record<string, SentTensor>>;

/** A list of numbers, float32 [n]. */
export function vector(data: Float32Array): SentTensor {
  return { type: 'float32', dims: [data.length], data };
}

/** One number, float32 []. */
export function scalar(value: number): SentTensor {
  return { type: 'float32', dims: [], data: Float32Array.of(value) };
}

/** What the session's thread can be asked; `id` pairs an answer with its request. */
export type Request = { readonly id: number } & (
  | { kind: 'open'; model: Uint8Array; threads: number; provider: string; feedback: Readonly<Record<string, string>> }
  | { kind: 'keep'; tensors: Tensors }
  | { kind: 'kept' }
  | { kind: 'run'; feeds: Tensors; fetch: readonly string[] }
  | { kind: 'close' }
);

/** What the session's thread answers: tensors, or why there are none. */
export type Answer = { readonly id: number } & (
  | { tensors: Record<string, SentTensor>; failure?: never }
  | { failure: string; tensors?: never }
);

type Question = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** How a model is run. */
export interface SessionOptions {
  readonly threads: number;
  /** ONNX Runtime's name of what computes: `cpu` where absent. What it cannot do runs on the CPU. */
  readonly provider?: string;
  /** Outputs that are fed back as inputs of the next run, input → output: they never leave the thread. */
  readonly feedback?: Readonly<Record<string, string>>;
}

/** A model under execution in a thread of its own, with state that is fed back from run to run. */
export class Session {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Deferred<Record<string, SentTensor>>>();
  #next = 0;
  #failure: TrainError | undefined;

  private constructor() {
    this.#worker = new Worker(new URL('./session-worker.js', import.meta.url));
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#fail(error.message));
    this.#worker.on('exit', () => this.#fail('its thread ended'));
  }

  /** Starts a thread and loads the model there. @throws TrainError TRAIN_SESSION. */
  static async open(model: Model, { threads, provider = 'cpu', feedback = {} }: SessionOptions): Promise<Session> {
    const session = new Session();
    try {
      await session.#ask({ kind: 'open', model: writeModel(model), threads, provider, feedback });
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }

  /** Runs the model once; returns the outputs named in `fetch`. @throws TrainError TRAIN_SESSION. */
  run(feeds: Tensors, fetch: readonly string[]): Promise<Record<string, SentTensor>> {
    return this.#ask({ kind: 'run', feeds, fetch });
  }

  /** Sets inputs that stay the same, or start a feedback. */
  async keep(tensors: Tensors): Promise<void> {
    await this.#ask({ kind: 'keep', tensors });
  }

  /** A copy of the inputs that are kept, as they are after the last run. */
  kept(): Promise<Record<string, SentTensor>> {
    return this.#ask({ kind: 'kept' });
  }

  /** Waits for what is running, then ends the thread: to end it during a run would abort the process. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await Promise.allSettled([...this.#waiting.values()].map(({ promise }) => promise));
    if (this.#failure !== undefined) return;
    await this.#ask({ kind: 'close' }).catch(() => undefined);
    await ended;
  }

  #ask(question: Question): Promise<Record<string, SentTensor>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#next++;
    const pending = deferred<Record<string, SentTensor>>();
    this.#waiting.set(id, pending);
    this.#worker.postMessage({ id, ...question });
    return pending.promise;
  }

  #settle({ id, tensors, failure }: Answer): void {
    const pending = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure === undefined) pending?.resolve(tensors);
    else pending?.reject(broken(failure));
  }

  #fail(why: string): void {
    this.#failure ??= broken(why);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

function broken(why: string): TrainError {
  return new TrainError('TRAIN_SESSION', `the training graph failed to run: ${why}`, {
    hint: 'If memory ran out, lower --size; if the device is at fault, use --device cpu.',
  });
}
