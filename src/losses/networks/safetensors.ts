import { TrainError } from '../../errors.js';
import { ELEMENTS, fromHalf, sizeOf } from '../../graph/elements.js';
import type { ElementType } from '../../graph/types.js';

/** A tensor of a safetensors file as float32. */
export interface WeightTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Largest header that is accepted; real ones are far smaller. */
export const MAX_HEADER_BYTES = 100_000_000;

const TYPES: Readonly<Record<string, ElementType>> = { F32: 'float32', F16: 'float16', F64: 'float64' };

/**
 * Reads the floating-point tensors of a `.safetensors` file: 8 bytes with the length of a JSON header, the header, the
 * data (format of github.com/huggingface/safetensors). Other element types are left out.
 *
 * @throws TrainError TRAIN_WEIGHTS when the file is damaged or something else.
 */
export function readSafetensors(bytes: Uint8Array): Map<string, WeightTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength >= 8 ? Number(view.getBigUint64(0, true)) : -1;
  if (length < 2 || length > MAX_HEADER_BYTES || length > bytes.byteLength - 8)
    throw damaged('its header is missing or cut off');
  const header = parse(bytes.subarray(8, 8 + length));
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, WeightTensor>();
  for (const [name, entry] of Object.entries(header)) {
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    const type = TYPES[String(dtype)];
    if (name === '__metadata__' || type === undefined) continue;
    if (!isWholeList(shape) || !isWholeList(offsets)) throw damaged(`tensor "${name}" has no shape or place`);
    const [start, end] = offsets as [number, number];
    const size = sizeOf(shape);
    if (end > data.byteLength || end - start !== size * ELEMENTS[type].bytes) {
      throw damaged(
        `tensor "${name}" [${shape.join(', ')}] of ${dtype} has bytes ${start} to ${end} of ${data.byteLength}`,
      );
    }
    tensors.set(name, { dims: shape, data: floats(type, new Uint8Array(data.subarray(start, end))) });
  }
  return tensors;
}

/** One tensor of a file, and the bytes after the header that hold it. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** The tensors that a header lists, in the order of their bytes. @throws TrainError TRAIN_WEIGHTS. */
export function entriesOf(header: Uint8Array): TensorEntry[] {
  const entries = Object.entries(parse(header)).flatMap(([name, entry]): TensorEntry[] => {
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    if (name === '__metadata__') return [];
    if (!isWholeList(shape) || !isWholeList(offsets) || offsets.length !== 2) {
      throw damaged(`tensor "${name}" has no shape or place`);
    }
    return [{ name, dtype: String(dtype), shape, start: offsets[0]!, end: offsets[1]! }];
  });
  return entries.sort((a, b) => a.start - b.start);
}

/**
 * The header of a file with these tensors, whose data follow in this order. @param notes of the file, by name; see
 * {@link notesOf}.
 */
export function headerFor(entries: readonly TensorEntry[], notes?: Readonly<Record<string, string>>): Buffer {
  let at = 0;
  const listed = entries.map(({ name, dtype, shape, start, end }) => {
    const from = at;
    at += end - start;
    return [name, { dtype, shape, data_offsets: [from, at] }];
  });
  const json = Buffer.from(JSON.stringify({ ...(notes && { __metadata__: notes }), ...Object.fromEntries(listed) }));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** A file of float32 tensors, with notes. */
export function safetensorsOf(
  tensors: Readonly<Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>>,
  notes?: Readonly<Record<string, string>>,
): Buffer {
  const entries = Object.entries(tensors).map(([name, { dims, data }]) => {
    return { name, dtype: 'F32', shape: dims, start: 0, end: data.byteLength };
  });
  const parts = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return Buffer.concat([headerFor(entries, notes), ...parts]);
}

/** The notes of a file, by name. @throws TrainError TRAIN_WEIGHTS. */
export function notesOf(bytes: Uint8Array): Readonly<Record<string, string>> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  return (parse(bytes.subarray(8, 8 + length)).__metadata__ ?? {}) as Record<string, string>;
}

function parse(header: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(header));
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Fall through: what is not JSON is not a safetensors header.
  }
  throw damaged('its header is not JSON');
}

function isWholeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function floats(type: ElementType, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (type === 'float32') return new Float32Array(bytes.buffer);
  if (type === 'float64') return Float32Array.from(new Float64Array(bytes.buffer));
  return Float32Array.from(new Uint16Array(bytes.buffer), fromHalf);
}

function damaged(why: string): TrainError {
  return new TrainError('TRAIN_WEIGHTS', `not a usable safetensors file: ${why}`, {
    hint: 'Download the weights again, or name another file with --loss-network.',
  });
}
