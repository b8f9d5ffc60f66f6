import type { Attribute, Graph, Model, Node } from '../../graph/types.js';

/** A network split at its statistics of the whole picture. */
export interface SplitNetwork {
  /** The network with the statistics as further outputs. */
  readonly measuring: Model;
  /** The network with the statistics as further inputs. */
  readonly painting: Model;
  /** Names of the statistics. */
  readonly names: readonly string[];
}

/**
 * Splits a network at its statistics over the whole picture (instance normalisation, spatial means, global pooling), so
 * that tiles can share statistics computed once from a thumbnail. Returns undefined for a purely local network.
 */
export function splitStatistics(network: Model, planar: boolean): SplitNetwork | undefined {
  const spatial = planar ? '2,3' : '1,2';
  const nodes = network.graph.nodes.flatMap((node) =>
    node.op === 'InstanceNormalization' ? expandInstanceNorm(node, network) : [node],
  );
  const means = nodes.filter(
    (node) => node.op === 'GlobalAveragePool' || (node.op === 'ReduceMean' && axesOf(node, network.graph) === spatial),
  );
  if (means.length === 0) return undefined;
  const names = means.map((node) => node.outputs[0]!);
  const constants = new Map(network.graph.constants);
  addConstants(constants, nodes);
  const graph: Graph = { ...network.graph, constants };
  const value = (name: string) => ({ name, type: 'float32' as const, dims: [], unranked: true });
  return {
    names,
    measuring: {
      ...network,
      graph: { ...graph, nodes, outputs: [...graph.outputs, ...names.map(value)] },
    },
    painting: {
      ...network,
      graph: {
        ...graph,
        nodes: nodes.filter((node) => !means.includes(node)),
        inputs: [...graph.inputs, ...names.map(value)],
      },
    },
  };
}

/** `(x - mean) / sqrt(variance + epsilon) * scale + bias`, over rows and columns of NCHW. */
function expandInstanceNorm(node: Node, network: Model): Node[] {
  const [x, scale, bias] = node.inputs as [string, string, string];
  const out = node.outputs[0]!;
  const name = (part: string) => `${out}/${part}`;
  const make = (op: string, inputs: string[], output: string, attributes: [string, Attribute][] = []): Node => ({
    op,
    domain: '',
    name: output,
    inputs,
    outputs: [output],
    attributes: new Map(attributes),
  });
  const opset = network.opsets.get('') ?? 1;
  const mean = (from: string, to: string) =>
    opset >= 18
      ? make('ReduceMean', [from, AXES], to, [['keepdims', { kind: 'int', value: 1 }]])
      : make('ReduceMean', [from], to, [
          ['axes', { kind: 'ints', value: [2, 3] }],
          ['keepdims', { kind: 'int', value: 1 }],
        ]);
  const epsilon = node.attributes.get('epsilon');
  const value = epsilon?.kind === 'float' ? epsilon.value : 1e-5;
  const constant: Attribute = { kind: 'tensor', value: { type: 'float32', dims: [], data: Float32Array.of(value) } };
  return [
    mean(x, name('mean')),
    make('Sub', [x, name('mean')], name('centred')),
    make('Mul', [name('centred'), name('centred')], name('squared')),
    mean(name('squared'), name('variance')),
    make('Constant', [], name('epsilon'), [['value', constant]]),
    make('Add', [name('variance'), name('epsilon')], name('safe')),
    make('Sqrt', [name('safe')], name('deviation')),
    make('Div', [name('centred'), name('deviation')], name('normal')),
    make('Reshape', [scale, CHANNELS], name('scale')),
    make('Reshape', [bias, CHANNELS], name('bias')),
    make('Mul', [name('normal'), name('scale')], name('scaled')),
    make('Add', [name('scaled'), name('bias')], out),
  ];
}

const AXES = 'stylecast/axes';
const CHANNELS = 'stylecast/channels';

function addConstants(constants: Graph['constants'], nodes: readonly Node[]): void {
  const used = new Set(nodes.flatMap((node) => node.inputs));
  if (used.has(AXES)) constants.set(AXES, { type: 'int64', dims: [2], data: BigInt64Array.of(2n, 3n) });
  if (used.has(CHANNELS))
    constants.set(CHANNELS, { type: 'int64', dims: [4], data: BigInt64Array.of(1n, -1n, 1n, 1n) });
}

/** The axes that a reduction runs over, as `2,3`; empty where they are not constant. */
function axesOf(node: Node, graph: Graph): string {
  const attribute = node.attributes.get('axes');
  if (attribute?.kind === 'ints') return positive(attribute.value);
  const tensor = graph.constants.get(node.inputs[1] ?? '') ?? constantNode(graph, node.inputs[1]);
  return tensor ? positive(Array.from(tensor.data as ArrayLike<bigint>, Number)) : '';
}

function constantNode(graph: Graph, name: string | undefined) {
  const attribute = graph.nodes
    .find((node) => node.op === 'Constant' && node.outputs[0] === name)
    ?.attributes.get('value');
  return attribute?.kind === 'tensor' ? attribute.value : undefined;
}

function positive(axes: readonly number[]): string {
  return axes
    .map((axis) => (axis < 0 ? axis + 4 : axis))
    .sort((a, b) => a - b)
    .join();
}
