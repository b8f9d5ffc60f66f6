import { localPath } from '../../media/ffmpeg/path.js';
import { checkCrf, checkPreset } from '../../media/files/encode/encoder.js';
import { OutputFile } from '../../media/files/output.js';
import { chooseCodec } from '../../media/tracks/container.js';
import { filesRead } from '../style.js';
import type { VideoOptions } from './video-options.js';

/**
 * Checks everything about the output that can be checked before the work starts.
 *
 * @param partial what it is written as until it is whole; default: beside the output
 * @throws OptionError, MediaError as `OutputFile.plan`, `checkCrf` and `checkPreset`
 */
export async function planFile(
  output: string,
  options: Omit<VideoOptions, 'output'>,
  partial?: string,
): Promise<OutputFile> {
  const codec = chooseCodec(output, options.codec);
  if (options.crf !== undefined) checkCrf(codec, options.crf);
  if (options.encoderPreset) checkPreset(codec, options.encoderPreset);
  const inputs = typeof options.input === 'string' ? [localPath(options.input)] : [];
  return OutputFile.plan(output, [...inputs, ...filesRead(options)], options.overwrite, partial);
}
