import { promises as fs } from 'node:fs';
import { replaceFile } from '../../../write-file.js';
import { findFfmpeg } from '../../ffmpeg/binaries.js';
import { besidePath, ffmpegUrl } from '../../ffmpeg/path.js';
import { FfmpegProcess } from '../../ffmpeg/process.js';
import { partialFiles } from '../output.js';

/**
 * Cuts all streams of a file after one of its own times, in seconds, without re-encoding; what begins then stays. Leaves
 * the file as it was if that fails.
 */
export async function shorten(path: string, seconds: number): Promise<void> {
  const short = besidePath(path, 'cut');
  partialFiles.add(short);
  const child = new FfmpegProcess(await findFfmpeg(), {
    inputs: [{ source: ffmpegUrl(path), options: ['-copyts'] }],
    output: ffmpegUrl(short),
    // Unlike -t before the input, -to speaks of the time stamps themselves.
    outputOptions: ['-map', '0', '-c', 'copy', '-to', (seconds + 0.001).toFixed(6)],
  });
  const { failure } = await child.exited;
  if (failure) await fs.rm(short, { force: true });
  else await replaceFile(short, path);
  partialFiles.delete(short);
}
