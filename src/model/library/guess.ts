import { PresetError } from '../../errors.js';
import { shapeText } from '../../graph/dims.js';
import type { Dim, Graph, Model, Node, ValueInfo } from '../../graph/types.js';
import type { FurtherInput, Layout, NetworkInput, NetworkOutput, PictureTensor } from '../manifest/types.js';

/** Conventions of a network known from its graph. */
export interface Conventions {
  readonly input: NetworkInput;
  readonly output: NetworkOutput;
  readonly inputs: readonly FurtherInput[];
  /** Whether the input range is known from the graph: bytes, or arithmetic with well-known constants. */
  readonly rangeKnown: boolean;
  /** Whether the channel order is known from the graph. */
  readonly channelsKnown: boolean;
  /** Conclusions with their evidence, in sentences. */
  readonly reasons: readonly string[];
}

/**
 * Reads a network's conventions from its graph: names, types, layout, size and batch from the inputs and outputs; range
 * and order of the colours where the network itself subtracts a well-known mean or divides by a well-known scale, else
 * 0–1 and RGB are assumed.
 *
 * @throws PresetError `PRESET_NETWORK` when no input or output can be a picture of three channels.
 */
export function guessConventions({ graph }: Model): Conventions {
  const free = graph.inputs.filter(({ name }) => !graph.constants.has(name));
  const taken = pictureAmong(free, 'input');
  const given = pictureAmong(graph.outputs, 'output');
  const reasons: string[] = [];
  const tensor = (value: ValueInfo): PictureTensor => ({
    name: value.name,
    type: value.type as PictureTensor['type'],
    layout: layoutOf(value, graph),
    channels: 'rgb',
    range: value.type === 'uint8' ? [0, 255] : [0, 1],
  });
  const first = tensor(taken);
  const [batch, ...rest] = taken.dims;
  const [height, width] = first.layout === 'nchw' ? rest.slice(1) : rest;
  const fixed = typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0;
  reasons.push(`The input ${taken.name} is ${shapeText(taken.dims)}: ${first.layout.toUpperCase()}.`);
  reasons.push(fixed ? `It takes ${width}x${height} only.` : 'It takes any size.');
  const own = normalisation(taken.name, graph);
  if (own) reasons.push(own.reason);
  const learned = { ...(own?.range && { range: own.range }), ...(own?.channels && { channels: own.channels }) };
  return {
    input: {
      ...first,
      ...learned,
      multiple: 1,
      ...(fixed ? { size: { width, height } } : {}),
      ...(typeof batch === 'number' && batch > 0 ? { batch } : {}),
    },
    output: { ...tensor(given), ...(own?.channels && { channels: own.channels }) },
    inputs: free.filter((value) => value !== taken).map(further),
    rangeKnown: own?.range !== undefined || taken.type === 'uint8',
    channelsKnown: own?.channels !== undefined,
    reasons,
  };
}

const kinds = new Set<string>(['float32', 'float16', 'uint8']);

function pictureAmong(values: readonly ValueInfo[], role: 'input' | 'output'): ValueInfo {
  const fits = ({ type, dims, unranked }: ValueInfo) =>
    kinds.has(type) && (unranked || (dims.length === 4 && [dims[1], dims[3]].some(maybeThree)));
  // Explicit three channels take precedence over symbolic dims.
  const found = values.find((value) => fits(value) && [value.dims[1], value.dims[3]].includes(3)) ?? values.find(fits);
  if (found) return found;
  const list = values.map(({ name, type, dims }) => `${name} ${type} ${shapeText(dims)}`).join(', ') || 'none';
  throw new PresetError(
    'PRESET_NETWORK',
    `The network has no picture as ${role}: its ${role}s are ${list.slice(0, 300)}; ` +
      'expected four dims with three channels, float32, float16 or uint8.',
    { hint: 'Give a network that turns a picture into a picture, such as one for style transfer.' },
  );
}

function maybeThree(dim: Dim | undefined): boolean {
  return dim === 3 || typeof dim === 'string';
}

/** By the dims; if symbolic, by whether the first node moves the channels to the front. */
function layoutOf({ name, dims }: ValueInfo, graph: Graph): Layout {
  if (dims[1] === 3) return 'nchw';
  if (dims[3] === 3) return 'nhwc';
  const order = (node: Node) => {
    const perm = node.op === 'Transpose' ? node.attributes.get('perm') : undefined;
    return perm?.kind === 'ints' ? perm.value.join() : '';
  };
  const turned = graph.nodes.some(
    (node) =>
      (node.inputs[0] === name && order(node) === '0,3,1,2') || (node.outputs[0] === name && order(node) === '0,2,3,1'),
  );
  return turned ? 'nhwc' : 'nchw';
}

function further({ name, type, dims }: ValueInfo): FurtherInput {
  return {
    name,
    type: type as FurtherInput['type'],
    dims: dims.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : 1)),
    default: 0,
  };
}

interface Normalisation {
  readonly range?: readonly [number, number];
  readonly channels?: 'rgb' | 'bgr';
  readonly reason: string;
}

/** Well-known means and scales per channel, red first; `high` is the value of white before them. */
const wellKnown = [
  { numbers: [123.68, 116.779, 103.939], high: 255, tolerance: 0.5 },
  { numbers: [123.675, 116.28, 103.53], high: 255, tolerance: 0.2 },
  { numbers: [0.485, 0.456, 0.406], high: 1, tolerance: 0.001 },
  { numbers: [255], high: 255, tolerance: 0.5 },
  { numbers: [127.5], high: 255, tolerance: 0.5 },
  { numbers: [1 / 255], high: 255, tolerance: 1e-5 },
  { numbers: [1 / 127.5], high: 255, tolerance: 1e-5 },
] as const;

const passes = new Set(['Identity', 'Cast', 'Transpose', 'Unsqueeze', 'Squeeze', 'Pad']);
const arithmetic = new Set(['Sub', 'Add', 'Mul', 'Div']);

/** Follows the input through nodes that do not change values to the first arithmetic with a constant. */
function normalisation(name: string, graph: Graph): Normalisation | undefined {
  const next = graph.nodes.find((node) => node.inputs.includes(name));
  if (next && passes.has(next.op)) return normalisation(next.outputs[0]!, graph);
  if (!next || !arithmetic.has(next.op)) return undefined;
  const constant = graph.constants.get(next.inputs.find((input) => input !== name) ?? '');
  if (!constant || constant.data.length > 4) return undefined;
  const numbers = Array.from(constant.data as ArrayLike<number | bigint>, (value) => Math.abs(Number(value)));
  const said = numbers.map((value) => Number(value.toPrecision(6))).join(', ');
  for (const { numbers: known, high, tolerance } of wellKnown) {
    const agrees = (order: readonly number[]) =>
      numbers.length === order.length && numbers.every((value, i) => Math.abs(value - order[i]!) <= tolerance);
    const reason = `Its first step (${next.op}) uses ${said}, so white goes in as ${high}`;
    if (known.length === 1) {
      if (agrees(known)) return { range: [0, high], reason: `${reason}.` };
    } else if (agrees(known)) {
      return { range: [0, high], channels: 'rgb', reason: `${reason}, red first.` };
    } else if (agrees(known.toReversed())) {
      return { range: [0, high], channels: 'bgr', reason: `${reason}, blue first.` };
    }
  }
  return undefined;
}
