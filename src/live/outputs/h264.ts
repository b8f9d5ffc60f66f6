import { encoderFilters, outputColour } from '../../media/ffmpeg/filters.js';
import { chooseEncoder } from '../../media/files/encoder.js';
import type { PlanContext } from './plan.js';

/** Seconds between pictures at which a viewer can begin. */
const KEY_SECONDS = 2;
/** Bits a pixel, at most: painted pictures are full of strokes. */
const BITS_A_PIXEL = 0.15;

/**
 * Options for H.264 as services and browsers take it, and AAC beside it.
 *
 * @param kilobits a second, at most; default: by the size
 * @param prompt without frames held back to compress better
 * @throws MediaError `MEDIA_ENCODER`
 */
export async function h264(
  { ffmpeg, size, fps }: PlanContext,
  { prompt = false, kilobits = Math.round((size.width * size.height * fps * BITS_A_PIXEL) / 1000) } = {},
): Promise<string[]> {
  const encoder = await chooseEncoder(ffmpeg, 'h264', size, { preset: 'veryfast' });
  const picture = { pixelFormat: 'rgb24', hdr: undefined, height: size.height, colour: UNTOLD };
  const colour = outputColour(picture, size);
  const software = encoder.name === 'libx264';
  return [
    ...['-c:v', encoder.name, ...encoder.options],
    ...['-maxrate', `${kilobits}k`, '-bufsize', `${kilobits}k`],
    ...(prompt && software ? ['-tune', 'zerolatency'] : []),
    // Frames come at times of their own, from which the encoder would take their rate to be that of the clock.
    ...(software ? ['-x264-params', `fps=${Math.max(1, Math.round(fps * 1000))}/1000`] : []),
    ...['-force_key_frames', `expr:gte(t,n_forced*${KEY_SECONDS})`],
    ...['-filter:v', encoderFilters(colour, encoder.pixelFormat, { num: 1, den: 1 }).join(','), ...colour.tags],
    ...['-c:a', 'aac', '-b:a', '160k'],
  ];
}

const UNTOLD = { matrix: undefined, primaries: undefined, transfer: undefined, range: undefined } as const;
