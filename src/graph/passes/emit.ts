import { GraphError } from '../../errors.js';
import { tensor } from '../elements.js';
import { OPS } from '../ops/table.js';
import type { Attribute, Node, Tensor } from '../types.js';
import { mapSubgraphs } from './rewrite.js';

/** The oldest opset whose nodes can be rewritten; before it, broadcasting was an attribute. */
const OLDEST_OPSET = 7;

/** Context for rewriting a node. */
export interface EmissionContext {
  /** The opset of ONNX's own domain that the nodes are to be valid for. */
  readonly opset: number;
  /** The opset that the node was written for. */
  readonly from: number;
  /** Adds a constant and returns its name. */
  constant(tensor: Tensor): string;
  constantOf(name: string): Tensor | undefined;
  /** A name that no other value has. */
  fresh(): string;
}

type Rewrite = (node: Node, emission: EmissionContext) => Node[];

/** A node in the form of the given opset; usually unchanged. Subgraphs are rewritten as well. */
export function emit(node: Node, emission: EmissionContext): Node[] {
  const whole = mapSubgraphs(node, (child, graph) =>
    emit(child, { ...emission, constantOf: (name) => graph.constants.get(name) ?? emission.constantOf(name) }),
  );
  if (node.domain !== '') return [whole];
  const rewritten = FORMS[node.op]?.(whole, emission) ?? [whole];
  return rewritten.map((each) => placeAxes(each, emission));
}

/** `axes` was an attribute and became an input, at a different opset for each op. */
function placeAxes(node: Node, { opset, constant, constantOf }: EmissionContext): Node {
  const since = OPS.get(node.op)?.axesInputSince;
  if (since === undefined) return node;
  const attributes = new Map(node.attributes);
  const attribute = attributes.get('axes');
  if (opset >= since) {
    if (attribute?.kind !== 'ints') return node;
    attributes.delete('axes');
    return { ...node, inputs: [node.inputs[0]!, constant(int64s(attribute.value))], attributes };
  }
  attributes.delete('noop_with_empty_axes');
  const axes = constantOf(node.inputs[1] ?? '');
  if (axes === undefined) return { ...node, attributes };
  attributes.set('axes', { kind: 'ints', value: Array.from(axes.data as BigInt64Array, Number) });
  return { ...node, inputs: [node.inputs[0]!], attributes };
}

