import { promises as fs } from 'node:fs';
import { MediaError, messageOf, OptionError, StylecastError } from '../errors.js';
import type { Size } from '../frame.js';
import { exists, localPath } from '../media/ffmpeg/path.js';
import { inspectVideo } from '../media/files/inspect.js';
import { removeCopy } from '../media/files/pictures/animated-webp.js';
import type { MediaInfo } from '../media/probe/info.js';
import { probe } from '../media/probe/probe.js';
import { ProgressMeter } from '../pipeline/progress.js';
import { checkRegions } from '../pipeline/region-painter.js';
import { checkNumbers, workingSize } from '../pipeline/style.js';
import { planFile } from '../pipeline/stylize/plan-file.js';
import { stylizeVideo } from '../pipeline/stylize/video.js';
import { checkSame, openStyles, planJob, withFilesThere } from './begin.js';
import { JobFiles, jobFolder } from './folder.js';
import { clearFolder, isFull } from './job/disk.js';
import { FolderLock } from './job/lock.js';
import { type JobManifest, readJob, writeJob } from './job/manifest.js';
import type { ProcessName } from './job/process.js';
import { checkShared, HandedOutJob } from './machines/hand-out.js';
import { inOnePiece, onePiece, unseekable } from './one-piece.js';
import type { LongVideoOptions, LongVideoResult, Machines } from './options.js';
import { RunningJob } from './run.js';
import { expectedSeconds } from './segments/estimate.js';

/** Seconds of work from which on what is done is kept. */
const LONG = 60;

/**
 * Stylizes a video, as `stylizeVideo` does. What will take longer than a minute is painted in segments, which are kept
 * in a folder beside the output (`stylized.mp4.stylecast-job`) until it is whole: whatever ends the work, the same call
 * goes on where it was. When the signal ends it, it leaves that folder, and no file.
 *
 * With `machines` the segments are painted by workers (`startWorker`), whatever the length.
 *
 * @throws as `stylizeVideo`; OptionError `JOB_CHANGED` where input or options differ from those that the segments were
 * painted with, `JOB_BUSY` where another process works on it, `JOB_ONE_PIECE` where `resume` is asked for what can only be
 * painted in one piece; MediaError `JOB_SEGMENT`, `JOB_FRAMES`, `JOB_MANIFEST`; with `machines` also as `HandedOutJob.paint`
 */
export async function stylizeLongVideo(given: LongVideoOptions): Promise<LongVideoResult> {
  const options = { ...given, input: localPath(given.input), output: localPath(given.output) };
  const { resume, machines } = options;
  if (machines) return paintElsewhere(options, machines);
  if (resume === false) return stylizeVideo(options);
  const there = await exists(jobFolder(options.output));
  const stuck = inOnePiece(options);
  if (!there && !resume && (stuck || ((await expectedSeconds(options)) ?? 0) < LONG)) return stylizeVideo(options);
  if (stuck) throw onePiece(options, stuck);
  return inSegments(options, there);
}

/** Has other machines paint it, whatever its length. What can only be painted in one piece is painted here. */
async function paintElsewhere(options: LongVideoOptions, machines: Machines): Promise<LongVideoResult> {
  const stuck = options.resume === false ? '--no-resume is given' : inOnePiece(options);
  if (stuck) {
    options.onNote?.(`${options.input} is painted here: ${stuck}.`);
    return stylizeVideo(options);
  }
  await checkShared(options, machines);
  return inSegments(options, await exists(jobFolder(options.output)));
}

async function inSegments(options: LongVideoOptions, there: boolean): Promise<LongVideoResult> {
  const folder = jobFolder(options.output);
  checkNumbers(options);
  checkRegions(options);
  const lock = await lockFolder(folder, there, options);
  try {
    return await new LongVideo(options, folder).make();
  } catch (error) {
    throw isFull(error) ? diskFull(folder, error) : error;
  } finally {
    await lock.release();
    await removeEmpty(folder);
  }
}

/** One call of `stylizeLongVideo`. */
class LongVideo {
  private readonly began = performance.now();
  private readonly notes: string[] = [];

  constructor(
    private readonly options: LongVideoOptions,
    private readonly folder: string,
  ) {}

  async make(): Promise<LongVideoResult> {
    const { options, folder } = this;
    let before = await readJob(folder).catch((error) => {
      if (!options.overwrite) throw error;
      return undefined;
    });
    if (before && (await this.wasJoined(before))) {
      const made = await this.finished(before);
      if (made) return made;
      before = undefined;
    }
    const place = new JobFiles(folder, options.output, options, false).joined;
    const file = await planFile(options.output, options, place);
    file.keep();
    const info = await inspectVideo(options.input);
    const stuck = unseekable(info);
    if (stuck) return this.paintWhole(info, stuck);
    const files = new JobFiles(folder, options.output, options, info.transparent === true && !options.compare);
    const { opened, job } = await this.beginOrResume(before, info, files);
    const working = workingSize(info.video, options);
    const size = { width: options.compare ? 2 * working.width : working.width, height: working.height };
    if (!job) return { ...this.result({ frames: 0, painted: 0, device: 'cpu', size }), interrupted: true };
    const running = new RunningJob(job, files, info, { ...opened, output: options.output }, this.note);
    const { total, done } = running.frames;
    const meter = new ProgressMeter(total, options.onProgress, done);
    const { machines } = options;
    const elsewhere = machines && { ...opened, output: options.output, machines };
    const painted = elsewhere
      ? await HandedOutJob.paint(running, files, elsewhere, meter, (text) => options.onNote?.(text))
      : await running.paint(meter);
    const whole = painted && (await running.join());
    const progress = meter.progress();
    options.onProgress?.(progress);
    const { frames, bottleneck } = progress;
    const { segments, scenes, device } = running.manifest;
    const made = {
      ...this.result({ frames, painted: frames - done, device: device as LongVideoResult['device'], size }),
      ...(scenes.length > 0 && { scenes }),
      bottleneck,
    };
    if (!whole) {
      const kept = { folder, done: segments.filter(({ state }) => state === 'done').length, of: segments.length };
      return { ...made, interrupted: true, kept };
    }
    const output = await file.commit();
    await removeJob(folder);
    return { ...made, output };
  }

