import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker as BullWorker, Job } from 'bullmq';
import { DEVICES, type Device } from '../../engine/open.js';
import { EngineError, messageOf, OptionError } from '../../errors.js';
import { exists } from '../../media/ffmpeg/path.js';
import { checkNumbers } from '../../pipeline/style.js';
import { VERSION } from '../folder.js';
import { queueName, RedisConnection, type WorkerCard } from './redis.js';
import { SharedFolder } from './shared.js';
import { parseTask, type SegmentResult, type SegmentTask } from './task.js';
import { TaskPainter } from './task-painter.js';

/** Milliseconds between two signs of life. */
const SIGN = 10_000;
/** Milliseconds in which what is being painted is given back. */
const ENDING = 15_000;
/** How often a segment may fall to a worker that is gone: the third time it counts as the segment's fault. */
const MOST_LOST = 2;

/** Options of `startWorker`. */
export interface WorkerOptions {
  /** Redis: `redis://[user:password@]host[:port]`, or `rediss://` for TLS. */
  readonly redis: string;
  /** The folder that all machines see, as it is called on this one. */
  readonly shared: string;
  /** What it paints on, and whose jobs it takes: those for the same name; default `cpu`. */
  readonly device?: Exclude<Device, 'auto'>;
  /** CPU threads; default: all. */
  readonly threads?: number;
  /** Seconds without a sign of life after which its segment is given to another; default 30. */
  readonly silence?: number;
  /** Ends it: what it paints is given back. */
  readonly signal?: AbortSignal;
  readonly onNote?: (note: string) => void;
  /** Called when a segment begins and when it ends. */
  readonly onSegment?: (event: SegmentEvent) => void;
}

/** What has become of a segment. */
export interface SegmentEvent {
  readonly state: 'begun' | 'done' | 'failed' | 'given back';
  /** The video, by its name in the shared folder. */
  readonly input: string;
  /** Number of the segment, from 1 on, and how many there are. */
  readonly number: number;
  readonly of: number;
  readonly frames: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** A worker that runs. */
export interface RunningWorker {
  /** Ends it: what it paints is given back. */
  close(): Promise<void>;
  /** How many segments it has painted, when it has ended. */
  readonly finished: Promise<{ readonly segments: number }>;
}

/**
 * Paints segments that `stylizeLongVideo` hands out on other machines, until it is ended. It runs nothing but what the
 * schema of a segment allows: files inside the shared folder, painted with the styles that come with the job. Redis is
 * waited for.
 *
 * @throws OptionError `REDIS_PACKAGES`, `REDIS_ADDRESS`, `SHARED_FOLDER`, `WORKER_DEVICE`; EngineError `REDIS_PASSWORD`, `REDIS_AWAY`
 * where it is ended while it waits
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { signal, device = 'cpu', onNote = () => undefined } = options;
  if (!DEVICES.includes(device) || (device as Device) === 'auto') {
    throw new OptionError('WORKER_DEVICE', `A worker cannot paint on "${device}"; expected one device by its name.`, {
      hint: 'Devices differ by a level: give the same --device, such as cpu or cuda, to all that paint a video.',
    });
  }
  checkNumbers(options);
  const shared = await SharedFolder.open(options.shared);
  const connection = await RedisConnection.open(options.redis, onNote, { signal });
  return new SegmentWorker(options, shared, connection, onNote);
}

class SegmentWorker implements RunningWorker {
  readonly finished: Promise<{ readonly segments: number }>;
  private readonly stop = new AbortController();
  private readonly worker: BullWorker;
  private readonly sign: NodeJS.Timeout;
  private readonly card: WorkerCard;
  private end!: (result: { readonly segments: number }) => void;
  private readonly painter: TaskPainter;
  private segments = 0;

  constructor(
    private readonly options: WorkerOptions,
    private readonly shared: SharedFolder,
    private readonly connection: RedisConnection,
    private readonly note: (text: string) => void,
  ) {
    const { device = 'cpu', silence = 30, signal } = options;
    this.finished = new Promise((resolve) => {
      this.end = resolve;
    });
    this.painter = new TaskPainter(shared, options.threads, note);
    this.card = { version: VERSION, device, host: hostname(), pid: process.pid };
    // With three parameters it is told when it has lost its segment.
    const work = (job: Job, token: string | undefined, lost: AbortSignal | undefined) => this.work(job, token!, lost!);
    this.worker = new connection.bull.Worker(queueName(device), work, {
      connection: connection.client,
      lockDuration: silence * 1000,
      stalledInterval: silence * 1000,
      maxStalledCount: MOST_LOST,
    });
    this.worker.on('error', () => undefined);
    this.worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.worker.cancelJob(id);
    });
    this.sign = setInterval(() => this.announce(), SIGN);
    this.announce();
    signal?.addEventListener('abort', () => this.close());
    if (signal?.aborted) this.close();
  }

  async close(): Promise<void> {
    if (this.stop.signal.aborted) return;
    this.stop.abort();
    clearInterval(this.sign);
    const { connection } = this;
    const closing = this.worker.close(!connection.isThere).catch(() => undefined);
    await Promise.race([closing, pause(ENDING, undefined, { ref: false })]);
    await connection.answer(connection.leave(this.card)).catch(() => undefined);
    connection.close();
    this.end({ segments: this.segments });
  }

  private announce(): void {
    if (this.connection.isThere) this.connection.announce(this.card).catch(() => undefined);
  }

  /** Paints a segment. */
  private async work(job: Job, token: string, lost: AbortSignal): Promise<SegmentResult> {
    const { WaitingError, UnrecoverableError } = this.connection.bull;
    let task: SegmentTask;
    try {
      task = parseTask(job.data);
    } catch (error) {
      throw new UnrecoverableError(messageOf(error));
    }
    const { input, number, of, segment } = task;
    const tell = (state: SegmentEvent['state'], more: Pick<SegmentEvent, 'reason'> = {}) =>
      this.options.onSegment?.({ state, input, number: number + 1, of, frames: segment.frames, ...more });
    const giveBack = async () => {
      tell('given back');
      await this.connection.answer(job.moveToWait(token)).catch(() => undefined);
      return new WaitingError();
    };
    if (!(await exists(this.shared.pathOf(task.folder)))) {
      this.note(`${task.folder} is not in ${this.shared.root}: is --shared the same folder on all machines?`);
      await pause(SIGN, undefined, { signal: this.stop.signal }).catch(() => undefined);
      throw await giveBack();
    }
    tell('begun');
    try {
      const progress = (done: number) => {
        if (this.connection.isThere) job.updateProgress({ frames: done }).catch(() => undefined);
      };
      const painted = await this.painter.paint(task, progress, AbortSignal.any([lost, this.stop.signal]));
      if (!painted && !lost.aborted) throw await giveBack();
      if (!painted) throw new EngineError('JOB_LOST', 'Another worker has got the segment.');
      this.segments++;
      tell('done');
      return painted;
    } catch (error) {
      if (!(error instanceof WaitingError)) tell('failed', { reason: messageOf(error) });
      throw error;
    }
  }
}
