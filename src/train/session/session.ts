import { Worker } from 'node:worker_threads';
import { type Deferred, deferred } from '../../deferred.js';
import { TrainError } from '../../errors.js';
import { writeModel } from '../../graph/onnx/write.js';
import type { ElementType, Model, TensorData } from '../../graph/types.js';

/** A tensor sent between threads. */
export interface SentTensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Exclude<TensorData, string[]>;
}

/** Tensors by name. */
export type Tensors = Readonly<Record<string, SentTensor>>;

/** A vector, float32 [n]. */
export function vector(data: Float32Array): SentTensor {
  return { type: 'float32', dims: [data.length], data };
}

/** A scalar, float32 []. */
export function scalar(value: number): SentTensor {
  return { type: 'float32', dims: [], data: Float32Array.of(value) };
}

/** A request to the session's thread; `id` pairs it with its response. */
export type SessionRequest = { readonly id: number } & (
  | { kind: 'open'; model: Uint8Array; threads: number; provider: string; feedback: Readonly<Record<string, string>> }
  | { kind: 'keep'; tensors: Tensors }
  | { kind: 'kept' }
  | { kind: 'run'; feeds: Tensors; fetch: readonly string[] }
  | { kind: 'close' }
);

/** A response of the session's thread: tensors, or the reason of a failure. */
export type SessionResponse = { readonly id: number } & (
  | { tensors: Record<string, SentTensor>; failure?: never }
  | { failure: string; tensors?: never }
);

type SessionRequestBody = SessionRequest extends infer R ? (R extends SessionRequest ? Omit<R, 'id'> : never) : never;

/** Options of a session. */
export interface SessionOptions {
  readonly threads: number;
  /** ONNX Runtime's execution provider; default `cpu`. Unsupported nodes run on the CPU. */
  readonly provider?: string;
  /** Outputs fed back as inputs of the next run, input → output; they never leave the thread. */
  readonly feedback?: Readonly<Record<string, string>>;
}

/** A session in its own thread, with state fed back from run to run. */
export class TrainingSession {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Deferred<Record<string, SentTensor>>>();
  #next = 0;
  #failure: TrainError | undefined;

  private constructor() {
    this.#worker = new Worker(new URL('./session-worker.js', import.meta.url));
    this.#worker.on('message', (answer: SessionResponse) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#fail(error.message));
    this.#worker.on('exit', () => this.#fail('its thread ended'));
  }

  /** Starts a thread and loads the model there. @throws TrainError TRAIN_SESSION. */
  static async open(
    model: Model,
    { threads, provider = 'cpu', feedback = {} }: SessionOptions,
  ): Promise<TrainingSession> {
    const session = new TrainingSession();
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

  /** Sets constant inputs, or initial values of fed-back ones. */
  async keep(tensors: Tensors): Promise<void> {
    await this.#ask({ kind: 'keep', tensors });
  }

  /** A copy of the kept inputs after the last run. */
  kept(): Promise<Record<string, SentTensor>> {
    return this.#ask({ kind: 'kept' });
  }

  /** Waits for the current run, then ends the thread: terminating it during a run would abort the process. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await Promise.allSettled([...this.#waiting.values()].map(({ promise }) => promise));
    if (this.#failure !== undefined) return;
    await this.#ask({ kind: 'close' }).catch(() => undefined);
    await ended;
  }

  #ask(question: SessionRequestBody): Promise<Record<string, SentTensor>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#next++;
    const pending = deferred<Record<string, SentTensor>>();
    this.#waiting.set(id, pending);
    this.#worker.postMessage({ id, ...question });
    return pending.promise;
  }

  #settle({ id, tensors, failure }: SessionResponse): void {
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
