import protobuf from 'protobufjs';

/** One field of a message: its number, its type, and whether it repeats. */
type Field = readonly [id: number, type: string, rule?: 'repeated'];

/**
 * The messages of onnx.proto (ONNX 1.18, IR 11) that models are made of, with the field numbers of that file.
 *
 * Packed 64-bit lists of tensors are read as their bytes: one object per integer would multiply the size of a file by
 * thirty. Enumerations are their numbers. Fields that are not here are skipped when reading.
 */
const MESSAGES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ModelProto: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    graph: [7, 'GraphProto'],
    opsetImport: [8, 'OperatorSetIdProto', 'repeated'],
    metadataProps: [14, 'StringStringEntryProto', 'repeated'],
    functions: [25, 'FunctionProto', 'repeated'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  FunctionProto: {
    name: [1, 'string'],
    input: [4, 'string', 'repeated'],
    output: [5, 'string', 'repeated'],
    attribute: [6, 'string', 'repeated'],
    node: [7, 'NodeProto', 'repeated'],
    opsetImport: [9, 'OperatorSetIdProto', 'repeated'],
    domain: [10, 'string'],
    attributeProto: [11, 'AttributeProto', 'repeated'],
    overload: [13, 'string'],
  },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto', 'repeated'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
    valueInfo: [13, 'ValueInfoProto', 'repeated'],
    sparseInitializer: [15, 'SparseTensorProto', 'repeated'],
  },
  SparseTensorProto: { values: [1, 'TensorProto'] },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    domain: [7, 'string'],
    overload: [8, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    g: [6, 'GraphProto'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    strings: [9, 'bytes', 'repeated'],
    tensors: [10, 'TensorProto', 'repeated'],
    graphs: [11, 'GraphProto', 'repeated'],
    type: [20, 'int32'],
    refAttrName: [21, 'string'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    segment: [3, 'bytes'],
    floatData: [4, 'float', 'repeated'],
    int32Data: [5, 'int32', 'repeated'],
    stringData: [6, 'bytes', 'repeated'],
    int64Data: [7, 'bytes'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, 'double', 'repeated'],
    uint64Data: [11, 'bytes'],
    externalData: [13, 'StringStringEntryProto', 'repeated'],
    dataLocation: [14, 'int32'],
  },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'] },
  TypeProto: {
    tensorType: [1, 'TensorTypeProto'],
    sequenceType: [4, 'bytes'],
    mapType: [5, 'bytes'],
    sparseTensorType: [8, 'bytes'],
    optionalType: [9, 'bytes'],
  },
  TensorTypeProto: { elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [1, 'DimensionProto', 'repeated'] },
  DimensionProto: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([message, fields]) => [
      message,
      {
        // Field presence matters: a size of 0 is not an unknown size.
        edition: 'proto2',
        fields: Object.fromEntries(
          Object.entries(fields).map(([name, [id, type, rule]]) => [name, rule ? { id, type, rule } : { id, type }]),
        ),
      },
    ]),
  ),
});

/** The whole file: what every `.onnx` starts with. */
export const ModelProto = root.lookupType('ModelProto');

/** AttributeProto.AttributeType: the kinds of attribute by ONNX's number. */
export const ATTRIBUTE_KINDS = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;

/** A 64-bit integer as protobufjs gives it. */
export interface Long {
  readonly low: number;
  readonly high: number;
  toNumber(): number;
}

/** AttributeProto: which field counts is told by `type`. */
export interface AttributeMessage {
  name?: string;
  f?: number;
  i?: Long | number | string;
  s?: Uint8Array;
  t?: TensorMessage;
  g?: GraphMessage;
  floats?: number[];
  ints?: (Long | number | string)[];
  strings?: Uint8Array[];
  tensors?: TensorMessage[];
  graphs?: GraphMessage[];
  type?: number;
  refAttrName?: string;
}

/** TensorProto: the elements are in `rawData` or in the list for their type. */
export interface TensorMessage {
  dims?: (Long | number)[];
  dataType?: number;
  segment?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  stringData?: Uint8Array[];
  int64Data?: Uint8Array;
  name?: string;
  rawData?: Uint8Array;
  doubleData?: number[];
  uint64Data?: Uint8Array;
  externalData?: EntryMessage[];
  dataLocation?: number;
}

/** StringStringEntryProto. */
export interface EntryMessage {
  key?: string;
  value?: string;
}

/** ValueInfoProto. */
export interface ValueInfoMessage {
  name?: string;
  type?: {
    tensorType?: {
      elemType?: number;
      shape?: { dim?: { dimValue?: Long | number; dimParam?: string }[] };
    };
  };
}

/** NodeProto. */
export interface NodeMessage {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  attribute?: AttributeMessage[];
  domain?: string;
  overload?: string;
}

/** GraphProto. */
export interface GraphMessage {
  node?: NodeMessage[];
  name?: string;
  initializer?: TensorMessage[];
  input?: ValueInfoMessage[];
  output?: ValueInfoMessage[];
  valueInfo?: ValueInfoMessage[];
  sparseInitializer?: unknown[];
}

/** OperatorSetIdProto. */
export interface OpsetMessage {
  domain?: string;
  version?: Long | number;
}

/** FunctionProto. */
export interface FunctionMessage {
  name?: string;
  input?: string[];
  output?: string[];
  attribute?: string[];
  node?: NodeMessage[];
  opsetImport?: OpsetMessage[];
  domain?: string;
  attributeProto?: AttributeMessage[];
  overload?: string;
}

/** ModelProto. */
export interface ModelMessage {
  irVersion?: Long | number;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphMessage;
  opsetImport?: OpsetMessage[];
  metadataProps?: EntryMessage[];
  functions?: FunctionMessage[];
}
