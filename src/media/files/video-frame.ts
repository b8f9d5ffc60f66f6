import { MediaError } from '../../errors.js';
import { type Frame, seconds } from '../../frame.js';
import { optionError } from '../../options.js';
import type { MediaInfo } from '../probe/info.js';
import { VideoSource } from './decode.js';
import { inspectVideo } from './inspect.js';
import { OutputFile } from './output.js';
import { removeCopy } from './pictures/animated-webp.js';
import { imageFormat, writeImage } from './pictures/image.js';

/** Options of `saveFrame`. */
export interface FrameOptions {
  /** A video file, or a URL that ffmpeg opens. */
  readonly input: string;
  /** Number of the frame, counted from 0. */
  readonly frame?: number;
  /** In its place: a time in seconds from the beginning; the frame that is shown then is taken. */
  readonly time?: number;
  /** A .png, .jpg or .webp file; default: `frame_0120.png` in the current folder. */
  readonly output?: string;
  /** Replace the file if it is there. */
  readonly overwrite?: boolean;
  /** Aborting leaves no file. */
  readonly signal?: AbortSignal;
}

/** A frame that was written as a picture. */
export interface SavedFrame {
  readonly output: string;
  /** Its number, counted from 0. */
  readonly frame: number;
  /** When it begins, in seconds from the beginning of the file. */
  readonly time: number;
  /** Size in pixels. */
  readonly width: number;
  readonly height: number;
}

/** The file name of a frame's picture. */
function frameFile(number: number): string {
  return `frame_${String(number).padStart(4, '0')}.png`;
}

/** The number of the frame that a picture is of, by its file name: `frame_0120.png`, `frame_0120-painted.jpg`. */
export function frameNumber(file: string): number | undefined {
  const [, digits] = /frame[ _-]?(\d{1,9})(?!\d)[^\\/]*$/i.exec(file) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Writes one frame of a video as a picture, to paint over: that of a number, or the one shown at a time.
 *
 * @throws OptionError OPTION_VALUE, OUTPUT_…; MediaError MEDIA_NO_FRAMES past the end, and as `VideoSource` does; the
 * signal's reason.
 */
export async function saveFrame(options: FrameOptions): Promise<SavedFrame> {
  const { input, frame: number, time, output = number === undefined ? undefined : frameFile(number) } = options;
  check(number, time);
  const plan = (path: string) => OutputFile.plan(path, [input], options.overwrite);
  if (output !== undefined) imageFormat(output);
  const before = output === undefined ? undefined : await plan(output);
  const info = await inspectVideo(input);
  try {
    const found = await (number === undefined ? frameAt(info, time!, options) : frameOf(info, number, options));
    const file = before ?? (await plan(frameFile(found.number)));
    await writeImage(found.frame, file.partial, undefined, imageFormat(file.path)).catch(async (error) => {
      await file.discard();
      throw error;
    });
    const { width, height } = found.frame;
    return { output: await file.commit(), frame: found.number, time: timeOf(info, found.frame), width, height };
  } catch (error) {
    await before?.discard();
    throw error;
  } finally {
    if (info.copy) await removeCopy({ path: info.copy });
  }
}

/** A frame and its number. */
interface Numbered {
  readonly frame: Frame;
  readonly number: number;
}

async function frameOf(info: MediaInfo, number: number, { signal }: FrameOptions): Promise<Numbered> {
  let count = 0;
  for await (const frame of framesOf(info, signal)) {
    if (count === number) return { frame, number };
    count += 1;
  }
  signal?.throwIfAborted();
  throw noSuchFrame(info.path, count, number);
}

/** The last frame that begins at a time or before it; the first one, where all begin later. */
async function frameAt(info: MediaInfo, time: number, { signal }: FrameOptions): Promise<Numbered> {
  let shown: Numbered | undefined;
  for await (const frame of framesOf(info, signal)) {
    // Times are typed with few digits: what begins within half a millisecond has begun.
    if (shown && timeOf(info, frame) > time + 5e-4) return shown;
    shown = { frame, number: shown ? shown.number + 1 : 0 };
  }
  signal?.throwIfAborted();
  const end = info.duration ?? timeOf(info, shown!.frame);
  if (time <= end) return shown!;
  throw new MediaError('MEDIA_NO_FRAMES', `${info.path} lasts ${round(end)} s; it has no frame at ${round(time)} s.`, {
    hint: 'Give an earlier time, or the number of a frame.',
  });
}

function framesOf(info: MediaInfo, signal: AbortSignal | undefined): VideoSource {
  return new VideoSource(info, signal ? { signal } : {});
}

function timeOf({ startTime }: MediaInfo, { pts }: Frame): number {
  return seconds(pts) - startTime;
}

/** The error for a number that no frame of a video has. */
export function noSuchFrame(path: string, count: number, number: number): MediaError {
  const what = count === 1 ? 'one frame, number 0' : `${count} frames, numbers 0 to ${count - 1}`;
  return new MediaError('MEDIA_NO_FRAMES', `${path} has ${what}; there is no frame ${number}.`, {
    hint: 'Frames are counted from 0; a time such as 0:04.5 finds one as well.',
  });
}

function check(number: number | undefined, time: number | undefined): void {
  if ((number === undefined) === (time === undefined))
    throw optionError('frame', 'the number of a frame, or a time', number === undefined ? 'neither' : 'both');
  if (number !== undefined && !(Number.isSafeInteger(number) && number >= 0))
    throw optionError('frame', 'a whole number from 0', String(number));
  if (time !== undefined && !(Number.isFinite(time) && time >= 0))
    throw optionError('time', 'seconds from 0', String(time));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
