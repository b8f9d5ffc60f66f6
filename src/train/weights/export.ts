import { GraphSession } from '../../engine/threads/graph-session.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import { ELEMENTS, toHalf } from '../../graph/elements.js';
import { removeDead } from '../../graph/passes/rewrite.js';
import type { Graph, Model, Node } from '../../graph/types.js';
import type { Building, Norm } from '../../nets/layers.js';
import { styleNetwork } from '../../nets/network.js';
import { FixedParameters, type Parameter } from '../../nets/parameters/parameters.js';
import type { NetworkWidths } from '../../nets/tiers.js';

/**
 * The finished network: input `image` float32 [1, 3, height, width], RGB in [0, 1], sizes multiples of 8; output
 * `stylized` of the same shape, in [0, 1]. Constants are folded; weights are stored in half precision, which halves
 * the file and changes no pixel by more than one level; runtimes widen them on loading.
 */
export function exportNetwork(
  tier: NetworkWidths,
  parameters: readonly Parameter[],
  vector: Float32Array,
  norm: Norm,
): Promise<Model> {
  const b = new GraphBuilder('style');
  const image = b.input('image', 'float32', [1, 3, 'height', 'width']);
  const net: Building = { b, parameters: new FixedParameters(b, parameters, vector), norm, seen: new Map() };
  return finishModel(b, styleNetwork(net, image, tier).picture);
}

/** The model with a picture as output `stylized`, clamped to [0, 1], with constants folded and weights halved. */
export async function finishModel(b: GraphBuilder, picture: Value): Promise<Model> {
  b.output('stylized', b.op('Clip', [picture, b.scalar('float32', 0), b.scalar('float32', 1)]));
  const model = b.build();
  await foldConstants(model.graph);
  halveWeights(model.graph);
  return model;
}

/** Constants with fewer elements stay in single precision: biases, scales. */
const MIN_HALVED_ELEMENTS = 512;

/** Replaces every large float32 constant by its half-precision values and a Cast. */
function halveWeights(graph: Graph): void {
  for (const [name, { type, dims, data }] of [...graph.constants]) {
    if (type !== 'float32' || data.length < MIN_HALVED_ELEMENTS) continue;
    const half = `${name}.half`;
    graph.constants.delete(name);
    graph.constants.set(half, { type: 'float16', dims, data: Uint16Array.from(data as Float32Array, toHalf) });
    const to = { kind: 'int', value: ELEMENTS.float32.code } as const;
    const attributes = new Map([['to', to]]);
    graph.nodes.unshift({ op: 'Cast', domain: '', name: half, inputs: [half], outputs: [name], attributes });
  }
}

/** Replaces everything that depends only on constants by its value. */
async function foldConstants(graph: Graph): Promise<void> {
  const known = new Set(graph.constants.keys());
  const foldable: Node[] = [];
  for (const node of graph.nodes) {
    if (node.inputs.length === 0 || !node.inputs.every((name) => name === '' || known.has(name))) continue;
    foldable.push(node);
    for (const output of node.outputs) known.add(output);
  }
  if (foldable.length === 0) return;
  const rest = graph.nodes.filter((node) => !foldable.includes(node));
  const needed = new Set(rest.flatMap((node) => node.inputs));
  const outputs = foldable.flatMap((node) => node.outputs).filter((name) => needed.has(name));
  const part: Graph = {
    name: 'constants',
    nodes: foldable,
    inputs: [],
    outputs: outputs.map((name) => ({ name, type: 'float32', dims: [], unranked: true, untyped: true })),
    constants: new Map(graph.constants),
    values: new Map(),
  };
  removeDead(part);
  const model: Model = {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'stylecast',
    graph: part,
    metadata: new Map(),
  };
  const session = await GraphSession.open(model, { threads: 1 });
  try {
    for (const [name, { type, dims, data }] of Object.entries(await session.run({}, outputs))) {
      graph.constants.set(name, { type, dims: [...dims], data });
    }
  } finally {
    await session.close();
  }
  graph.nodes = rest;
  removeDead(graph);
}