/** Ops whose form differs between opsets in more than their axes: converts the older form to the newer one. */
const FORMS: Readonly<Record<string, Rewrite>> = {
  BatchNormalization: (node) => [without(node, 'spatial', 'is_test', 'consumed_inputs')],
  Clip: (node, { from, constant }) => {
    if (from >= 11) return [node];
    const bounds = ['min', 'max'].map((key) => {
      const bound = node.attributes.get(key);
      return bound?.kind === 'float' ? constant(tensor('float32', [], [bound.value])) : '';
    });
    return [{ ...without(node, 'min', 'max'), inputs: [node.inputs[0]!, ...bounds] }];
  },
  Dropout: (node, { from }) =>
    from >= 12 ? [node] : [{ ...without(node, 'ratio', 'is_test'), op: 'Identity', outputs: node.outputs.slice(0, 1) }],
  GridSample: (node, { opset }) => {
    const mode = node.attributes.get('mode');
    if (mode?.kind !== 'string') return [node];
    const value = opset >= 20 ? mode.value.replace(/^bi/, '') : mode.value.replace(/^(linear|cubic)$/, 'bi$1');
    return [{ ...node, attributes: new Map([...node.attributes, ['mode', { kind: 'string', value }]]) }];
  },
  Pad: (node, { from, constant }) => {
    const pads = node.attributes.get('pads');
    if (from >= 11 || pads?.kind !== 'ints') return [node];
    const value = node.attributes.get('value');
    const fill = constant(tensor('float32', [], [value?.kind === 'float' ? value.value : 0]));
    return [{ ...without(node, 'pads', 'value'), inputs: [node.inputs[0]!, constant(int64s(pads.value)), fill] }];
  },
  Resize: (node, { from }) => {
    if (from >= 11) return [node];
    const attributes = new Map<string, Attribute>([...node.attributes, ...ASYMMETRIC]);
    return [{ ...node, inputs: [node.inputs[0]!, '', node.inputs[1]!], attributes }];
  },
  Slice: (node, { from, constant }) => {
    if (from >= 10) return [node];
    const lists = ['starts', 'ends', 'axes'].map((key) => node.attributes.get(key));
    const inputs = lists.flatMap((list) => (list?.kind === 'ints' ? [constant(int64s(list.value))] : []));
    return [{ ...without(node, 'starts', 'ends', 'axes'), inputs: [node.inputs[0]!, ...inputs] }];
  },
  Softmax: (node, { from, fresh }) => {
    if (from >= 13) return [node];
    // Until opset 13 it ran over all axes from `axis` on, taken together.
    const [flat, soft, shape] = [fresh(), fresh(), fresh()];
    const step = (op: string, inputs: string[], output: string, attributes: [string, Attribute][] = []): Node => ({
      op,
      domain: '',
      name: `${node.name}_${op}`,
      inputs,
      outputs: [output],
      attributes: new Map(attributes),
    });
    const [x, y] = [node.inputs[0]!, node.outputs[0]!];
    return [
      step('Flatten', [x], flat, [['axis', node.attributes.get('axis') ?? { kind: 'int', value: 1 }]]),
      step('Softmax', [flat], soft, [['axis', { kind: 'int', value: -1 }]]),
      step('Shape', [x], shape),
      step('Reshape', [soft, shape], y),
    ];
  },
  Split: (node, { opset, constant }) => {
    const sizes = node.attributes.get('split');
    if (sizes?.kind === 'ints') {
      return [{ ...without(node, 'split'), inputs: [node.inputs[0]!, constant(int64s(sizes.value))] }];
    }
    const split = without(node, 'num_outputs');
    if (opset < 18 || node.inputs[1]) return [split];
    return [{ ...split, attributes: split.attributes.set('num_outputs', { kind: 'int', value: node.outputs.length }) }];
  },
  Upsample: (node, { constant }) => {
    const scales = node.attributes.get('scales');
    const input =
      scales?.kind === 'floats' ? constant(tensor('float32', [scales.value.length], scales.value)) : node.inputs[1]!;
    const plain = without(node, 'scales', 'height_scale', 'width_scale');
    const attributes = new Map<string, Attribute>([...plain.attributes, ...ASYMMETRIC]);
    return [{ ...plain, op: 'Resize', inputs: [node.inputs[0]!, '', input], attributes }];
  },
};

/** How resizing worked before the coordinate mode could be chosen. */
const ASYMMETRIC: readonly (readonly [string, Attribute])[] = [
  ['coordinate_transformation_mode', { kind: 'string', value: 'asymmetric' }],
  ['nearest_mode', { kind: 'string', value: 'floor' }],
];

function without(node: Node, ...names: string[]): Node {
  return { ...node, attributes: new Map([...node.attributes].filter(([name]) => !names.includes(name))) };
}

function int64s(values: readonly number[]): Tensor {
  // The largest int64 was rounded to 2^63 when it was read.
  const largest = 2n ** 63n - 1n;
  const data = BigInt64Array.from(values, (value) => (value >= 2 ** 63 ? largest : BigInt(value)));
  return { type: 'int64', dims: [values.length], data };
}

/** Refuses opsets that cannot be converted. @throws GraphError GRAPH_OPSET. */
export function expectOpset(opset: number): void {
  if (opset >= OLDEST_OPSET) return;
  throw new GraphError('GRAPH_OPSET', `model of opset ${opset}: expected opset ${OLDEST_OPSET} or later`, {
    hint: 'Export the model again with opset 17.',
  });
}
