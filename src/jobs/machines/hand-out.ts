import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { EngineError, MediaError, StylecastError } from '../../errors.js';
import type { ProgressMeter } from '../../pipeline/progress.js';
import { type JobFiles, VERSION } from '../folder.js';
import { keepFile } from '../job/disk.js';
import type { LongVideoOptions, Machines } from '../options.js';
import { type RunningJob, TRIES } from '../run.js';
import { JobTasks } from './job-tasks.js';
import { queueName, RedisConnection } from './redis.js';
import { SharedFolder } from './shared.js';
import { HANDED, parseResult, type SegmentResult } from './task.js';

/** Milliseconds between two looks at what the workers have done, and between two at who they are. */
const LOOK = 500;
const LOOK_AT_WORKERS = 10_000;
/** Milliseconds in which Redis has to be reached at first. Later it is waited for. */
const FIRST = 30_000;
/** Segments that are handed out at a time. */
const AT_ONCE = 100;
/** Looks after which a file that a worker has written must be seen here: network file systems take their time. */
const UNSEEN = 40;
/** Looks that may fail one after the other. */
const FAILURES = 20;
/** Seconds after which Redis forgets what nobody has asked for. */
const FORGOTTEN = { age: 7 * 24 * 3600 } as const;

/** A segment that is with the workers. */
interface Out {
  frames: number;
  unseen: number;
}

/** @throws OptionError `SHARED_FOLDER`, `SHARED_OUTSIDE` for files that workers cannot see */
export async function checkShared({ input, output, mask }: LongVideoOptions, machines: Machines): Promise<void> {
  const shared = await SharedFolder.open(machines.shared);
  const isFile = mask !== undefined && mask !== 'person' && mask !== 'background';
  for (const path of isFile ? [input, output, mask] : [input, output]) await shared.nameOf(path);
}

/** A job whose segments other machines paint. */
export class HandedOutJob {
  private readonly out = new Map<number, Out>();
  /** How often what a worker had painted was not there. */
  private readonly lost = new Map<number, number>();
  private looked = Number.NEGATIVE_INFINITY;
  /** What was said last of workers that are missing. */
  private said = '';
  private failure: unknown;
  private failures = 0;

  private constructor(
    private readonly job: RunningJob,
    private readonly files: JobFiles,
    private readonly tasks: JobTasks,
    private readonly connection: RedisConnection,
    private readonly queue: Queue,
    private readonly signal: AbortSignal | undefined,
    private readonly note: (text: string) => void,
  ) {}

  /**
   * Paints what is left of a job, by workers.
   *
   * @param options with the styles that were opened
   * @returns whether all is done: false when it was interrupted
   * @throws MediaError `JOB_SEGMENT` when a segment failed three times; OptionError `SHARED_FOLDER`, `SHARED_OUTSIDE`;
   * EngineError `JOB_DEVICE`, `REDIS_AWAY`, `REDIS_PASSWORD`
   */
  static async paint(
    job: RunningJob,
    files: JobFiles,
    options: LongVideoOptions & { readonly machines: Machines },
    meter: ProgressMeter,
    note: (text: string) => void,
  ): Promise<boolean> {
    const { signal, machines } = options;
    const shared = await SharedFolder.open(machines.shared);
    const known = job.manifest.device;
    const asked = options.device ?? 'auto';
    const device = asked !== 'auto' ? asked : known === 'auto' ? 'cpu' : known;
    const tasks = await JobTasks.prepare(job, files, options, shared, device);
    const connection = await RedisConnection.open(machines.redis, note, { patience: FIRST, signal });
    const queue = new connection.bull.Queue(queueName(device), { connection: connection.client });
    queue.on('error', () => undefined);
    const handed = new HandedOutJob(job, files, tasks, connection, queue, signal, note);
    try {
      return await handed.untilDone(meter);
    } finally {
      await connection.answer(handed.takeBack()).catch(() => undefined);
      await connection.answer(queue.close()).catch(() => undefined);
      connection.close();
    }
  }

  private async untilDone(meter: ProgressMeter): Promise<boolean> {
    const { signal } = this;
    const before = meter.progress().frames - this.job.frames.done;
    let round: Promise<void> | undefined;
    while (this.job.manifest.segments.some(({ state }) => state !== 'done')) {
      if (signal?.aborted) return false;
      if (this.connection.isThere) {
        round ??= this.round()
          .then(
            () => {
              this.failures = 0;
            },
            (error) => {
              this.failure = error;
              this.failures++;
            },
          )
          .finally(() => {
            round = undefined;
          });
        await this.connection.answer(round);
      }
      // What failed because Redis went away is done again.
      if (this.failure instanceof StylecastError || this.failures > FAILURES) throw this.failure;
      this.failure = undefined;
      const underWay = [...this.out.values()].reduce((sum, { frames }) => sum + frames, 0);
      meter.reach(before + this.job.frames.done + underWay);
      await pause(LOOK, undefined, { signal }).catch(() => undefined);
    }
    return true;
  }

