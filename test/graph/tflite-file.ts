import { Builder } from 'flatbuffers';

/** A tensor of a file to be made; float16 constants are given as their bits. */
export interface MadeTensor {
  readonly dims: readonly number[];
  readonly data?: Float32Array | Uint16Array | Int32Array;
}

/** An operation of a file to be made. */
export interface MadeOperator {
  readonly op: number | string;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Fields of the options: number in the schema, width in bytes, value. */
  readonly options?: readonly (readonly [index: number, bytes: 1 | 4, value: number])[];
  readonly custom?: Int32Array;
}

const TYPES = new Map<unknown, number>([
  [Float32Array, 0],
  [Uint16Array, 1],
  [Int32Array, 2],
]);

/** Writes a `.tflite` file: tensor 0 is its input, the output of the last operation its output. */
export function tfliteFile(tensors: readonly MadeTensor[], operators: readonly MadeOperator[]): Uint8Array {
  const b = new Builder(1024);
  const table = (fields: readonly (readonly [number, () => void])[]) => {
    b.startObject(12);
    for (const [, add] of fields) add();
    return b.endObject();
  };
  const offsets = (list: readonly number[]) => {
    b.startVector(4, list.length, 4);
    for (const each of [...list].reverse()) b.addOffset(each);
    return b.endVector();
  };
  const ints = (list: readonly number[]) => {
    b.startVector(4, list.length, 4);
    for (const each of [...list].reverse()) b.addInt32(each);
    return b.endVector();
  };
  const bytes = (view: ArrayBufferView | undefined) => {
    const data = view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(0);
    b.startVector(1, data.length, 16);
    for (const each of [...data].reverse()) b.addInt8(each);
    return b.endVector();
  };
  const offset = (index: number, at: number) => [index, () => b.addFieldOffset(index, at, 0)] as const;
  const int32 = (index: number, value: number) => [index, () => b.addFieldInt32(index, value, 0)] as const;
  const int8 = (index: number, value: number) => [index, () => b.addFieldInt8(index, value, 0)] as const;

  const buffers = tensors.map(({ data }) => table([offset(0, bytes(data))]));
  const made = tensors.map(({ dims, data }, at) => {
    const name = b.createString(`t${at}`);
    const type = data ? TYPES.get(data.constructor)! : 0;
    return table([offset(0, ints(dims)), int8(1, type), int32(2, at), offset(3, name)]);
  });
  const ops = [...new Set(operators.map(({ op }) => op))];
  const codes = ops.map((op) =>
    typeof op === 'string'
      ? table([int8(0, 32), offset(1, b.createString(op)), int32(3, 32)])
      : table([int8(0, Math.min(op, 127)), int32(3, op)]),
  );
  const calls = operators.map(({ op, inputs, output, options = [], custom }) => {
    const fields = options.map(([index, size, value]) => (size === 1 ? int8(index, value) : int32(index, value)));
    const given = table(fields);
    const [ins, outs, extra] = [ints(inputs), ints([output]), bytes(custom)];
    return table([int32(0, ops.indexOf(op)), offset(1, ins), offset(2, outs), offset(4, given), offset(5, extra)]);
  });
  const main = [ints([0]), ints([operators.at(-1)!.output]), b.createString('made')] as const;
  const graph = table([
    offset(0, offsets(made)),
    offset(1, main[0]),
    offset(2, main[1]),
    offset(3, offsets(calls)),
    offset(4, main[2]),
  ]);
  const lists = [offsets(codes), offsets([graph]), offsets(buffers)] as const;
  b.finish(table([int32(0, 3), offset(1, lists[0]), offset(2, lists[1]), offset(4, lists[2])]), 'TFL3');
  return b.asUint8Array();
}
