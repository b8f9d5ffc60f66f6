import type { Rational } from '../../../frame.js';
import { type Ffmpeg, hasOption } from '../../ffmpeg/binaries.js';
import type { FfmpegJob, FfmpegProcess } from '../../ffmpeg/process.js';
import { type Cut, jumps } from '../../probe/cut.js';
import type { MediaInfo } from '../../probe/info.js';
import { chaptersText } from '../../tracks/chapters.js';
import { CoverFiles } from '../../tracks/covers.js';
import { cutSubtitles } from '../../tracks/cut-subtitles.js';
import { tickOf } from '../../tracks/packet-clock.js';
import { planStreams } from '../../tracks/streams.js';
import { companions, lastFrame, lastFrameNotes, moved, timecode } from './companions.js';

/** Everything of a file but its picture, on the way into another file. */
export interface BesidePicture {
  readonly muxer: string;
  /** ffmpeg's inputs from the second on: the first is the picture. */
  readonly inputs: FfmpegJob['inputs'];
  /** Pipes that some of these inputs read. */
  readonly pipes: number;
  /** ffmpeg's output options: maps, codecs, metadata, chapters, the cut; all but the codec of the picture. */
  readonly options: readonly string[];
  /** What could not be kept as it was. */
  readonly notes: readonly string[];
  /** Fills the pipes of the running process. */
  feed(child: FfmpegProcess): Promise<void>;
  /** Removes what was written for it beside the file. */
  remove(): Promise<void>;
}

/**
 * Plans everything of a file but its picture; without a file there is only the picture.
 *
 * @param path of the result
 * @param picture what the picture is mapped from, and the time base that its frames have
 */
export async function besidePicture(
  ffmpeg: Ffmpeg,
  path: string,
  file: MediaInfo | undefined,
  cut: Cut | undefined,
  picture: { readonly map: string; readonly timeBase: Rational },
): Promise<BesidePicture> {
  const retime = await hasOption(ffmpeg, 'bsf=setts', 'duration');
  const plan = planStreams(path, file, cut, { retime, level: ffmpeg.level }, picture.map);
  const { muxer } = plan;
  if (!file || !cut) {
    const none = { inputs: [], pipes: 0, feed: async () => undefined, remove: async () => undefined };
    return { muxer, options: plan.options, notes: plan.notes, ...none };
  }
  const attachments = file.others.filter(({ type }) => type === 'attachment').length;
  const covers = await CoverFiles.take(ffmpeg, file, plan.attached, attachments);
  const texts = await Promise.all(plan.texts.map((text) => cutSubtitles(ffmpeg, file, text, cut)));
  if (moved(cut) && file.chapters.length > 0)
    texts.push({ format: 'ffmetadata', text: chaptersText(file.chapters, cut) });
  const chapters = texts.length > plan.texts.length ? String(texts.length + 1) : '1';
  const counted = timecode(file, cut, muxer);
  return {
    muxer,
    inputs: [
      companions(file, cut),
      ...texts.map(({ format }, i) => ({ source: `pipe:${3 + i}`, options: ['-f', format] })),
    ],
    pipes: texts.length,
    options: [
      ...plan.options,
      ...(covers?.options ?? []),
      ...['-map_chapters', chapters, '-metadata:s:v:0', 'rotate=', '-max_muxing_queue_size', '9999'],
      ...counted.options,
      ...(retime ? lastFrame(file, cut, tickOf(ffmpeg.level, muxer, undefined, picture.timeBase)) : []),
      // What is on a clock of several parts is cut packet by packet.
      ...(Number.isFinite(cut.end) && !jumps(file.clock) ? ['-t', (cut.end - cut.start).toFixed(6)] : []),
    ],
    notes: [
      ...(retime ? [] : lastFrameNotes(file, cut, muxer)),
      ...plan.notes,
      ...(covers?.notes ?? []),
      ...counted.notes,
    ],
    feed: async (child) => {
      for (const [i, { text }] of texts.entries()) (await child.pipe(3 + i))?.end(text);
    },
    remove: async () => covers?.remove(),
  };
}
