import { TrainError } from '../../errors.js';
import { writeModel } from '../../graph/onnx/write.js';
import type { ElementType, Model, TensorData } from '../../graph/types.js';
import { WorkerClient, type WorkerErrors } from './worker-client.js';

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

/** `workerData` of the session's thread. */
export interface GraphSessionSpec extends Required<GraphSessionOptions> {
  readonly model: Uint8Array;
}

/** A request to the session's thread; it answers with tensors. */
export type GraphSessionRequest =
  | { readonly keep: Tensors }
  | { readonly feeds: Tensors; readonly fetch: readonly string[] }
  | 'kept';

/** Options of a session. */
export interface GraphSessionOptions {
  readonly threads: number;
  /** ONNX Runtime's execution provider; default `cpu`. Unsupported nodes run on the CPU. */
  readonly provider?: string;
  /** Outputs fed back as inputs of the next run, input → output; they never leave the thread. */
  readonly feedback?: Readonly<Record<string, string>>;
}

/** A graph that runs in its own thread, with state fed back from run to run. */
export class GraphSession {
  private constructor(private readonly worker: WorkerClient<GraphSessionRequest, Record<string, SentTensor>>) {}

  /** Starts a thread and loads the model there. @throws TrainError TRAIN_SESSION. */
  static async open(
    model: Model,
    { threads, provider = 'cpu', feedback = {} }: GraphSessionOptions,
  ): Promise<GraphSession> {
    const spec: GraphSessionSpec = { model: writeModel(model), threads, provider, feedback };
    const worker = new WorkerClient<GraphSessionRequest, Record<string, SentTensor>>(
      new URL('./graph-session-worker.js', import.meta.url),
      spec,
      ERRORS,
    );
    await worker.opened();
    return new GraphSession(worker);
  }

  /** Runs the model once; returns the outputs named in `fetch`. @throws TrainError TRAIN_SESSION. */
  run(feeds: Tensors, fetch: readonly string[]): Promise<Record<string, SentTensor>> {
    return this.worker.request({ feeds, fetch }, []);
  }

  /** Sets constant inputs, or initial values of fed-back ones. */
  async keep(tensors: Tensors): Promise<void> {
    await this.worker.request({ keep: tensors }, []);
  }

  /** A copy of the kept inputs after the last run. */
  kept(): Promise<Record<string, SentTensor>> {
    return this.worker.request('kept', []);
  }

  /** Waits for the current run, then ends the thread. */
  close(): Promise<void> {
    return this.worker.close();
  }
}

const ERRORS: WorkerErrors = {
  name: 'stylecast-graph',
  failed: broken,
  died: broken,
  closed: () => broken('its thread ended'),
};

function broken(why: string): TrainError {
  return new TrainError('TRAIN_SESSION', `the training graph failed to run: ${why}`, {
    hint: 'If memory ran out, lower --size; if the device is at fault, use --device cpu.',
  });
}
