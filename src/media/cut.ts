import { promises as fs } from 'node:fs';
import { findFfmpeg } from './binaries.js';
import { FfmpegProcess } from './ffmpeg.js';
import { unfinished } from './output.js';

/** Cuts all streams of a file after so many seconds, without re-encoding. Leaves the file as it was if that fails. */
export async function cutAfter(path: string, seconds: number): Promise<void> {
  const short = path.replace(/(\.\w+)$/, '.cut$1');
  unfinished.add(short);
  const child = new FfmpegProcess(await findFfmpeg(), {
    inputs: [{ source: path, options: ['-copyts', '-t', seconds.toFixed(6)] }],
    output: short,
    outputOptions: ['-map', '0', '-c', 'copy'],
  });
  const { failure } = await child.exited;
  if (failure) await fs.rm(short, { force: true });
  else await fs.rename(short, path);
  unfinished.delete(short);
}
