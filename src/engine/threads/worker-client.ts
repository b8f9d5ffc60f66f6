import { Worker } from 'node:worker_threads';
import { type Deferred, deferred } from '../../deferred.js';
import { EngineError, type StylecastError } from '../../errors.js';
import { type Answer, heard, type Request } from './protocol.js';

/** A worker thread that answers requests one after the other, as `serve` makes it do. */
export class Hand<Ask, Reply> {
  /** Resolves when the service is open; `mixed` when a part of its network runs on the CPU because the device lacks it. */
  readonly ready = deferred<{ readonly mixed: boolean }>();
  private readonly worker: Worker;
  private readonly owed = new Map<number, Deferred<Reply>>();
  private readonly gone = deferred<void>();
  private broken: StylecastError | undefined;
  private closing = false;
  private next = 0;

  /** @param script the thread's module; @param spec what it finds as `workerData` */
  constructor(script: URL, spec: unknown) {
    this.worker = new Worker(script, { workerData: spec, name: 'stylecast-painter' });
    this.worker.on('message', (answer: Answer<Reply>) => this.hear(answer));
    this.worker.on('error', (error) => this.fail(died(error.message)));
    this.worker.on('exit', (code) => {
      if (!this.closing) this.fail(died(`exit code ${code}`));
      this.gone.resolve();
    });
    this.ready.promise.catch(() => undefined);
  }

  /** Answers that it owes; a thread that is gone is the last to be asked. */
  get load(): number {
    return this.broken ? Number.POSITIVE_INFINITY : this.owed.size;
  }

  /**
   * Sends a request; what is in `transfer` is gone here afterwards, the rest is copied.
   *
   * @throws EngineError `ENGINE_DIED`, `ENGINE_CLOSED`, and what the thread threw
   */
  ask(ask: Ask, transfer: ArrayBuffer[]): Promise<Reply> {
    if (this.broken) return Promise.reject(this.broken);
    const id = this.next++;
    const result = deferred<Reply>();
    this.owed.set(id, result);
    const request: Request<Ask> = { id, ask };
    this.worker.postMessage(request, transfer);
    return result.promise;
  }

  /** Ends the thread after what it is at: terminating it inside `run()` would abort the process. */
  async close(): Promise<void> {
    this.closing = true;
    this.broken ??= closedError();
    this.worker.postMessage('close');
    await this.gone.promise;
  }

  private hear(answer: Answer<Reply>): void {
    if (answer.kind === 'ready') this.ready.resolve(answer);
    else if (answer.kind === 'failed') this.fail(heard(answer.error));
    else {
      const result = this.owed.get(answer.id);
      this.owed.delete(answer.id);
      if (answer.kind === 'done') result?.resolve(answer.reply);
      else result?.reject(heard(answer.error));
    }
  }

  private fail(error: StylecastError): void {
    this.broken ??= error;
    this.ready.reject(error);
    for (const result of this.owed.values()) result.reject(error);
    this.owed.clear();
  }
}

/** What painting after `close` is told. */
export function closedError(): EngineError {
  return new EngineError('ENGINE_CLOSED', 'The painter is closed; expected an open one.', {
    hint: 'Call paint before close.',
  });
}

function died(reason: string): EngineError {
  return new EngineError('ENGINE_DIED', `The thread that runs the network died (${reason}).`, {
    hint: 'If memory ran out, try a smaller --memory, --height or --threads.',
  });
}
