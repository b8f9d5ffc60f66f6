import protobuf from 'protobufjs';
import { GraphError } from '../../errors.js';
import { ELEMENTS, elementTypeOf, sizeOf } from '../elements.js';
import type { ElementType, Tensor, TensorData } from '../types.js';
import type { Long, TensorMessage } from './schema.js';

/** Constants with more elements count as damage: 2^31 float32 would be 8 GB. */
const LARGEST_TENSOR = 2 ** 31;

const HINT = 'The file is damaged, or not an ONNX model: export or download it again.';

/** Turns a protobuf integer into a number; what does not fit is rounded to the nearest double. */
export function toNumber(value: Long | number | string | undefined): number {
  return typeof value === 'object' ? value.toNumber() : Number(value ?? 0);
}

/**
 * Reads one TensorProto, whichever of its fields holds the elements.
 *
 * @throws GraphError GRAPH_EXTERNAL_DATA, GRAPH_UNSUPPORTED (element type) or GRAPH_ABSURD (dims or data).
 */
export function readTensor(message: TensorMessage): Tensor {
  const name = message.name || '(unnamed)';
  if ((message.dataLocation ?? 0) !== 0 || (message.externalData?.length ?? 0) > 0) {
    const file = message.externalData?.find((entry) => entry.key === 'location')?.value ?? 'another file';
    throw new GraphError(
      'GRAPH_EXTERNAL_DATA',
      `constant "${name}" keeps its data in ${file}; expected it in the model`,
      {
        hint: 'Save the model as one file: onnx.save(model, path, save_as_external_data=False).',
      },
    );
  }
  const type = elementTypeOf(message.dataType ?? 0);
  if (type === undefined) {
    throw new GraphError('GRAPH_UNSUPPORTED', `constant "${name}" has element type number ${message.dataType ?? 0}`, {
      hint: 'Export the model with float32, float16 or integer constants.',
    });
  }
  const dims = (message.dims ?? []).map(toNumber);
  const size = sizeOf(dims);
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || size > LARGEST_TENSOR) {
    throw new GraphError('GRAPH_ABSURD', `constant "${name}" has dims [${dims.join(', ')}]`, { hint: HINT });
  }
  return { type, dims, data: elements(message, name, type, size) };
}

function elements(message: TensorMessage, name: string, type: ElementType, size: number): TensorData {
  const { bytes, make } = ELEMENTS[type];
  const raw = message.rawData;
  if (bytes > 0 && raw !== undefined && raw.length > 0) {
    expectLength(name, 'bytes', size * bytes, raw.length);
    const data = make(size) as Exclude<TensorData, string[]>;
    new Uint8Array(data.buffer).set(raw);
    return data;
  }
  const source = listOf(message, type);
  // Checked before anything is allocated: dims in a file may be wrong.
  if (source instanceof Uint8Array) {
    if (size > source.length) expectLength(name, 'elements', size, source.length);
    return varints(source, name, type, size);
  }
  expectLength(name, 'elements', size, source.length);
  const data = make(size);
  for (let i = 0; i < size; i++) data[i] = source[i] as never;
  return data;
}

/** The repeated field that holds elements of a type, after onnx.proto's comments. */
function listOf(message: TensorMessage, type: ElementType): readonly (number | string)[] | Uint8Array {
  const empty: number[] = [];
  if (type === 'float32') return message.floatData ?? empty;
  if (type === 'float64') return message.doubleData ?? empty;
  if (type === 'string') return (message.stringData ?? []).map((bytes) => Buffer.from(bytes).toString('utf8'));
  if (type === 'int64') return message.int64Data ?? new Uint8Array(0);
  if (type === 'uint64' || type === 'uint32') return message.uint64Data ?? new Uint8Array(0);
  return message.int32Data ?? empty;
}

function varints(bytes: Uint8Array, name: string, type: ElementType, size: number): TensorData {
  const data = ELEMENTS[type].make(size);
  const reader = protobuf.Reader.create(bytes);
  let count = 0;
  while (reader.pos < reader.len) {
    const { low, high } = reader.int64() as unknown as Long;
    if (count < size)
      data[count] = (type === 'uint32' ? low >>> 0 : (BigInt(high) << 32n) | BigInt(low >>> 0)) as never;
    count++;
  }
  expectLength(name, 'elements', size, count);
  return data;
}

function expectLength(name: string, unit: string, expected: number, got: number): void {
  if (expected === got) return;
  throw new GraphError('GRAPH_ABSURD', `constant "${name}": expected ${expected} ${unit} after its dims, got ${got}`, {
    hint: HINT,
  });
}

/** The TensorProto of a constant, with its elements as raw little-endian bytes. */
export function writeTensor(name: string, tensor: Tensor): TensorMessage {
  const head = { name, dims: tensor.dims, dataType: ELEMENTS[tensor.type].code };
  if (Array.isArray(tensor.data)) return { ...head, stringData: tensor.data.map((text) => Buffer.from(text)) };
  const { buffer, byteOffset, byteLength } = tensor.data;
  return { ...head, rawData: new Uint8Array(buffer, byteOffset, byteLength) };
}
