import { Writable } from 'node:stream';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import { ffmpegError } from '../ffmpeg/failure.js';
import { ffmpegInput } from '../ffmpeg/path.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import { type Cut, leadOf, seekBefore } from '../probe/cut.js';
import type { MediaInfo, OtherStream } from '../probe/info.js';

/** Text subtitles as a file of their own. */
export interface SubtitleText {
  /** ffmpeg's name of the format: `srt`, `ass` or `webvtt`. */
  readonly format: string;
  readonly text: string;
}

/** The text format that keeps most of a codec. */
const FORMATS: Readonly<Record<string, string>> = { ass: 'ass', ssa: 'ass', webvtt: 'webvtt' };
/** Seconds before a cut in which subtitles may have begun that are still shown. */
const LONGEST = 30;

/**
 * Text subtitles of a cut: those that span an edge of it are shown for the part that is inside.
 *
 * @throws MediaError where they cannot be read
 */
export async function cutSubtitles(
  ffmpeg: Ffmpeg,
  file: MediaInfo,
  stream: OtherStream,
  cut: Cut,
): Promise<SubtitleText> {
  const format = FORMATS[stream.codec] ?? 'srt';
  const { source, options } = ffmpegInput(file.path);
  const seek = seekBefore(file, cut, leadOf(file) + LONGEST);
  const chunks: Buffer[] = [];
  const output = new Writable({
    emitClose: false,
    write: (chunk, _, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const child = new FfmpegProcess(ffmpeg, {
    inputs: [
      {
        source,
        options: ['-copyts', ...(seek === undefined ? [] : ['-noaccurate_seek', '-ss', seek.toFixed(6)]), ...options],
      },
    ],
    output,
    outputOptions: [
      ...['-map', `0:${stream.index}`, '-f', format],
      ...(Number.isFinite(cut.end) ? ['-to', cut.end.toFixed(6)] : []),
    ],
  });
  const exit = await child.exited;
  if (exit.failure) throw ffmpegError(exit, `reading the subtitles of ${file.path}`);
  const text = Buffer.concat(chunks).toString('utf8');
  return { format, text: format === 'ass' ? cutAss(text, cut) : cutCues(text, cut) };
}

/** Cues of SubRip or WebVTT: `00:00:01,000 --> 00:00:02,000`. */
function cutCues(text: string, cut: Cut): string {
  const blocks = text.replaceAll('\r\n', '\n').split(/\n{2,}/);
  return `${blocks.flatMap((block) => cutCue(block, cut)).join('\n\n')}\n`;
}

const TIMES = /^((?:\d+:)?\d+:\d+[.,]\d+)\s+-->\s+((?:\d+:)?\d+:\d+[.,]\d+)/m;

function cutCue(block: string, cut: Cut): string[] {
  const found = TIMES.exec(block);
  if (!found) return block.trim() === '' || /^\d+\s*$/.test(block) ? [] : [block];
  const times = inside(secondsOf(found[1]!), secondsOf(found[2]!), cut);
  const mark = found[1]!.includes(',') ? ',' : '.';
  return times ? [block.replace(TIMES, `${clock(times[0], 3, mark)} --> ${clock(times[1], 3, mark)}`)] : [];
}

const DIALOGUE = /^(Dialogue: [^,]*,)([^,]+),([^,]+),/;

/** Lines of SubStation Alpha: `Dialogue: 0,0:00:01.00,0:00:02.00,…`. */
function cutAss(text: string, cut: Cut): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const found = DIALOGUE.exec(line);
      if (!found) return line;
      const times = inside(secondsOf(found[2]!), secondsOf(found[3]!), cut);
      if (!times) return [];
      const [from, to] = times.map((time) => clock(time, 2, '.').replace(/^0/, ''));
      return line.replace(DIALOGUE, `${found[1]}${from},${to},`);
    })
    .join('\n');
}

/** What of a time span is in the cut, in seconds of the result. */
function inside(from: number, to: number, { start, end, origin }: Cut): [number, number] | undefined {
  const span: [number, number] = [Math.max(from, start) - origin, Math.min(to, end) - origin];
  return span[1] - span[0] > 0.001 ? span : undefined;
}

function secondsOf(clockTime: string): number {
  return clockTime
    .trim()
    .replace(',', '.')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
}

function clock(seconds: number, digits: number, mark: string): string {
  const scale = 10 ** digits;
  const all = Math.round(seconds * scale);
  const two = (value: number) => String(value).padStart(2, '0');
  const whole = Math.floor(all / scale);
  const rest = String(all % scale).padStart(digits, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}${mark}${rest}`;
}
