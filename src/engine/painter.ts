import { Worker } from 'node:worker_threads';
import { type Deferred, deferred } from '../deferred.js';
import { EngineError } from '../errors.js';
import type { Frame } from '../frame.js';
import type { Answer, PaintRequest, WorkerSpec } from './protocol.js';

/** One worker thread and the pictures it owes. */
class Hand {
  readonly ready = deferred<void>();
  private readonly worker: Worker;
  private readonly owed = new Map<number, Deferred<Uint8Array<ArrayBuffer>>>();
  private readonly gone = deferred<void>();
  private broken: EngineError | undefined;
  private closing = false;
  private next = 0;

  constructor(spec: WorkerSpec) {
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: spec, name: 'stylecast-painter' });
    this.worker.on('message', (answer: Answer) => this.hear(answer));
    this.worker.on('error', (error) => this.fail(died(error.message)));
    this.worker.on('exit', (code) => {
      if (!this.closing) this.fail(died(`exit code ${code}`));
      this.gone.resolve();
    });
    this.ready.promise.catch(() => undefined);
  }

  /** Pictures that it owes; a thread that is gone is the last to be asked. */
  get load(): number {
    return this.broken ? Number.POSITIVE_INFINITY : this.owed.size;
  }

  paint(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    if (this.broken) return Promise.reject(this.broken);
    const id = this.next++;
    const result = deferred<Uint8Array<ArrayBuffer>>();
    this.owed.set(id, result);
    const request: PaintRequest = { id, data };
    this.worker.postMessage(request, [data.buffer]);
    return result.promise;
  }

  /** Ends the thread after the picture it is at: terminating it inside `run()` would abort the process. */
  async close(): Promise<void> {
    this.closing = true;
    this.broken ??= new EngineError('ENGINE_CLOSED', 'The painter is closed; expected an open one.', {
      hint: 'Call paint before close.',
    });
    this.worker.postMessage('close');
    await this.gone.promise;
  }

  private hear(answer: Answer): void {
    if (answer.kind === 'ready') this.ready.resolve();
    else if (answer.kind === 'failed') this.fail(refused(answer.message));
    else {
      const result = this.owed.get(answer.id);
      this.owed.delete(answer.id);
      if (answer.kind === 'painted') result?.resolve(answer.data);
      else result?.reject(refused(answer.message));
    }
  }

  private fail(error: EngineError): void {
    this.broken ??= error;
    this.ready.reject(error);
    for (const result of this.owed.values()) result.reject(error);
    this.owed.clear();
  }
}

/**
 * A network ready to paint pictures of one size, on one or several worker threads.
 *
 * `paint` may be called again before it has answered: pictures go to the least busy thread.
 */
export class Painter {
  private constructor(
    private readonly hands: readonly Hand[],
    private readonly spec: WorkerSpec,
  ) {}

  /**
   * Starts the threads and waits until every session is open.
   *
   * @throws EngineError `ENGINE_NETWORK` when the runtime refuses the network
   */
  static async open(spec: WorkerSpec, sessions: number): Promise<Painter> {
    const hands = Array.from({ length: sessions }, () => new Hand(spec));
    const painter = new Painter(hands, spec);
    try {
      await Promise.all(hands.map((hand) => hand.ready.promise));
    } catch (error) {
      await painter.close();
      throw error;
    }
    return painter;
  }

  /** Number of pictures that are painted at the same time. */
  get sessions(): number {
    return this.hands.length;
  }

  /**
   * Paints a picture of the size that was prepared; its buffer is taken over.
   *
   * @throws EngineError `ENGINE_NETWORK` when the network fails, `ENGINE_DIED` when the thread is gone, `ENGINE_SIZE`,
   * `ENGINE_CLOSED`
   */
  async paint(frame: Frame): Promise<Frame> {
    const { width, height, compare } = this.spec;
    if (frame.width !== width || frame.height !== height) {
      throw new EngineError('ENGINE_SIZE', `A frame is ${frame.width}x${frame.height}; expected ${width}x${height}.`, {
        hint: 'All frames of a source must have the size that the style was opened for.',
      });
    }
    const hand = this.hands.reduce((a, b) => (b.load < a.load ? b : a));
    const data = await hand.paint(frame.data);
    return { data, width: compare ? 2 * width : width, height, pts: frame.pts };
  }

  /** Waits for running work and ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.hands.map((hand) => hand.close()));
  }
}

function died(reason: string): EngineError {
  return new EngineError('ENGINE_DIED', `The thread that runs the network died (${reason}).`, {
    hint: 'If memory ran out, try a smaller --memory, --height or --threads.',
  });
}

function refused(message: string): EngineError {
  const reason = message.replace(/\s+/g, ' ').slice(0, 300);
  return new EngineError('ENGINE_NETWORK', `The network cannot run: ${reason}`, {
    hint: 'It may use operators that this runtime lacks, or sizes other than its manifest says.',
  });
}