  private readonly note = (...added: readonly string[]): void => {
    for (const text of added.filter((text) => !this.notes.includes(text))) {
      this.notes.push(text);
      this.options.onNote?.(text);
    }
  };

  /** Whether an earlier run was ended between giving the result its name and removing the job. */
  private async wasJoined({ joined }: JobManifest): Promise<boolean> {
    if (joined === 0) return false;
    const there = await fs.stat(this.options.output).catch(() => undefined);
    const still = await exists(new JobFiles(this.folder, this.options.output, this.options, false).joined);
    return there?.size === joined && !still;
  }

  /** The result of a job that only had to be removed; undefined where something else is asked for now. */
  private async finished(job: JobManifest): Promise<LongVideoResult | undefined> {
    const { options } = this;
    const { checksums } = await openStyles(options, job.scenes, (text) => this.note(text));
    const same = await checkSame(job, options, checksums).then(
      () => true,
      () => false,
    );
    await removeJob(this.folder);
    if (!same) return undefined;
    const { video } = await probe(options.output);
    const frames = job.segments.reduce((sum, segment) => sum + segment.frames, 0);
    const device = job.device as LongVideoResult['device'];
    return { ...this.result({ frames, painted: 0, device, size: video }), output: options.output };
  }

  /** The job on disk where it is the same, else a new one. */
  private async beginOrResume(before: JobManifest | undefined, info: MediaInfo, files: JobFiles) {
    const { options, folder, note } = this;
    const { options: opened, checksums } = await openStyles(options, before?.scenes ?? [], (text) => note(text));
    const same =
      before &&
      (await checkSame(before, options, checksums).then(
        () => true,
        (error) => {
          if (!options.overwrite) throw error;
          return false;
        },
      ));
    if (before && same) {
      await files.clear();
      const segments = await withFilesThere(before.segments, files);
      const done = segments.filter(({ state }) => state === 'done').length;
      note(`Resuming: ${done} of ${segments.length} segments are done.`);
      return { opened, job: { ...before, segments } };
    }
    await clearFolder(folder, (name) => name.startsWith('lock-'));
    note(`What is done is kept in ${folder}: if this is stopped, the same command goes on.`);
    const job = await planJob(options, opened, info, note);
    if (job) await writeJob(folder, job);
    return { opened, job };
  }

  /** What cannot be read from any place on is painted in one piece, unless that was not wanted. */
  private async paintWhole({ copy }: MediaInfo, why: string): Promise<LongVideoResult> {
    if (copy !== undefined) await removeCopy({ path: copy });
    if (this.options.resume) throw onePiece(this.options, why);
    return stylizeVideo(this.options);
  }

  private result({ frames, painted, device, size }: Made): LongVideoResult {
    const seconds = (performance.now() - this.began) / 1000;
    const { width, height } = size;
    const { notes } = this;
    const fps = painted / seconds;
    const nothing = { output: undefined, interrupted: false, bottleneck: 'network' } as const;
    return { ...nothing, frames, width, height, seconds, fps, device, notes };
  }
}

/** What came of a call. */
interface Made {
  readonly frames: number;
  /** Those that were painted in this call. */
  readonly painted: number;
  readonly device: LongVideoResult['device'];
  readonly size: Size;
}

/** Removes a job; its manifest goes last, so that a job that is there can be read. */
async function removeJob(folder: string): Promise<void> {
  await clearFolder(folder, (name) => name === 'job.json');
  await fs.rm(folder, { recursive: true, force: true });
}

async function lockFolder(folder: string, there: boolean, options: LongVideoOptions): Promise<FolderLock> {
  // What is wrong with the output is said before a folder is made beside it.
  if (!there) (await planFile(options.output, options)).keep();
  const lock = await FolderLock.take(folder);
  if (lock instanceof FolderLock) return lock;
  const { pid, host } = lock as ProcessName;
  throw new OptionError('JOB_BUSY', `${folder} is being worked on by process ${pid} of ${host || 'this machine'}.`, {
    hint: 'Wait for it, or end it. If it is gone for good with its machine, remove the newest lock in that folder.',
  });
}

/** A job that was not planned leaves nothing. */
async function removeEmpty(folder: string): Promise<void> {
  const names = await fs.readdir(folder).catch(() => []);
  if (names.every((name) => name.startsWith('lock-'))) await fs.rm(folder, { recursive: true, force: true });
}

function diskFull(folder: string, cause: unknown): MediaError {
  const said = cause instanceof StylecastError ? cause.message : `The disk is full: ${messageOf(cause)}`;
  return new MediaError('MEDIA_DISK_FULL', said, {
    hint: `Free some space and give the same command again: what is done is kept in ${folder}.`,
    cause,
  });
}