  /** Hands out what can be painted, and takes what was. */
  private async round(): Promise<void> {
    const { segments } = this.job.manifest;
    for (const [number, { state, continues }] of segments.entries()) {
      const isReady = state !== 'done' && (!continues || segments[number - 1]!.state === 'done');
      if (isReady && !this.out.has(number) && this.out.size < AT_ONCE) await this.send(number);
    }
    for (const number of [...this.out.keys()]) await this.lookAt(number);
    if (performance.now() - this.looked > LOOK_AT_WORKERS) await this.lookAtWorkers();
  }

  private async send(number: number): Promise<void> {
    // What failed in an earlier run is tried again.
    const before: Job | undefined = await this.queue.getJob(this.idOf(number));
    if (before && (await before.isFailed())) await before.remove();
    await this.queue.add('segment', this.tasks.of(number), {
      jobId: this.idOf(number),
      attempts: TRIES,
      backoff: { type: 'fixed', delay: 1000 },
      removeOnComplete: FORGOTTEN,
      removeOnFail: FORGOTTEN,
    });
    this.out.set(number, { frames: 0, unseen: 0 });
  }

  private async lookAt(number: number): Promise<void> {
    const out = this.out.get(number)!;
    const job: Job | undefined = await this.queue.getJob(this.idOf(number));
    if (!job) {
      // Redis has lost it, for example because it was started anew: it is handed out again.
      this.out.delete(number);
    } else if (job.finishedOn === undefined) {
      const { frames } = job.progress as { frames?: number };
      out.frames = Math.min(frames ?? 0, this.job.manifest.segments[number]!.frames);
    } else if (job.returnvalue) await this.take(number, out, job);
    else throw this.job.failed(number, new EngineError('JOB_WORKER', job.failedReason ?? 'nobody knows why'));
  }

  /** Takes what a worker has painted. */
  private async take(number: number, out: Out, job: Job): Promise<void> {
    const made = parseResult(job.returnvalue);
    const at = (name: string) => join(this.files.folder, HANDED, name);
    const facts = await stat(at(made.file)).catch(() => undefined);
    if (facts?.size !== made.bytes) return this.isMissing(number, out, job, made);
    const known = this.job.manifest.segments.some(({ state }) => state === 'done') && this.job.manifest.device;
    if (known && known !== made.device) {
      const what = `${made.by} has painted segment ${number + 1} on ${made.device}, others on ${known}`;
      throw new EngineError('JOB_DEVICE', `${what}: they differ by a level.`, {
        hint: 'Give --device with one name, such as cuda, to "stylecast video" and to each worker.',
      });
    }
    if (made.shot !== undefined) await rename(at(made.shot), this.files.shot(number + 1));
    await keepFile(at(made.file), this.files.segment(number));
    await this.job.done(number, made.device);
    this.out.delete(number);
    await job.remove();
  }

  private async isMissing(number: number, out: Out, job: Job, { file, by }: SegmentResult): Promise<void> {
    if (++out.unseen < UNSEEN) return;
    const times = (this.lost.get(number) ?? 0) + 1;
    this.lost.set(number, times);
    if (times === TRIES) {
      throw this.job.failed(
        number,
        new MediaError('SHARED_DIFFERS', `${file}, which ${by} has written, is not here.`, {
          hint: 'Is --shared the same folder on all machines?',
        }),
      );
    }
    await job.remove();
    this.out.delete(number);
  }

  /** Says so where nobody is there who could paint. */
  private async lookAtWorkers(): Promise<void> {
    this.looked = performance.now();
    const { device } = this.tasks;
    const workers = await this.connection.workers();
    if (workers.some((worker) => worker.version === VERSION && worker.device === device)) {
      this.said = '';
      return;
    }
    const others = [...new Set(workers.map((worker) => `${worker.version} for ${worker.device}`))];
    const there = others.length > 0 ? ` (there are: ${others.join(', ')})` : '';
    const start = `stylecast worker --redis redis://${this.connection.address} --shared <folder>`;
    const kind = device === 'cpu' ? '' : ` --device ${device}`;
    const said = `No worker of stylecast ${VERSION} for ${device} is there${there}: waiting. Start one: ${start}${kind}`;
    if (said !== this.said) this.note(said);
    this.said = said;
  }

  /** Takes back what nobody has begun; what workers are painting is taken when the job is gone on with. */
  private async takeBack(): Promise<void> {
    for (const number of this.out.keys()) {
      const job: Job | undefined = await this.queue.getJob(this.idOf(number));
      if (job && (await job.isWaiting())) await job.remove().catch(() => undefined);
    }
  }

  private idOf(number: number): string {
    return `${this.tasks.key}-${number}`;
  }
}
