import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { frameBytes } from '../../frame.js';
import { findFfmpeg, passthrough } from '../ffmpeg/binaries.js';
import { explain } from '../ffmpeg/failure.js';
import { ACCURATE, denoiseFilter } from '../ffmpeg/filters.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import { RawFrames } from '../ffmpeg/raw-frames.js';

/** RGB24, rows without padding. */
interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const RAW = ['-f', 'rawvideo', '-pix_fmt', 'rgb24'];
/** The filter takes luminance and colour, as files have them; here in full range and with all of the colour. */
const THERE = `scale=${ACCURATE}:out_color_matrix=smpte170m:out_range=pc,format=yuv444p`;
const BACK = `scale=${ACCURATE}:in_color_matrix=smpte170m:in_range=pc:out_range=pc,format=rgb24`;

/**
 * Frames in memory, one after the other, through the filter that takes the noise off files: as many, of the same size.
 * The first stays as it is but for the rounding of the colours, of two levels at most.
 *
 * @param frames at least one, all of one size
 * @throws MediaError when ffmpeg cannot be found or fails; as `denoiseFilter`
 */
export async function denoised(frames: readonly Pixels[]): Promise<Pixels[]> {
  const { width, height } = frames[0]!;
  const results: Pixels[] = [];
  const output = new RawFrames((data) => results.push({ data, width, height }));
  output.begin({ allocate: () => new Uint8Array(new ArrayBuffer(frameBytes(width, height))) });
  const ffmpeg = await findFfmpeg();
  const filter = await denoiseFilter(ffmpeg);
  const child = new FfmpegProcess(ffmpeg, {
    inputs: [{ source: 'pipe:0', options: [...RAW, '-video_size', `${width}x${height}`] }],
    output,
    outputOptions: ['-vf', [THERE, filter, BACK].join(','), ...RAW, ...passthrough(ffmpeg)],
  });
  const input = await child.stdin();
  for (const { data } of frames) {
    if (input?.writable && !input.write(data))
      await Promise.race([once(input, 'drain').catch(() => undefined), child.exited]);
  }
  input?.end();
  const exit = await child.exited;
  if (exit.failure) throw explain(exit, 'taking the noise off frames');
  await finished(output);
  return results;
}
