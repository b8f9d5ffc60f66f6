import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { frameBytes } from '../../frame.js';
import { findFfmpeg, passthrough } from '../ffmpeg/binaries.js';
import { ffmpegError } from '../ffmpeg/failure.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import { denoiseFilter, SCALE_FLAGS } from '../raw/filters.js';
import { FrameAssembler } from '../raw/frame-assembler.js';

/** RGB24, rows without padding. */
interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const RAW = ['-f', 'rawvideo', '-pix_fmt', 'rgb24'];
/** The filter works on YUV, as files do; here in full range and without chroma subsampling. */
const TO_YUV = `scale=${SCALE_FLAGS}:out_color_matrix=smpte170m:out_range=pc,format=yuv444p`;
const TO_RGB = `scale=${SCALE_FLAGS}:in_color_matrix=smpte170m:in_range=pc:out_range=pc,format=rgb24`;

/**
 * Denoises successive frames in memory with the filter that `--denoise` uses for files. The first frame is unchanged
 * except for rounding of colours, by two levels at most.
 *
 * @param frames at least one, all of one size
 * @throws MediaError when ffmpeg cannot be found or fails; as `denoiseFilter`
 */
export async function denoiseFrames(frames: readonly Pixels[]): Promise<Pixels[]> {
  const { width, height } = frames[0]!;
  const results: Pixels[] = [];
  const store = { allocate: () => new Uint8Array(new ArrayBuffer(frameBytes(width, height))) };
  const output = new FrameAssembler(Promise.resolve(store), (data) => void results.push({ data, width, height }));
  const ffmpeg = await findFfmpeg();
  const filter = await denoiseFilter(ffmpeg);
  const child = new FfmpegProcess(ffmpeg, {
    inputs: [{ source: 'pipe:0', options: [...RAW, '-video_size', `${width}x${height}`] }],
    output,
    outputOptions: ['-vf', [TO_YUV, filter, TO_RGB].join(','), ...RAW, ...passthrough(ffmpeg)],
  });
  const input = await child.stdin();
  for (const { data } of frames) {
    if (input?.writable && !input.write(data))
      await Promise.race([once(input, 'drain').catch(() => undefined), child.exited]);
  }
  input?.end();
  const exit = await child.exited;
  if (exit.failure) throw ffmpegError(exit, 'taking the noise off frames');
  await finished(output);
  return results;
}
