import { chooseEncoder } from '../../media/files/encode/encoder.js';
import { encoderFilters, outputColour } from '../../media/raw/filters.js';
import type { PlanContext } from './plan.js';

/** Seconds between key frames. */
const KEY_SECONDS = 2;
/** Most bits per pixel: painted pictures are full of detail. */
const BITS_A_PIXEL = 0.15;

/**
 * Options for H.264 as services and browsers accept it, with AAC.
 *
 * @param kilobits maximum video bit rate in kbit/s; default: by the size
 * @param prompt no frames held back for better compression
 * @throws MediaError `MEDIA_ENCODER`
 */
export async function h264(
  { ffmpeg, size, fps }: PlanContext,
  { prompt = false, kilobits = Math.round((size.width * size.height * fps * BITS_A_PIXEL) / 1000) } = {},
): Promise<string[]> {
  const encoder = await chooseEncoder(ffmpeg, 'h264', size, { preset: 'veryfast' });
  const picture = { pixelFormat: 'rgb24', hdr: undefined, height: size.height, colour: UNKNOWN_COLOUR };
  const colour = outputColour(picture, size);
  const software = encoder.name === 'libx264';
  return [
    ...['-c:v', encoder.name, ...encoder.options],
    ...['-maxrate', `${kilobits}k`, '-bufsize', `${kilobits}k`],
    ...(prompt && software ? ['-tune', 'zerolatency'] : []),
    // Frame times are irregular; from the time base alone the encoder would assume a rate of 90 kHz.
    ...(software ? ['-x264-params', `fps=${Math.max(1, Math.round(fps * 1000))}/1000`] : []),
    ...['-force_key_frames', `expr:gte(t,n_forced*${KEY_SECONDS})`],
    ...['-filter:v', encoderFilters(colour, encoder.pixelFormat, { num: 1, den: 1 }).join(','), ...colour.tags],
    ...['-c:a', 'aac', '-b:a', '160k'],
  ];
}

const UNKNOWN_COLOUR = { matrix: undefined, primaries: undefined, transfer: undefined, range: undefined } as const;
