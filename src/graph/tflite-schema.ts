import { ByteBuffer } from 'flatbuffers';
import { GraphError, messageOf } from '../errors.js';

/** A tensor of a TensorFlow Lite file. */
export interface TfliteTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** Number of the element type in TensorFlow Lite's schema: 0 float32, 1 float16, 2 int32. */
  readonly type: number;
  /** Elements of a constant, little endian; empty for what is computed. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** An operation: numbers into the list of tensors; −1 is an input that is left out. */
export interface TfliteOperator {
  /** Number in TensorFlow Lite's list, or the name of a custom operation. */
  readonly op: number | string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Field `index` of the options, which is `bytes` wide (a whole number; 0 where it is absent). */
  option(index: number, bytes: 1 | 4): number;
  /** Options of a custom operation. */
  readonly custom: Uint8Array<ArrayBuffer>;
}

/** The main graph of a TensorFlow Lite file. */
export interface TfliteGraph {
  readonly name: string;
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly TfliteOperator[];
}

/**
 * Reads what a `.tflite` file (FlatBuffers, identifier `TFL3`) says, as its schema orders the fields.
 *
 * @throws GraphError `GRAPH_NOT_TFLITE`
 */
export function readTfliteFile(bytes: Uint8Array): TfliteGraph {
  const buffer = new ByteBuffer(Uint8Array.from(bytes));
  try {
    if (bytes.length < 8 || !buffer.__has_identifier('TFL3')) throw new Error('it does not begin as one');
    return readMain(new Table(buffer, buffer.readInt32(0)));
  } catch (cause) {
    throw new GraphError('GRAPH_NOT_TFLITE', `not a TensorFlow Lite model: ${messageOf(cause)}`, {
      hint: 'Give a .tflite file; if it is one, it is damaged: install or download it again.',
      cause,
    });
  }
}

/** A record, whose fields are found by their number in the schema. */
class Table {
  constructor(
    readonly buffer: ByteBuffer,
    readonly at: number,
  ) {
    if (at < 0 || at + 4 > buffer.capacity()) throw new Error(`a record lies outside, at byte ${at}`);
  }

  private field(index: number): number | undefined {
    const offset = this.buffer.__offset(this.at, 4 + 2 * index);
    return offset === 0 ? undefined : this.at + offset;
  }

  number(index: number, bytes: 1 | 4): number {
    const at = this.field(index);
    if (at === undefined) return 0;
    return bytes === 1 ? this.buffer.readInt8(at) : this.buffer.readInt32(at);
  }

  text(index: number): string | undefined {
    const at = this.field(index);
    return at === undefined ? undefined : String(this.buffer.__string(at));
  }

  table(index: number): Table | undefined {
    const at = this.field(index);
    return at === undefined ? undefined : new Table(this.buffer, this.buffer.__indirect(at));
  }

  private vector(index: number, bytes: number): { at: number; length: number } {
    const field = this.field(index);
    if (field === undefined) return { at: 0, length: 0 };
    const [at, length] = [this.buffer.__vector(field), this.buffer.__vector_len(field)];
    if (length < 0 || at + length * bytes > this.buffer.capacity()) throw new Error(`a list has ${length} entries`);
    return { at, length };
  }

  tables(index: number): Table[] {
    const { at, length } = this.vector(index, 4);
    return Array.from({ length }, (_, i) => new Table(this.buffer, this.buffer.__indirect(at + 4 * i)));
  }

  ints(index: number): number[] {
    const { at, length } = this.vector(index, 4);
    return Array.from({ length }, (_, i) => this.buffer.readInt32(at + 4 * i));
  }

  bytes(index: number): Uint8Array<ArrayBuffer> {
    const { at, length } = this.vector(index, 1);
    return Uint8Array.from(this.buffer.bytes().subarray(at, at + length));
  }
}

function readMain(model: Table): TfliteGraph {
  const codes = model.tables(1).map((code) => {
    // Numbers above 127 came later, in a field of their own.
    const number = Math.max(code.number(0, 1), code.number(3, 4));
    return number === CUSTOM ? (code.text(1) ?? '') : number;
  });
  const buffers = model.tables(4).map((buffer) => buffer.bytes(0));
  const [main] = model.tables(2);
  if (!main) throw new Error('there is no graph in it');
  return {
    name: main.text(4) ?? 'tflite',
    tensors: main.tables(0).map((tensor) => ({
      name: tensor.text(3) ?? '',
      dims: tensor.ints(0),
      type: tensor.number(1, 1),
      data: buffers[tensor.number(2, 4)] ?? new Uint8Array(0),
    })),
    inputs: main.ints(1),
    outputs: main.ints(2),
    operators: main.tables(3).map((operator) => {
      const options = operator.table(4);
      return {
        op: codes[operator.number(0, 4)] ?? -1,
        inputs: operator.ints(1),
        outputs: operator.ints(2),
        option: (index, bytes) => options?.number(index, bytes) ?? 0,
        custom: operator.bytes(5),
      };
    }),
  };
}

/** The number that stands for "custom, by name". */
const CUSTOM = 32;
