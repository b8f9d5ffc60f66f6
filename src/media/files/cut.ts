import { promises as fs } from 'node:fs';
import { findFfmpeg } from '../ffmpeg/binaries.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import { partialFiles } from './output.js';

/**
 * Cuts all streams of a file after a time stamp of its own, in seconds, without re-encoding; what begins exactly then
 * stays. Leaves the file as it was if that fails.
 */
export async function cutAfter(path: string, seconds: number): Promise<void> {
  const short = path.replace(/(\.\w+)$/, '.cut$1');
  partialFiles.add(short);
  const child = new FfmpegProcess(await findFfmpeg(), {
    inputs: [{ source: path, options: ['-copyts'] }],
    output: short,
    // Unlike -t before the input, -to refers to the time stamps themselves.
    outputOptions: ['-map', '0', '-c', 'copy', '-to', (seconds + 0.001).toFixed(6)],
  });
  const { failure } = await child.exited;
  if (failure) await fs.rm(short, { force: true });
  else await fs.rename(short, path);
  partialFiles.delete(short);
}
