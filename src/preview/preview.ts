import { availableParallelism } from 'node:os';
import type { EngineOptions } from '../engine/open.js';
import { codeOf, messageOf, OptionError } from '../errors.js';
import type { Frame, Size } from '../frame.js';
import { inspectVideo } from '../media/files/inspect.js';
import { OutputFile } from '../media/files/output.js';
import { removeCopy } from '../media/files/pictures/animated-webp.js';
import { imageFormat, writeImage } from '../media/files/pictures/image.js';
import type { MediaInfo } from '../media/probe/info.js';
import { listStyles } from '../model/library/list.js';
import { checkNumbers, preparePainter, workingSize } from '../pipeline/style.js';
import { copyTime } from './copy-time.js';
import { framesOf } from './frames.js';
import { drawSheet, type SheetRow } from './sheet.js';

/** Lines at which larger clips are painted for a sheet. */
const MOST_LINES = 360;

/** Options of `previewStyles`. */
export interface PreviewOptions
  extends Pick<EngineOptions, 'device' | 'threads' | 'memory' | 'strength' | 'detail' | 'keepColors'> {
  /** A video file, or a URL that ffmpeg opens. */
  readonly input: string;
  /** The sheet: a .jpg, .png or .webp file. */
  readonly output: string;
  /** Which styles, as for `stylizeVideo`; default: every preset, those of many styles with their first. */
  readonly styles?: readonly string[];
  /** Lines to paint the frames at; default: the clip's, at most 360. */
  readonly height?: number;
  /** Replace the sheet if it exists. */
  readonly overwrite?: boolean;
  /** Called before each style. */
  readonly onStyle?: (name: string, number: number, of: number) => void;
  /** Aborting leaves no file. */
  readonly signal?: AbortSignal;
}

/** A style on the sheet. */
export interface PreviewedStyle {
  readonly name: string;
  /** Where it ran. */
  readonly device: string;
  /** Seconds that the whole clip will take, about; undefined where its length is not known. */
  readonly seconds: number | undefined;
  /** The same in words, such as `3 min`. */
  readonly time: string | undefined;
}

/** The result. */
export interface Preview {
  /** The sheet; undefined when the signal ended it before. */
  readonly output: string | undefined;
  /** Size of the painted frames, before they were scaled for the sheet. */
  readonly painted: Size;
  readonly styles: readonly PreviewedStyle[];
  /** Styles that could not be painted. */
  readonly failed: readonly { readonly name: string; readonly code: string; readonly message: string }[];
}

/**
 * A contact sheet: three frames of a clip by each style, with its name and how long the whole clip will take, which is
 * measured on them and scaled to the clip's size.
 *
 * @throws OptionError, MediaError as `stylizeVideo`; where no style can be painted, the error of the first
 */
export async function previewStyles(options: PreviewOptions): Promise<Preview> {
  checkNumbers(options);
  const format = imageFormat(options.output);
  const file = await OutputFile.plan(options.output, [options.input], options.overwrite);
  let info: MediaInfo | undefined;
  try {
    const names = options.styles ?? (await listStyles()).styles.map(({ name }) => name);
    if (names.length === 0) {
      throw new OptionError('PREVIEW_NONE', 'There is no style to preview.', { hint: 'Run "stylecast styles".' });
    }
    info = await inspectVideo(options.input);
    const height = options.height ?? Math.min(info.video.height, MOST_LINES);
    const size = workingSize(info.video, height === info.video.height ? {} : { height });
    const frames = await framesOf(info, size, options.signal);
    const rows: SheetRow[] = [{ title: 'the clip itself', remark: '', frames }];
    const beside = info.video.frames === undefined ? 0 : await copyTime(info, options.signal);
    const { styles, failed, errors } = await paintAll(names, info, { size, frames, beside, rows }, options);
    if (options.signal?.aborted) {
      await file.discard();
      return { output: undefined, painted: size, styles, failed };
    }
    if (styles.length === 0) throw errors[0];
    await writeImage(await drawSheet(rows), file.partial, undefined, format);
    return { output: await file.commit(), painted: size, styles, failed };
  } catch (error) {
    await file.discard();
    throw error;
  } finally {
    if (info?.copy) await removeCopy({ path: info.copy });
  }
}

async function paintAll(
  names: readonly string[],
  info: MediaInfo,
  { size, frames, beside, rows }: { size: Size; frames: readonly Frame[]; beside: number; rows: SheetRow[] },
  options: PreviewOptions,
) {
  const styles: PreviewedStyle[] = [];
  const failed: { name: string; code: string; message: string }[] = [];
  const errors: unknown[] = [];
  for (const [n, name] of names.entries()) {
    if (options.signal?.aborted) break;
    options.onStyle?.(name, n + 1, names.length);
    try {
      const { painted, device, each } = await paintOne(name, info, size, frames, options);
      const seconds = wholeClip(info, size, each, beside);
      const time = seconds === undefined ? undefined : inWords(seconds);
      styles.push({ name, device, seconds, time });
      rows.push({ title: name, remark: time === undefined ? '' : `about ${time}`, frames: painted });
    } catch (error) {
      failed.push({ name, code: codeOf(error), message: messageOf(error) });
      errors.push(error);
    }
  }
  return { styles, failed, errors };
}

async function paintOne(name: string, info: MediaInfo, size: Size, frames: readonly Frame[], options: PreviewOptions) {
  const { painter, device } = await preparePainter({ ...options, style: name, pictures: info.video.frames }, size);
  try {
    const painted: Frame[] = [];
    let least = Number.POSITIVE_INFINITY;
    // The first one warms up: the least of them is what a frame takes.
    for (const frame of frames) {
      const since = performance.now();
      painted.push(await painter.paint({ ...frame, data: frame.data.slice() }));
      least = Math.min(least, performance.now() - since);
    }
    const sessions = Math.min(painter.sessions, options.threads ?? availableParallelism());
    return { painted, device, each: least / 1000 / sessions };
  } finally {
    await painter.close();
  }
}

/** Seconds for all frames of a clip at its own size; painting and the rest share the processor. */
function wholeClip({ video }: MediaInfo, size: Size, each: number, beside: number): number | undefined {
  const scale = (video.width * video.height) / (size.width * size.height);
  return video.frames === undefined ? undefined : video.frames * (each * scale + beside);
}

/** A length of time in words: `40 s`, `3 min`, `2 h 10 min`. */
export function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
