// A strip of 16 black and white blocks at the top of the picture that carries the time: milliseconds since 1970 modulo
// 65536, the least bit to the left. ffmpeg draws it at the moment when it makes the frame.

/** Height of the strip in pixels. */
export const STRIP = 24;
const BITS = 16;
const MODULUS = 2 ** BITS;

/** ffmpeg's arguments for a moving picture with the strip, made in real time. */
export function stripSource({ width, height, fps }) {
  const block = width / BITS;
  const blocks = Array.from(
    { length: BITS },
    (_, bit) =>
      `drawbox=x=${bit * block}:y=0:w=${block}:h=${STRIP}:color=white:t=fill:enable='mod(floor(t*1000/${2 ** bit})\\,2)'`,
  );
  // The time base of a frame that `realtime` has let go is the clock on the wall.
  const graph = [
    `testsrc2=size=${width}x${height}:rate=${fps}`,
    'realtime',
    'setpts=RTCTIME/(TB*1000000)',
    `drawbox=x=0:y=0:w=${width}:h=${STRIP}:color=black:t=fill`,
    ...blocks,
    'setpts=PTS-STARTPTS',
  ].join(',');
  // With more threads ffmpeg holds frames back.
  return ['-v', 'fatal', '-filter_threads', '1', '-f', 'lavfi', '-i', graph];
}

/** The time that a picture carries. `luminance(x, y)` tells how bright a pixel is, 0 to 255. */
export function readStrip(luminance, width) {
  let time = 0;
  for (let bit = 0; bit < BITS; bit++) {
    if (luminance(Math.floor(((bit + 0.5) * width) / BITS), STRIP >> 1) > 128) time += 2 ** bit;
  }
  return time;
}

/** Milliseconds from a time that a picture carries until now. */
export function ageOf(time, now) {
  const age = (((now - time) % MODULUS) + MODULUS) % MODULUS;
  // A clock read a moment before the block was drawn.
  return age > MODULUS / 2 ? age - MODULUS : age;
}
