import type { Rational, Size } from '../../frame.js';

/** What a line of ffmpeg's `showinfo` filter reports about the next frame. */
export interface FrameInfo {
  readonly size: Size;
  /** Presentation time in ticks of the time base; undefined where the stream has none. */
  readonly ticks: number | undefined;
}

/** What `showinfo` reports about all frames, before the first. */
export interface LinkInfo {
  readonly timeBase: Rational;
  /** Frames per second; undefined where the stream does not declare it. */
  readonly frameRate: number | undefined;
}

/** Reads a line of ffmpeg's stderr; undefined for lines that are not `showinfo`'s. */
export function readShowinfo(line: string): FrameInfo | LinkInfo | 'other' | undefined {
  if (!line.startsWith('[Parsed_showinfo')) return /^\s+side data - /.test(line) ? 'other' : undefined;
  const link = /config in time_base: (\d+)\/(\d+), frame_rate: (\d+)\/(\d+)/.exec(line);
  if (link) {
    const [num, den, rate, per] = link.slice(1).map(Number) as [number, number, number, number];
    return { timeBase: { num, den }, frameRate: rate > 0 && per > 0 ? rate / per : undefined };
  }
  const frame = /\] n:\s*\d+ pts:\s*(-?\d+|NOPTS) .* s:(\d+)x(\d+) /.exec(line);
  if (!frame) return 'other';
  const ticks = frame[1] === 'NOPTS' ? undefined : Number(frame[1]);
  return { size: { width: Number(frame[2]), height: Number(frame[3]) }, ticks };
}
