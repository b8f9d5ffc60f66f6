import { GraphError } from '../errors.js';
import type { ElementType, Tensor, TensorData } from './types.js';

interface Element {
  /** Number of the type in ONNX's TensorProto.DataType. */
  readonly code: number;
  /** Bytes of one element; 0 for strings, which have no fixed size. */
  readonly bytes: number;
  readonly make: (length: number) => TensorData;
}

/** Every element type with its ONNX number, its size and the array that holds it. */
export const ELEMENTS: Readonly<Record<ElementType, Element>> = {
  float32: { code: 1, bytes: 4, make: (length) => new Float32Array(length) },
  uint8: { code: 2, bytes: 1, make: (length) => new Uint8Array(length) },
  int8: { code: 3, bytes: 1, make: (length) => new Int8Array(length) },
  uint16: { code: 4, bytes: 2, make: (length) => new Uint16Array(length) },
  int16: { code: 5, bytes: 2, make: (length) => new Int16Array(length) },
  int32: { code: 6, bytes: 4, make: (length) => new Int32Array(length) },
  int64: { code: 7, bytes: 8, make: (length) => new BigInt64Array(length) },
  string: { code: 8, bytes: 0, make: (length) => new Array<string>(length).fill('') },
  bool: { code: 9, bytes: 1, make: (length) => new Uint8Array(length) },
  float16: { code: 10, bytes: 2, make: (length) => new Uint16Array(length) },
  float64: { code: 11, bytes: 8, make: (length) => new Float64Array(length) },
  uint32: { code: 12, bytes: 4, make: (length) => new Uint32Array(length) },
  uint64: { code: 13, bytes: 8, make: (length) => new BigUint64Array(length) },
};

const byCode = new Map(Object.entries(ELEMENTS).map(([type, { code }]) => [code, type as ElementType]));

/**
 * The element type that ONNX numbers `code`, or undefined for unsupported ones (bfloat16, complex, 4- and 8-bit
 * floats).
 */
export function elementTypeOf(code: number): ElementType | undefined {
  return byCode.get(code);
}

/** The number of elements of a tensor with these dims; 1 for a scalar. */
export function sizeOf(dims: readonly number[]): number {
  let size = 1;
  for (const dim of dims) size *= dim;
  return size;
}

/**
 * A tensor from plain numbers or from an array of the right kind, which it keeps without a copy.
 *
 * @throws GraphError GRAPH_SHAPE when `dims` are not whole and ≥ 0 or the number of elements is not their product.
 */
export function tensor(type: ElementType, dims: readonly number[], data: TensorData | readonly number[]): Tensor {
  const size = sizeOf(dims);
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || data.length !== size) {
    throw new GraphError(
      'GRAPH_SHAPE',
      `constant ${type} [${dims.join(', ')}]: expected ${size} elements, got ${data.length}`,
      { hint: 'Give as many elements as the product of the dims.' },
    );
  }
  const made = ELEMENTS[type].make(0);
  if (data.constructor === made.constructor && (type !== 'string') === ArrayBuffer.isView(data)) {
    return { type, dims: [...dims], data: data as TensorData };
  }
  const target = ELEMENTS[type].make(size);
  for (let i = 0; i < size; i++) target[i] = element(type, data[i]!);
  return { type, dims: [...dims], data: target };
}

function element(type: ElementType, value: number | bigint | string): never {
  if (type === 'string') return String(value) as never;
  if (type === 'int64' || type === 'uint64') return BigInt(value) as never;
  if (type === 'float16') return toHalf(Number(value)) as never;
  return Number(value) as never;
}

/** The elements of a tensor as JavaScript numbers; float16 bits are turned into their value. */
export function numbersOf(tensor: Tensor): number[] {
  const numbers = Array.from<unknown, number>(tensor.data as ArrayLike<unknown>, Number);
  return tensor.type === 'float16' ? numbers.map(fromHalf) : numbers;
}

const scratch = new DataView(new ArrayBuffer(4));

/** The bits of the half-precision number nearest to `value` (ties to even); too large numbers become infinity. */
export function toHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: count in units of 2^-24.
    const units = Math.abs(value) * 2 ** 24;
    const floor = Math.floor(units);
    const rest = units - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The value of half-precision bits. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
