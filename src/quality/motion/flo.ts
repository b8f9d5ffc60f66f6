import { MediaError } from '../../errors.js';
import type { Flow } from './flow.js';

/** "PIEH" as a float32, the mark of the format. */
const MARK = 202021.25;
/** Bytes before the motion: mark, width, height. */
const HEADER = 12;
/** The largest side that is read, in pixels. */
const LARGEST = 16_384;
/** Components beyond this mark unknown motion. */
const UNKNOWN = 1e9;

/**
 * Reads a flow in Middlebury's `.flo` format (Baker 2007): "PIEH", width and height as int32, then [x, y] float32 for
 * each pixel, row by row, all little-endian. Where the motion is unknown, both are NaN in the result.
 *
 * @param name of the file, for messages.
 * @throws MediaError `EVAL_FLOW` when the bytes are no such flow.
 */
export function readFlo(bytes: Uint8Array, name: string): Flow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || view.getFloat32(0, true) !== MARK) throw wrong(name, 'does not begin with "PIEH"');
  const [width, height] = [view.getInt32(4, true), view.getInt32(8, true)];
  if (width < 1 || height < 1 || width > LARGEST || height > LARGEST)
    throw wrong(name, `has ${width}×${height} pixels`);
  const expected = HEADER + width * height * 8;
  if (bytes.length !== expected) {
    throw wrong(name, `has ${bytes.length} bytes for ${width}×${height} pixels, expected ${expected}`);
  }
  const data = Float32Array.from({ length: width * height * 2 }, (_, i) => {
    const value = view.getFloat32(HEADER + i * 4, true);
    return Math.abs(value) < UNKNOWN ? value : Number.NaN;
  });
  return { data, width, height };
}

/** A flow in Middlebury's `.flo` format. */
export function writeFlo({ data, width, height }: Flow): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER + data.length * 4));
  view.setFloat32(0, MARK, true);
  view.setInt32(4, width, true);
  view.setInt32(8, height, true);
  data.forEach((value, i) => {
    view.setFloat32(HEADER + i * 4, Number.isFinite(value) ? value : 1e10, true);
  });
  return new Uint8Array(view.buffer);
}

function wrong(name: string, what: string): MediaError {
  return new MediaError('EVAL_FLOW', `${name} ${what}; expected a flow in Middlebury's .flo format.`, {
    hint: 'Give flows of exactly the frames that are compared, or leave out --flow to estimate them.',
  });
}
