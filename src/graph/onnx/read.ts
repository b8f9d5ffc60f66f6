import protobuf from 'protobufjs';
import { GraphError, messageOf } from '../../errors.js';
import { elementTypeOf } from '../elements.js';
import type { Attribute, Dim, FunctionDefinition, Graph, Model, Node, ValueInfo } from '../types.js';
import {
  ATTRIBUTE_KINDS,
  type AttributeMessage,
  type FunctionMessage,
  type GraphMessage,
  type ModelMessage,
  ModelProto,
  type NodeMessage,
  type OpsetMessage,
  type ValueInfoMessage,
} from './schema.js';
import { readTensor, toNumber } from './tensor.js';

/** Protobuf files are limited to 2 GiB; larger weights are in external files. */
const LARGEST_FILE = 2 ** 31;

/**
 * Reads an ONNX model from the bytes of an `.onnx` file. The model shares no memory with `bytes`.
 *
 * @throws GraphError GRAPH_NOT_ONNX when the bytes are not a model; GRAPH_EXTERNAL_DATA when weights lie in other
 * files; GRAPH_ABSURD when dims are negative or huge or do not match the data; GRAPH_UNSUPPORTED for sparse constants,
 * exotic element types, and inputs that are not tensors.
 */
export function readModel(bytes: Uint8Array): Model {
  const message = decode(bytes);
  const { graph } = message;
  if (graph === undefined || (graph.node?.length ?? 0) + (graph.output?.length ?? 0) === 0)
    throw notOnnx('no graph in it');
  const opsets = readOpsets(message.opsetImport);
  if (!opsets.has('')) opsets.set('', 1);
  const model: Model = {
    irVersion: toNumber(message.irVersion),
    opsets,
    producer: [message.producerName, message.producerVersion].filter(Boolean).join(' '),
    graph: readGraph(graph),
    metadata: new Map((message.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
  };
  if (message.functions?.length) model.functions = message.functions.map(readFunction);
  return model;
}

function decode(bytes: Uint8Array): ModelMessage {
  if (bytes.length === 0 || bytes.length >= LARGEST_FILE) throw notOnnx(`${bytes.length} bytes`);
  const reader = protobuf.Reader.create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  reader.discardUnknown = true;
  try {
    // As a plain object: a decoded message returns defaults for absent fields, but a size of 0 differs from an unknown
    // one.
    return ModelProto.toObject(ModelProto.decode(reader)) as ModelMessage;
  } catch (error) {
    throw notOnnx(messageOf(error), error);
  }
}

function notOnnx(why: string, cause?: unknown): GraphError {
  return new GraphError('GRAPH_NOT_ONNX', `not an ONNX model: ${why}`, {
    hint: 'Give an .onnx file; if it is one, it is damaged: export or download it again.',
    cause,
  });
}

function readOpsets(imports: readonly OpsetMessage[] | undefined): Map<string, number> {
  // "ai.onnx" is the long name of the empty domain.
  return new Map((imports ?? []).map(({ domain, version }) => [plainDomain(domain), toNumber(version)]));
}

function plainDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

function readGraph(message: GraphMessage): Graph {
  if (message.sparseInitializer?.length) {
    throw new GraphError('GRAPH_UNSUPPORTED', `graph "${message.name ?? ''}" has sparse constants`, {
      hint: 'Export the model with dense weights.',
    });
  }
  const infos = (list: ValueInfoMessage[] | undefined) => (list ?? []).map(readRequired);
  const constants = new Map((message.initializer ?? []).map((entry) => [entry.name ?? '', readTensor(entry)]));
  const values = (message.valueInfo ?? []).map(readValue).filter((value) => value !== undefined);
  return {
    name: message.name ?? '',
    nodes: (message.node ?? []).map(readNode),
    inputs: infos(message.input),
    outputs: infos(message.output),
    constants,
    values: new Map(values.map((value) => [value.name, value])),
  };
}

function readRequired(message: ValueInfoMessage): ValueInfo {
  const value = readValue(message);
  if (value !== undefined) return value;
  // The inputs and outputs of a branch or loop body may leave their type to be inferred.
  if (message.type === undefined)
    return { name: message.name ?? '', type: 'float32', dims: [], unranked: true, untyped: true };
  throw new GraphError('GRAPH_UNSUPPORTED', `"${message.name ?? ''}" is not a tensor of a known element type`, {
    hint: 'Use a model whose inputs and outputs are plain tensors.',
  });
}

function readValue(message: ValueInfoMessage): ValueInfo | undefined {
  const name = message.name ?? '';
  const { elemType, shape } = message.type?.tensorType ?? {};
  const type = elementTypeOf(elemType ?? 0);
  if (type === undefined) return undefined;
  if (shape === undefined) return { name, type, dims: [], unranked: true };
  const dims = (shape.dim ?? []).map((dim, axis): Dim => {
    if (dim.dimParam) return dim.dimParam;
    const size = dim.dimValue === undefined ? -1 : toNumber(dim.dimValue);
    if (size === -1) return `${name}_dim_${axis}`;
    if (size < 0 || !Number.isSafeInteger(size)) {
      throw new GraphError('GRAPH_ABSURD', `"${name}": expected a size for axis ${axis}, got ${size}`, {
        hint: 'The file is damaged, or not an ONNX model: export or download it again.',
      });
    }
    return size;
  });
  return { name, type, dims };
}

function readNode(message: NodeMessage): Node {
  const node: Node = {
    op: message.opType ?? '',
    domain: plainDomain(message.domain),
    name: message.name ?? '',
    inputs: [...(message.input ?? [])],
    outputs: [...(message.output ?? [])],
    attributes: readAttributes(message.attribute),
  };
  if (message.overload) node.overload = message.overload;
  return node;
}

function readAttributes(messages: readonly AttributeMessage[] | undefined): Map<string, Attribute> {
  return new Map((messages ?? []).map((message) => [message.name ?? '', readAttribute(message)]));
}

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const READERS: Readonly<Record<number, (message: AttributeMessage) => Attribute>> = {
  [ATTRIBUTE_KINDS.int]: ({ i }) => ({ kind: 'int', value: toNumber(i) }),
  [ATTRIBUTE_KINDS.float]: ({ f }) => ({ kind: 'float', value: f ?? 0 }),
  [ATTRIBUTE_KINDS.string]: ({ s }) => readText(s ?? new Uint8Array(0)),
  [ATTRIBUTE_KINDS.tensor]: ({ t }) => ({ kind: 'tensor', value: readTensor(t ?? {}) }),
  [ATTRIBUTE_KINDS.graph]: ({ g }) => ({ kind: 'graph', value: readGraph(g ?? {}) }),
  [ATTRIBUTE_KINDS.ints]: ({ ints }) => ({ kind: 'ints', value: (ints ?? []).map(toNumber) }),
  [ATTRIBUTE_KINDS.floats]: ({ floats }) => ({ kind: 'floats', value: [...(floats ?? [])] }),
  [ATTRIBUTE_KINDS.strings]: ({ strings }) => ({
    kind: 'strings',
    value: (strings ?? []).map((bytes) => Buffer.from(bytes).toString('utf8')),
  }),
  [ATTRIBUTE_KINDS.tensors]: ({ tensors }) => ({ kind: 'tensors', value: (tensors ?? []).map(readTensor) }),
  [ATTRIBUTE_KINDS.graphs]: ({ graphs }) => ({ kind: 'graphs', value: (graphs ?? []).map(readGraph) }),
};

function readText(bytes: Uint8Array): Attribute {
  try {
    return { kind: 'string', value: text.decode(bytes) };
  } catch {
    return { kind: 'bytes', value: Uint8Array.from(bytes) };
  }
}

function readAttribute(message: AttributeMessage): Attribute {
  if (message.refAttrName) return { kind: 'reference', value: message.refAttrName, of: message.type ?? 0 };
  const read = READERS[message.type || presentKind(message)];
  if (read !== undefined) return read(message);
  throw new GraphError('GRAPH_UNSUPPORTED', `attribute "${message.name ?? ''}" is of kind number ${message.type}`, {
    hint: 'Export the model without sparse tensors and type parameters.',
  });
}

/** Files older than IR 2 do not say which kind an attribute is: it is the field that is filled. */
function presentKind(message: AttributeMessage): number {
  const single = (['f', 'i', 's', 't', 'g'] as const).find((key) => Object.hasOwn(message, key));
  const kinds = { f: 'float', i: 'int', s: 'string', t: 'tensor', g: 'graph' } as const;
  if (single !== undefined) return ATTRIBUTE_KINDS[kinds[single]];
  const lists = ['floats', 'ints', 'strings', 'tensors', 'graphs'] as const;
  return ATTRIBUTE_KINDS[lists.find((key) => (message[key]?.length ?? 0) > 0) ?? 'ints'];
}

function readFunction(message: FunctionMessage): FunctionDefinition {
  return {
    name: message.name ?? '',
    domain: message.domain ?? '',
    overload: message.overload ?? '',
    inputs: [...(message.input ?? [])],
    outputs: [...(message.output ?? [])],
    attributes: [...(message.attribute ?? [])],
    defaults: readAttributes(message.attributeProto),
    opsets: readOpsets(message.opsetImport),
    nodes: (message.node ?? []).map(readNode),
  };
}
