import { Worker } from 'node:worker_threads';
import { type Deferred, deferred } from '../../deferred.js';
import { EngineError, type StylecastError } from '../../errors.js';
import { deserializeError, networkError, type WorkerRequest, type WorkerResponse } from './protocol.js';

/** How the client of a worker thread names it, and what goes wrong there beside errors of stylecast's own. */
export interface WorkerErrors {
  readonly name: string;
  /** An error that the runtime threw. */
  readonly failed: (reason: string) => StylecastError;
  /** For a thread that exits unexpectedly. */
  readonly died: (reason: string) => StylecastError;
  /** For a request after closing. */
  readonly closed: () => StylecastError;
}

/** The client side of a worker thread, which handles requests one after the other with `serveWorker`. */
export class WorkerClient<Request, Response, Ready = undefined> {
  /** Resolves with the handler's `ready` value when it is open. */
  readonly ready = deferred<Ready>();
  private readonly worker: Worker;
  private readonly pending = new Map<number, Deferred<Response>>();
  private readonly exited = deferred<void>();
  private broken: StylecastError | undefined;
  private closing = false;
  private next = 0;

  /** @param script the thread's module; @param spec its `workerData` */
  constructor(
    script: URL,
    spec: unknown,
    private readonly errors: WorkerErrors = PAINTER,
  ) {
    this.worker = new Worker(script, { workerData: spec, name: errors.name });
    this.worker.on('message', (response: WorkerResponse<Response, Ready>) => this.receive(response));
    this.worker.on('error', (error) => this.fail(errors.died(error.message)));
    this.worker.on('exit', (code) => {
      if (!this.closing) this.fail(errors.died(`exit code ${code}`));
      this.exited.resolve();
    });
    this.ready.promise.catch(() => undefined);
  }

  /** Waits until the handler is open; ends the thread where it fails to. */
  async opened(): Promise<Ready> {
    try {
      return await this.ready.promise;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Number of pending requests; infinite for a dead thread, so that it is chosen last. */
  get load(): number {
    return this.broken ? Number.POSITIVE_INFINITY : this.pending.size;
  }

  /**
   * Sends a request; buffers in `transfer` are transferred, the rest is copied.
   *
   * @throws EngineError `ENGINE_DIED`, `ENGINE_CLOSED`, and errors thrown by the handler
   */
  request(request: Request, transfer: ArrayBuffer[]): Promise<Response> {
    if (this.broken) return Promise.reject(this.broken);
    const id = this.next++;
    const result = deferred<Response>();
    this.pending.set(id, result);
    const message: WorkerRequest<Request> = { id, request };
    this.worker.postMessage(message, transfer);
    return result.promise;
  }

  /** Ends the thread after its current request: terminating it inside `run()` would abort the process. */
  async close(): Promise<void> {
    this.closing = true;
    this.broken ??= this.errors.closed();
    this.worker.postMessage('close');
    await this.exited.promise;
  }

  private receive(response: WorkerResponse<Response, Ready>): void {
    if (response.kind === 'ready') this.ready.resolve(response.ready);
    else if (response.kind === 'failed') this.fail(deserializeError(response.error, this.errors.failed));
    else {
      const result = this.pending.get(response.id);
      this.pending.delete(response.id);
      if (response.kind === 'done') result?.resolve(response.response);
      else result?.reject(deserializeError(response.error, this.errors.failed));
    }
  }

  private fail(error: StylecastError): void {
    this.broken ??= error;
    this.ready.reject(error);
    for (const result of this.pending.values()) result.reject(error);
    this.pending.clear();
  }
}

/** The error of painting after `close`. */
export function closedError(): EngineError {
  return new EngineError('ENGINE_CLOSED', 'The painter is closed; expected an open one.', {
    hint: 'Call paint before close.',
  });
}

function workerDied(reason: string): EngineError {
  return new EngineError('ENGINE_DIED', `The thread that runs the network died (${reason}).`, {
    hint: 'If memory ran out, try a smaller --memory, --height or --threads.',
  });
}

const PAINTER: WorkerErrors = {
  name: 'stylecast-painter',
  failed: networkError,
  died: workerDied,
  closed: closedError,
};
