import { describeFrame, type FrameDescriptor, isCut } from '../../engine/stabilize/cut.js';
import { type Frame, seconds } from '../../frame.js';
import { APPEARANCE_SIZE } from '../../pipeline/auto/appearance.js';
import { CutDetector } from '../../pipeline/auto/cut-detector.js';
import type { Segment } from '../job/manifest.js';

/** Seconds that a segment lasts at most, where it has more frames than {@link MOST_FRAMES}. */
const LONGEST = 30;
/** Frames that a segment may have in any case: of slow clips, lead-ins would else be most of the work. */
const MOST_FRAMES = 96;
/**
 * Frames before a segment that begins inside a shot: what the filter over time keeps of earlier ones is then less than
 * 0.7^24 of it. At a cut nothing is kept; one frame shows that it is one.
 */
const LEAD_IN = { shot: 24, cut: 1 } as const;

/** When the frames of a clip are shown, and which of them begin a scene. */
export interface ClipScenes {
  /** Time stamps in seconds. */
  readonly times: readonly number[];
  /** Numbers of frames. */
  readonly cuts: readonly number[];
}

/** Finds the scenes of a clip. @param frames of size `APPEARANCE_SIZE` */
export async function findScenes(frames: AsyncIterable<Frame>, signal?: AbortSignal): Promise<ClipScenes> {
  const detector = new CutDetector();
  const times: number[] = [];
  const cuts: (number | undefined)[] = [];
  for await (const { data, pts } of frames) {
    times.push(seconds(pts));
    cuts.push(detector.next(data, APPEARANCE_SIZE));
    if (signal?.aborted) break;
  }
  cuts.push(detector.end());
  return { times, cuts: cuts.filter((cut) => cut !== undefined) };
}

/** How the shots of a clip can be cut. */
export interface CuttingRules {
  /** Whether a shot can be gone on with; else it stays in one piece, whatever its length. */
  readonly continuing: boolean;
  /** Whether painting begins anew between two frames, of these times. */
  readonly beginsAnew: (before: number, after: number) => Promise<boolean>;
}

/**
 * Cuts a clip into segments: at the last cut that leaves none too long, else inside a shot, into parts of equal length.
 */
export async function planSegments(
  { times, cuts }: ClipScenes,
  { continuing, beginsAnew }: CuttingRules,
): Promise<Segment[]> {
  const starts: { readonly at: number; readonly cut: boolean }[] = [{ at: 0, cut: true }];
  const firstThatIs = async (frames: readonly number[]) => {
    for (const frame of frames) if (await beginsAnew(times[frame - 1]!, times[frame]!)) return frame;
    return undefined;
  };
  for (let at = 0; ; at = starts.at(-1)!.at) {
    const limit = limitOf(times, at);
    if (limit === times.length) break;
    const cut = await firstThatIs(cuts.filter((frame) => frame > at && frame <= limit).reverse());
    const end = cut ?? (await firstThatIs(cuts.filter((frame) => frame > limit))) ?? times.length;
    if (cut === undefined && continuing) {
      const parts = Math.ceil((end - at) / (limit - at));
      for (let n = 1; n < parts; n++) starts.push({ at: at + Math.round(((end - at) * n) / parts), cut: false });
    }
    if (end === times.length) break;
    starts.push({ at: end, cut: true });
  }
  return starts.map(({ at, cut }, n) => {
    const leadIn = n === 0 ? 0 : cut ? LEAD_IN.cut : LEAD_IN.shot;
    return {
      start: times[at]!,
      frames: (starts[n + 1]?.at ?? times.length) - at,
      from: n === 0 ? null : times[at - leadIn]!,
      leadIn,
      continues: !cut,
      state: 'waiting',
      bytes: 0,
    };
  });
}

/** The first frame after the longest segment that begins at a frame. */
function limitOf(times: readonly number[], at: number): number {
  let end = Math.min(times.length, at + MOST_FRAMES);
  while (end < times.length && times[end]! - times[at]! <= LONGEST) end++;
  return end;
}

/** Whether the stabilizer begins anew between two frames that follow each other. @param frames from the first of them */
export async function isCutBetween(frames: AsyncIterable<Frame>): Promise<boolean> {
  let before: FrameDescriptor | undefined;
  for await (const { data, width, height } of frames) {
    const now = describeFrame(data, { width, height });
    if (before) return isCut(before, now);
    before = now;
  }
  return false;
}
