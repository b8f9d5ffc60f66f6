import type { Attribute, Graph, Node } from '../types.js';

/** The graphs inside a node: the branches of If, the bodies of Loop and Scan. */
export function subgraphs(node: Node): Graph[] {
  return [...node.attributes.values()].flatMap((attribute) => {
    if (attribute.kind === 'graph') return [attribute.value];
    return attribute.kind === 'graphs' ? attribute.value : [];
  });
}

/** Every value that a node reads, also inside its subgraphs; omitted inputs are not listed. */
export function readsOf(node: Node): string[] {
  const inner = subgraphs(node).flatMap((graph) => [
    ...graph.nodes.flatMap(readsOf),
    ...graph.outputs.map((output) => output.name),
  ]);
  return [...node.inputs, ...inner].filter((name) => name !== '');
}

/** The node that computes a value; undefined for inputs and constants. */
export function producerOf(graph: Graph, value: string): Node | undefined {
  return graph.nodes.find((node) => node.outputs.includes(value));
}

/** The nodes that read a value, in order. */
export function consumersOf(graph: Graph, value: string): Node[] {
  return graph.nodes.filter((node) => readsOf(node).includes(value));
}

/** Replaces a node by others, whose outputs must include those of the node that are read. */
export function replaceNode(graph: Graph, node: Node, ...replacements: Node[]): void {
  const at = graph.nodes.indexOf(node);
  if (at >= 0) graph.nodes.splice(at, 1, ...replacements);
}

/** The numbers of a constant of its own that belongs to a value. */
export function intsFor(graph: Graph, value: string, part: string, numbers: readonly number[]): string {
  const name = `${value}/${part}`;
  graph.constants.set(name, { type: 'int64', dims: [numbers.length], data: BigInt64Array.from(numbers, BigInt) });
  return name;
}

/** A step on a value: a reshape or a transposition. */
export type Move = { readonly dims: readonly number[] } | { readonly perm: readonly number[] };

/** Replaces a node with one input and one output by Reshape and Transpose nodes. */
export function replaceByMoves(graph: Graph, node: Node, moves: readonly Move[]): void {
  const [from, to] = [node.inputs[0]!, node.outputs[0]!];
  const step = (n: number) => (n === moves.length ? to : `${to}/${n}`);
  const nodes = moves.map((move, n): Node => {
    const moved = { domain: '', name: step(n + 1), outputs: [step(n + 1)] };
    const given = n === 0 ? from : step(n);
    if ('dims' in move) {
      return {
        ...moved,
        op: 'Reshape',
        inputs: [given, intsFor(graph, to, `shape${n}`, move.dims)],
        attributes: new Map(),
      };
    }
    const attributes = new Map<string, Attribute>([['perm', { kind: 'ints', value: [...move.perm] }]]);
    return { ...moved, op: 'Transpose', inputs: [given], attributes };
  });
  replaceNode(graph, node, ...nodes);
}

/** Removes nodes that no output depends on, then constants that nothing reads. */
export function removeDead(graph: Graph): void {
  const alive = new Set(graph.outputs.map((output) => output.name));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => alive.has(output))) continue;
    kept.push(node);
    for (const name of readsOf(node)) alive.add(name);
  }
  graph.nodes = kept.reverse();
  for (const name of graph.constants.keys()) if (!alive.has(name)) graph.constants.delete(name);
  const known = new Set([...alive, ...graph.nodes.flatMap((node) => node.outputs)]);
  for (const name of graph.values.keys()) if (!known.has(name)) graph.values.delete(name);
}

/** A copy of a node with `change` applied to each node of its subgraphs. */
export function mapSubgraphs(node: Node, change: (node: Node, graph: Graph) => Node[]): Node {
  const changed = (graph: Graph): Graph => ({ ...graph, nodes: graph.nodes.flatMap((child) => change(child, graph)) });
  return { ...node, attributes: mapGraphs(node, changed) };
}

function mapGraphs(node: Node, change: (graph: Graph) => Graph): Map<string, Attribute> {
  return new Map(
    [...node.attributes].map(([key, attribute]): [string, Attribute] => {
      if (attribute.kind === 'graph') return [key, { kind: 'graph', value: change(attribute.value) }];
      if (attribute.kind === 'graphs') return [key, { kind: 'graphs', value: attribute.value.map(change) }];
      return [key, attribute];
    }),
  );
}

/** A copy of a node in which every value has the name that `rename` gives it, also inside subgraphs. */
export function renameNode(node: Node, rename: (name: string) => string): Node {
  const named = (name: string) => (name === '' ? '' : rename(name));
  return {
    ...node,
    inputs: node.inputs.map(named),
    outputs: node.outputs.map(named),
    attributes: mapGraphs(node, (graph) => renameGraph(graph, named)),
  };
}

/** A copy of a graph with its values renamed; hints about inner shapes are dropped, as they may no longer hold. */
export function renameGraph(graph: Graph, rename: (name: string) => string): Graph {
  const renamed = <T extends { name: string }>(value: T): T => ({ ...value, name: rename(value.name) });
  return {
    name: graph.name,
    nodes: graph.nodes.map((node) => renameNode(node, rename)),
    inputs: graph.inputs.map(renamed),
    outputs: graph.outputs.map(renamed),
    constants: new Map([...graph.constants].map(([name, constant]) => [rename(name), constant])),
    values: new Map(),
  };
}
