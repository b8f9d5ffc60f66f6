import { MediaError } from '../errors.js';
import { type Frame, type Size, seconds } from '../frame.js';
import { VideoSource } from '../media/files/decode.js';
import type { MediaInfo } from '../media/probe/info.js';

/** Frames of a sheet. */
export const FRAMES = 3;

/** Frames from the first, the second and the last third of a clip, scaled to `size` pixels; fewer where it is short. */
export async function framesOf(info: MediaInfo, size: Size, signal?: AbortSignal): Promise<Frame[]> {
  const { duration = 0 } = info;
  const times = Array.from({ length: FRAMES }, (_, n) => (duration * (n + 0.5)) / FRAMES);
  const found = await Promise.all(times.map((start) => firstAfter(info, size, start, signal)));
  const frames = found.flatMap((frame) => frame ?? []);
  const different = frames.filter((frame, n) => n === 0 || seconds(frame.pts) > seconds(frames[n - 1]!.pts));
  if (different.length > 0 || signal?.aborted) return different;
  const first = await firstAfter(info, size, 0, signal);
  return first ? [first] : [];
}

async function firstAfter(
  info: MediaInfo,
  size: Size,
  start: number,
  signal?: AbortSignal,
): Promise<Frame | undefined> {
  try {
    const part = start > 0 ? { start } : {};
    for await (const frame of new VideoSource(info, { size, ...part, ...(signal ? { signal } : {}) })) return frame;
  } catch (error) {
    if (start === 0 || !(error instanceof MediaError) || error.code !== 'MEDIA_NO_FRAMES') throw error;
  }
  return undefined;
}
