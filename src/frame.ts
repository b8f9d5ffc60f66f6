/** A fraction of whole numbers, such as a time base of 1/90000 s. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The time of a frame: `value` ticks of `timeBase` seconds. It is carried from the source to the sink as it is, and
 * never computed from a frame rate.
 */
export interface Pts {
  readonly value: number;
  readonly timeBase: Rational;
}

/**
 * One picture passed from a source to a sink.
 *
 * `data` is RGB24: rows top to bottom, three bytes (red, green, blue) a pixel, no padding, range 0–255;
 * `data.length === width * height * 3`. The receiver of a frame owns its buffer and may pass it on or detach it.
 */
export interface Frame {
  readonly data: Uint8Array<ArrayBuffer>;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  readonly pts: Pts;
}

/** The presentation time of a frame in seconds. */
export function seconds(pts: Pts): number {
  return (pts.value * pts.timeBase.num) / pts.timeBase.den;
}

/** Bytes of an RGB24 picture. */
export function frameBytes(width: number, height: number): number {
  return width * height * 3;
}
