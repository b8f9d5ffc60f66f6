import type { Clock } from './clock.js';
import type { MediaInfo } from './info.js';

/** What is asked for: seconds from the beginning of the whole file, of which the earliest stream is the measure. */
export interface Part {
  readonly start?: number;
  readonly duration?: number;
}

/**
 * The one rule by which picture, sound, subtitles and chapters of a file are cut and placed: what lies in [start, end)
 * is kept, and what lies at `origin` is zero in the result. All are seconds of the file's own clock, once it is mended.
 */
export interface Cut {
  /** Whether something is cut off: else everything is kept, also what lies a little before the beginning. */
  readonly asked: boolean;
  readonly start: number;
  /** Infinity: to the end. */
  readonly end: number;
  readonly origin: number;
}

/** Seconds up to which a late beginning is a matter of the format; what begins later has a clock of its own. */
const LATE = 1;

/** The cut for a part of a file, or for all of it. A beginning later than a second is taken off, as players do. */
export function cutOf(info: MediaInfo, { start = 0, duration = Number.POSITIVE_INFINITY }: Part): Cut {
  const begin = info.startTime;
  const asked = start > 0 || duration < Number.POSITIVE_INFINITY;
  if (asked) return { asked, start: begin + start, end: begin + start + duration, origin: begin + start };
  const origin = Math.abs(begin) > LATE ? begin : 0;
  return { asked, start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, origin };
}

/** Whether a time lies in the cut, to half a tick of its time base. */
export function isBefore(time: number, edge: number, tick: number): boolean {
  return time < edge - tick / 2;
}

/** Whether the clock of a file jumps. */
export function jumps(clock: Clock | undefined): boolean {
  return (clock?.stretches.length ?? 0) > 1;
}

/** Formats with an index, which lead to the right place at once. */
const INDEXED = ['mov', 'matroska', 'webm', 'avi'];

/**
 * Where to begin to read, in seconds from the beginning of the file, so that everything from `start` on is there:
 * `lead` seconds earlier, where there is something to skip. undefined: from the beginning.
 */
export function seekBefore(info: MediaInfo, { start }: Cut, lead: number): number | undefined {
  // One clock leads nowhere where there are several, and a seek for a time before the picture would lead to the picture.
  if (!info.timed || jumps(info.clock)) return undefined;
  const target = start - info.startTime - lead;
  const picture = (info.video.startTime ?? info.startTime) - info.startTime;
  return target > 0 && target >= picture ? target : undefined;
}

/** Seconds that are read before the beginning of a cut at first. */
export function leadOf(info: MediaInfo): number {
  return info.format.split(',').some((name) => INDEXED.includes(name)) ? 0 : 2;
}
