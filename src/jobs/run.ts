import { readFile, stat } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import type { ShotState } from '../engine/painter/painter.js';
import { codeOf, MediaError, messageOf, StylecastError } from '../errors.js';
import { joinParts } from '../media/files/encode/join.js';
import type { MediaInfo } from '../media/probe/info.js';
import type { ProgressMeter } from '../pipeline/progress.js';
import { writeFileAtomically } from '../write-file.js';
import type { JobFiles } from './folder.js';
import { keepFile } from './job/disk.js';
import { type JobManifest, type Segment, writeJob } from './job/manifest.js';
import type { LongVideoOptions } from './options.js';
import { paintSegment, type SegmentWork } from './segments/paint.js';

/** How often a segment is tried. */
export const TRIES = 3;
/** What may go well the next time: ffmpeg or a thread that crashed. */
const PASSING = [
  ...['MEDIA_FFMPEG_KILLED', 'MEDIA_FFMPEG_FAILED', 'MEDIA_FRAMES_LOST', 'MEDIA_NO_TIME', 'ENGINE_DIED'],
  'JOB_FRAMES',
];

/** A job that is being worked on. */
export class RunningJob {
  constructor(
    private job: JobManifest,
    private readonly files: JobFiles,
    private readonly info: MediaInfo,
    private readonly options: LongVideoOptions,
    private readonly note: (...notes: readonly string[]) => void,
  ) {}

  /** What is known of it on disk. */
  get manifest(): JobManifest {
    return this.job;
  }

  /** Frames of all segments, and of those that are done. */
  get frames(): { readonly total: number; readonly done: number } {
    const sum = (segments: readonly Segment[]) => segments.reduce((all, { frames }) => all + frames, 0);
    return { total: sum(this.job.segments), done: sum(this.job.segments.filter(({ state }) => state === 'done')) };
  }

  /**
   * Paints what is left.
   *
   * @returns whether all is done: false when it was interrupted
   * @throws MediaError `JOB_SEGMENT` when a segment failed three times
   */
  async paint(meter: ProgressMeter): Promise<boolean> {
    for (let number = 0; number < this.job.segments.length; number++) {
      if (this.options.signal?.aborted) return false;
      if (this.job.segments[number]!.state === 'done') continue;
      if (!(await this.paintOne(number, meter))) return false;
    }
    return true;
  }

  /**
   * Joins the segments, with everything that the source held beside the picture, into `JobFiles.joined`.
   *
   * @returns whether it was: false when it was interrupted
   */
  async join(): Promise<boolean> {
    const { joined } = this.files;
    const making = this.files.making(joined);
    const parts = this.job.segments.map(({ frames }, number) => ({
      path: this.files.segment(number),
      start: this.startOf(number),
      frames,
    }));
    const { last } = this.job;
    try {
      this.note(...(await joinParts(making, this.info, parts, { ...this.options, last })));
    } catch (error) {
      if (this.options.signal?.aborted) return false;
      throw error;
    }
    const { size } = await stat(making);
    await keepFile(making, joined);
    await this.save({ ...this.job, joined: size });
    return true;
  }

  private async paintOne(number: number, meter: ProgressMeter): Promise<boolean> {
    const { segments } = this.job;
    const device = this.job.device as LongVideoOptions['device'];
    const part = this.partOf(number);
    for (let tries = 1; ; tries++) {
      const before = meter.progress().frames;
      try {
        const painted = await paintSegment(
          {
            info: this.info,
            options: { ...this.options, ...(device && { device }) },
            ...part,
            path: this.files.segment(number),
            making: this.files.making(this.files.segment(number)),
            shot: part.segment.continues ? await this.readShot(number) : undefined,
          },
          meter,
          this.note,
        );
        if (!painted) return false;
        if (painted.shot) await writeFileAtomically(this.files.shot(number + 1), serialize(painted.shot));
        await this.done(number, painted.device);
        return true;
      } catch (error) {
        meter.takeBack(meter.progress().frames - before);
        if (!PASSING.includes(codeOf(error))) throw error;
        if (tries === TRIES) throw this.failed(number, error);
        this.note(
          `Segment ${number + 1} of ${segments.length} is tried again (${tries + 1} of ${TRIES}): ${messageOf(error)}`,
        );
      }
    }
  }

  /** What a segment is painted with, but for where. */
  partOf(number: number): Pick<SegmentWork, 'segment' | 'origin' | 'end' | 'scenes' | 'total' | 'handOver'> {
    const { segments, scenes } = this.job;
    const segment = segments[number]!;
    const next = segments[number + 1];
    return {
      segment,
      origin: this.originOf(number),
      end: next?.start,
      scenes,
      total: this.frames.total,
      handOver: next?.continues ? segment.frames - next.leadIn : undefined,
    };
  }

  /** Writes down that a segment's file is there. */
  async done(number: number, device: string): Promise<void> {
    const { segments } = this.job;
    const { size } = await stat(this.files.segment(number));
    const done = { ...segments[number]!, state: 'done' as const, bytes: size };
    await this.save({ ...this.job, device, segments: segments.with(number, done) });
  }

  private async save(job: JobManifest): Promise<void> {
    await writeJob(this.files.folder, job);
    this.job = job;
  }

  private async readShot(number: number): Promise<ShotState | undefined> {
    const bytes = await readFile(this.files.shot(number)).catch(() => undefined);
    return bytes && (deserialize(bytes) as ShotState);
  }

  /** Where a segment's file has its zero. */
  private originOf(number: number): number {
    const { start } = this.job.segments[number]!;
    return this.files.rounds ? Math.floor(start * 1000 + 1e-6) / 1000 : start;
  }

  /** When a segment's first frame is shown, as its file has it. */
  private startOf(number: number): number {
    const { start } = this.job.segments[number]!;
    return this.files.rounds ? Math.round(start * 1000) / 1000 : start;
  }

  /** Why the job ends: a segment failed too often. */
  failed(number: number, cause: unknown): MediaError {
    const { segments } = this.job;
    const { start, frames } = segments[number]!;
    const done = segments.filter(({ state }) => state === 'done').length;
    const which = `Segment ${number + 1} of ${segments.length} (${frames} frames from ${start.toFixed(1)} s)`;
    const why = `failed ${TRIES} times: ${messageOf(cause)}`;
    const mend = cause instanceof StylecastError && cause.hint ? `${cause.hint} ` : '';
    const hint = `${mend}The same command tries it again; ${done} others are kept in ${this.files.folder}.`;
    return new MediaError('JOB_SEGMENT', `${which} ${why}`, { hint, cause });
  }
}
