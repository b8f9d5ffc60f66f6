/** Element types that a tensor of the graph can have, named as ONNX Runtime names them. */
export type ElementType =
  | 'float32'
  | 'float16'
  | 'float64'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string';

/** One axis of a shape: a size, or the name of a size that is known only at run time. */
export type Dim = number | string;

/** The arrays that hold a constant: float16 as its bits in a Uint16Array, bool as 0 and 1, strings as they are. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** A constant: `data.length` is the product of `dims`; row-major, last axis fastest; a scalar has no dims. */
export interface Tensor {
  type: ElementType;
  dims: number[];
  data: TensorData;
}

/**
 * A parameter of a node.
 *
 * Integers are JavaScript numbers; the limits of int64, which exporters write for "to the end", survive the round trip.
 * `bytes` is a string attribute that is not UTF-8; `reference`, inside a function, refers to the attribute of that name
 * at the call.
 */
export type Attribute =
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'bytes'; value: Uint8Array }
  | { kind: 'tensor'; value: Tensor }
  | { kind: 'graph'; value: Graph }
  | { kind: 'ints'; value: number[] }
  | { kind: 'floats'; value: number[] }
  | { kind: 'strings'; value: string[] }
  | { kind: 'tensors'; value: Tensor[] }
  | { kind: 'graphs'; value: Graph[] }
  | { kind: 'reference'; value: string; of: number };

/** One operation. An input that is left out is the empty string; `domain` is empty for ONNX's own operators. */
export interface Node {
  op: string;
  domain: string;
  name: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
  /** Selects one of several functions of a name; rarely used. */
  overload?: string;
}

/** What is known about a value before anything runs. */
export interface ValueInfo {
  name: string;
  type: ElementType;
  dims: Dim[];
  /** True when even the rank is unknown; `dims` is then empty. */
  unranked?: boolean;
  /** True when the element type is unknown too, as in branches or loop bodies; `type` is then meaningless. */
  untyped?: boolean;
}

/** Nodes in execution order, with inputs, outputs and constants. */
export interface Graph {
  name: string;
  nodes: Node[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  constants: Map<string, Tensor>;
  values: Map<string, ValueInfo>;
}

/** An operator that a model defines itself, in terms of others. */
export interface FunctionDefinition {
  name: string;
  domain: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  attributes: string[];
  defaults: Map<string, Attribute>;
  opsets: Map<string, number>;
  nodes: Node[];
}

/** A whole ONNX model; `opsets` maps an operator domain (empty for ONNX's own) to its version. */
export interface Model {
  irVersion: number;
  opsets: Map<string, number>;
  producer: string;
  graph: Graph;
  metadata: Map<string, string>;
  functions?: FunctionDefinition[];
}
