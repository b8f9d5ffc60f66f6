import { ffmpegInput } from '../../ffmpeg/path.js';
import { type Cut, leadOf, seekBefore } from '../../probe/cut.js';
import type { MediaInfo } from '../../probe/info.js';
import { laterTimecode } from '../../tracks/timecode.js';
import { alphaDecoder } from '../transparency.js';

/** The source once more, for what travels beside the picture. */
export function companions(file: MediaInfo, cut: Cut): { source: string; options: string[] } {
  const { source, options } = ffmpegInput(file.copy ?? file.path);
  // Packets of sound may lie before the picture that they belong to.
  const seek = cut.asked ? seekBefore(file, cut, leadOf(file) + 1) : undefined;
  return {
    source,
    options: [
      ...(seek === undefined ? [] : ['-noaccurate_seek', '-ss', seek.toFixed(6)]),
      ...(cut.origin === 0 ? [] : ['-itsoffset', (-cut.origin).toFixed(6)]),
      ...alphaDecoder(file),
      ...options,
    ],
  };
}

/** Whether times change, and so those of the chapters. */
export function moved(cut: Cut): boolean {
  return cut.asked || cut.origin !== 0;
}

/** ffmpeg takes the rate that a timecode counts in from the distance of frames: of fewer it knows none. */
const FEWEST_TIMED = 3;

/** The timecode of the first frame, where there is one, and what cannot be said of it. */
export function timecode(
  { video, others, startTime, duration }: MediaInfo,
  cut: Cut,
  muxer: string,
): { options: string[]; notes: string[] } {
  const told = video.tags.timecode ?? others.find(({ tags }) => tags?.timecode)?.tags?.timecode;
  const write = (text: string) => ['-metadata:s:v:0', `timecode=${text}`, '-metadata', 'timecode='];
  if (told === undefined) return { options: [], notes: [] };
  const end = Math.min(cut.end, video.endTime ?? startTime + (duration ?? Number.POSITIVE_INFINITY));
  const most = video.frameRate && ((end - cut.start) * video.frameRate.num) / video.frameRate.den;
  const frames = Math.min(video.frames ?? Number.POSITIVE_INFINITY, most ?? Number.POSITIVE_INFINITY);
  if (/^(mp4|mov)$/.test(muxer) && frames < FEWEST_TIMED) {
    return { options: write(''), notes: [`The timecode is left out: of so few frames .${muxer} cannot hold one.`] };
  }
  if (!cut.asked || !video.frameRate) return { options: [], notes: [] };
  const later = laterTimecode(told, cut.start - startTime, video.frameRate);
  return { options: later === undefined ? [] : write(later), notes: [] };
}

/** How long the last frame is shown, in seconds, or until which second of the result. */
export type LastShown = { readonly until: number } | { readonly seconds: number };

/** How long the last frame is shown: as long as in the source, or to the end of the cut; undefined if not known. */
export function lastShown({ clock, video, startTime, duration }: MediaInfo, cut: Cut): LastShown | undefined {
  const end = video.endTime ?? startTime + (duration ?? 0);
  if (cut.end < end) return { until: cut.end - cut.start };
  const seconds = clock?.lastFrame ?? (video.frameRate ? video.frameRate.den / video.frameRate.num : undefined);
  return seconds ? { seconds } : undefined;
}

/** What becomes of the last frame where ffmpeg cannot be told how long it is shown: as long as others, or as it ends. */
export function lastFrameNotes(file: MediaInfo, cut: Cut, muxer: string): string[] {
  const shown = lastShown(file, cut);
  const { frameRate, frames, endTime, startTime = 0 } = file.video;
  const mean = endTime !== undefined && frames ? (endTime - startTime) / frames : undefined;
  const usual = mean ?? (frameRate ? frameRate.den / frameRate.num : undefined);
  // An MP4 is corrected in place; a GIF and a WebP get it in another way.
  if (!shown || 'until' in shown || /^(mp4|mov|gif|webp)$/.test(muxer)) return [];
  if (usual !== undefined && Math.abs(shown.seconds - usual) < usual / 2) return [];
  return ['This ffmpeg is older than 5.1: the last frame may be shown for another time than in the source.'];
}

/** Sets how long the last frame is shown. */
export function lastFrame(file: MediaInfo, cut: Cut, tick: string): string[] {
  const shown = lastShown(file, cut);
  if (!shown) return [];
  const expression =
    'until' in shown ? `max(1,${shown.until.toFixed(6)}/${tick}-PTS)` : `${shown.seconds.toFixed(6)}/${tick}`;
  return ['-bsf:v:0', `setts=pts=PTS:dts=DTS:duration='round(${expression})'`];
}
