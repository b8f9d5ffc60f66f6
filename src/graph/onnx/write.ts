import { ELEMENTS } from '../elements.js';
import type { Attribute, FunctionDefinition, Graph, Model, Node, ValueInfo } from '../types.js';
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
import { writeTensor } from './tensor.js';

/** The bytes of an `.onnx` file that holds this model. The same model always gives the same bytes. */
export function writeModel(model: Model): Uint8Array {
  const message: ModelMessage = {
    irVersion: model.irVersion,
    producerName: model.producer,
    opsetImport: writeOpsets(model.opsets),
    metadataProps: [...model.metadata].map(([key, value]) => ({ key, value })),
    graph: writeGraph(model.graph),
  };
  if (model.functions !== undefined) message.functions = model.functions.map(writeFunction);
  return ModelProto.encode(message).finish();
}

function writeOpsets(opsets: ReadonlyMap<string, number>): OpsetMessage[] {
  return [...opsets].map(([domain, version]) => ({ domain, version }));
}

function writeGraph(graph: Graph): GraphMessage {
  return {
    name: graph.name,
    node: graph.nodes.map(writeNode),
    initializer: [...graph.constants].map(([name, tensor]) => writeTensor(name, tensor)),
    input: graph.inputs.map(writeValue),
    output: graph.outputs.map(writeValue),
    valueInfo: [...graph.values.values()].map(writeValue),
  };
}

function writeValue({ name, type, dims, unranked, untyped }: ValueInfo): ValueInfoMessage {
  if (untyped) return { name };
  const elemType = ELEMENTS[type].code;
  if (unranked) return { name, type: { tensorType: { elemType } } };
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

function writeNode(node: Node): NodeMessage {
  const message: NodeMessage = {
    input: node.inputs,
    output: node.outputs,
    name: node.name,
    opType: node.op,
    attribute: [...node.attributes].map(([name, attribute]) => writeAttribute(name, attribute)),
  };
  if (node.domain !== '') message.domain = node.domain;
  if (node.overload !== undefined) message.overload = node.overload;
  return message;
}

const WRITERS: { [K in Attribute['kind']]: (attribute: Extract<Attribute, { kind: K }>) => AttributeMessage } = {
  int: ({ value }) => ({ type: ATTRIBUTE_KINDS.int, i: int64(value) }),
  float: ({ value }) => ({ type: ATTRIBUTE_KINDS.float, f: value }),
  string: ({ value }) => ({ type: ATTRIBUTE_KINDS.string, s: Buffer.from(value) }),
  bytes: ({ value }) => ({ type: ATTRIBUTE_KINDS.string, s: value }),
  tensor: ({ value }) => ({ type: ATTRIBUTE_KINDS.tensor, t: writeTensor('', value) }),
  graph: ({ value }) => ({ type: ATTRIBUTE_KINDS.graph, g: writeGraph(value) }),
  ints: ({ value }) => ({ type: ATTRIBUTE_KINDS.ints, ints: value.map(int64) }),
  floats: ({ value }) => ({ type: ATTRIBUTE_KINDS.floats, floats: value }),
  strings: ({ value }) => ({ type: ATTRIBUTE_KINDS.strings, strings: value.map((item) => Buffer.from(item)) }),
  tensors: ({ value }) => ({ type: ATTRIBUTE_KINDS.tensors, tensors: value.map((item) => writeTensor('', item)) }),
  graphs: ({ value }) => ({ type: ATTRIBUTE_KINDS.graphs, graphs: value.map(writeGraph) }),
  reference: ({ value, of }) => ({ type: of, refAttrName: value }),
};

function writeAttribute(name: string, attribute: Attribute): AttributeMessage {
  return { name, ...WRITERS[attribute.kind](attribute as never) };
}

/** 2^63, to which the largest int64 rounds as a double, must not wrap around to the smallest. */
function int64(value: number): number | string {
  return value >= 2 ** 63 ? '9223372036854775807' : value;
}

function writeFunction(definition: FunctionDefinition): FunctionMessage {
  const message: FunctionMessage = {
    name: definition.name,
    domain: definition.domain,
    input: definition.inputs,
    output: definition.outputs,
    attribute: definition.attributes,
    attributeProto: [...definition.defaults].map(([name, attribute]) => writeAttribute(name, attribute)),
    opsetImport: writeOpsets(definition.opsets),
    node: definition.nodes.map(writeNode),
  };
  if (definition.overload !== '') message.overload = definition.overload;
  return message;
}
