import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findFfmpeg } from '../../ffmpeg/binaries.js';
import { ffmpegError } from '../../ffmpeg/failure.js';
import { UNFINISHED } from '../../ffmpeg/known-failures.js';
import { ffmpegUrl } from '../../ffmpeg/path.js';
import { FfmpegProcess } from '../../ffmpeg/process.js';
import { cutOf, type Part } from '../../probe/cut.js';
import type { MediaInfo } from '../../probe/info.js';
import { ivfTimeBase } from '../../raw/ivf.js';
import { partialFiles } from '../output.js';
import { besidePicture } from './beside.js';
import { lastShown } from './companions.js';
import { countedFrames, finishing, lost, shownTime } from './formats/finish.js';

/** A part of the picture, as a file of its own. */
export interface PicturePart {
  readonly path: string;
  /** Time stamp of its first frame, in seconds of the source's clock. */
  readonly start: number;
  readonly frames: number;
}

/** Options of `joinParts`. */
export interface JoinOptions extends Part {
  /** Time stamp of the last frame, in seconds of the source's clock. */
  readonly last: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Joins parts of a picture, which follow each other, without encoding them again, and adds everything that the source
 * held beside it, as `VideoSink` does.
 *
 * @param path is written as it goes
 * @param parts in one folder, with names that need no quotes
 * @returns what could not be kept as it was
 * @throws MediaError when ffmpeg fails or frames are missing
 */
export async function joinParts(
  path: string,
  source: MediaInfo,
  parts: readonly PicturePart[],
  options: JoinOptions,
): Promise<readonly string[]> {
  const ffmpeg = await findFfmpeg();
  const cut = cutOf(source, options);
  const timeBase = ivfTimeBase(source.video.timeBase);
  const beside = await besidePicture(ffmpeg, path, source, cut, { map: '0:v:0', timeBase });
  const first = parts[0]!.start;
  const list = join(dirname(parts[0]!.path), 'parts.ffconcat');
  await fs.writeFile(list, listOf(parts));
  partialFiles.add(path);
  let counted: number | undefined;
  const child = new FfmpegProcess(ffmpeg, {
    inputs: [
      {
        source: ffmpegUrl(list),
        options: ['-copyts', '-itsoffset', (first - cut.origin).toFixed(6), '-f', 'concat'],
      },
      ...beside.inputs,
    ],
    pipes: beside.pipes,
    output: ffmpegUrl(path),
    outputOptions: [...beside.options, '-c:v:0', 'copy', '-stats', '-f', beside.muxer],
    onLine: (line) => {
      const found = countedFrames(line);
      counted = found ?? counted;
      return found !== undefined;
    },
  });
  const stop = () => child.kill();
  options.signal?.addEventListener('abort', stop);
  await beside.feed(child);
  const exit = await child.exited;
  options.signal?.removeEventListener('abort', stop);
  await beside.remove();
  if (exit.failure || exit.tail.some((line) => UNFINISHED.test(line))) throw ffmpegError(exit, `joining ${path}`);
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  if (counted !== undefined && counted !== frames) throw lost(path, counted, frames);
  const shown = shownTime(lastShown(source, cut), { first, last: options.last - cut.origin, interval: 0 });
  await finishing(ffmpeg, path, beside.muxer, undefined)?.(shown);
  return beside.notes;
}

/** ffmpeg's list of files to read one after the other: each begins as long after the first as it does in the source. */
function listOf(parts: readonly PicturePart[]): string {
  const first = parts[0]!.start;
  const since = (part: PicturePart) => Math.round((part.start - first) * 1e6);
  const lines = parts.map((part, n) => {
    const next = parts[n + 1];
    const lasts = next && `duration ${since(next) - since(part)}us\n`;
    return `file ${basename(part.path)}\n${lasts ?? ''}`;
  });
  return `ffconcat version 1.0\n${lines.join('')}`;
}
