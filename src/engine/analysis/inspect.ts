import { EngineError, messageOf } from '../../errors.js';
import { writeModel } from '../../graph/onnx/write.js';
import type { Graph, Model, Node } from '../../graph/types.js';
import type { Manifest, NetworkInput } from '../../model/manifest/types.js';
import { fold } from '../runtime/fold.js';
import { type Shapes, shapesOf } from '../runtime/shapes.js';
import type { StateTensor } from './recurrent-state.js';

/** Cost and receptive field of a network at one size. */
export interface NetworkFacts {
  /** Multiply-accumulate operations of convolutions and matrix products, in units of 10⁹. */
  readonly gmac: number;
  /** Number of weights. */
  readonly parameters: number;
  /** Peak size of the intermediate results in bytes. */
  readonly peakBytes: number;
  /** Receptive radius: pixels to each side that influence a pixel of the result. */
  readonly reach: number;
  /** Pixels between the samples of its coarsest layer. */
  readonly stride: number;
}

/** Ratio of the measured peak to the sum of live values: convolutions keep a blocked copy beside the plain one. */
const LAYOUT_FACTOR = 2;

/**
 * Resolves all shapes of a network at one size by constant folding.
 *
 * @param size size of the network's input in pixels
 * @throws EngineError `ENGINE_NETWORK` when the runtime refuses the network
 */
export async function resolveShapes(
  network: Model,
  manifest: Manifest,
  size: { width: number; height: number },
  states: readonly StateTensor[] = [],
) {
  const planar = manifest.input.layout === 'nchw';
  const { width, height } = manifest.input.size ?? size;
  const batch = manifest.input.batch ?? 1;
  const dims = planar ? [batch, 3, height, width] : [batch, height, width, 3];
  const fixed: Model = {
    ...network,
    graph: {
      ...network.graph,
      inputs: network.graph.inputs.map((input) => {
        const state = states.find((state) => state.input === input.name);
        return { ...input, dims: input.name === manifest.input.name ? dims : [...(state?.dims ?? input.dims)] };
      }),
    },
  };
  try {
    return await fold(writeModel(fixed));
  } catch (cause) {
    const reason = messageOf(cause).replace(/\s+/g, ' ').slice(0, 300);
    throw new EngineError('ENGINE_NETWORK', `The network cannot run at ${width}x${height}: ${reason}`, {
      hint: 'It may use operators that this runtime lacks, or sizes other than its manifest says.',
      cause,
    });
  }
}

/** Computes cost, memory and receptive field; `network` comes from `resolveShapes`. */
export function inspect({ graph }: Model, input: Pick<NetworkInput, 'name' | 'layout'>): NetworkFacts {
  const shapes = shapesOf(graph);
  let macs = 0;
  for (const node of graph.nodes) macs += multiplications(node, shapes);
  let parameters = 0;
  for (const tensor of graph.constants.values()) parameters += tensor.data.length;
  return {
    gmac: macs / 1e9,
    parameters,
    peakBytes: peak(graph, shapes) * LAYOUT_FACTOR,
    ...reach(graph, shapes, input),
  };
}

const product = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

function multiplications(node: Node, shapes: Shapes): number {
  const out = shapes.get(node.outputs[0] ?? '');
  const first = shapes.get(node.inputs[0] ?? '');
  const weights = shapes.get(node.inputs[1] ?? '');
  if (!out || !first || !weights) return 0;
  if (node.op === 'Conv' || node.op === 'FusedConv') return product(out) * product(weights.slice(1));
  if (node.op === 'ConvTranspose') return product(first) * product(weights.slice(1));
  if (node.op === 'MatMul' || node.op === 'Gemm') return product(out) * first[first.length - 1]!;
  return 0;
}

/** The largest sum of values that are needed at the same time, four bytes a number. */
function peak(graph: Graph, shapes: Shapes): number {
  const last = new Map<string, number>();
  graph.nodes.forEach((node, at) => {
    for (const name of node.inputs) last.set(name, at);
  });
  const bytes = (name: string) => (graph.constants.has(name) ? 0 : 4 * product(shapes.get(name) ?? []));
  let alive = graph.inputs.reduce((sum, input) => sum + bytes(input.name), 0);
  let most = alive;
  graph.nodes.forEach((node, at) => {
    for (const name of node.outputs) alive += bytes(name);
    most = Math.max(most, alive);
    for (const name of new Set(node.inputs)) if (last.get(name) === at) alive -= bytes(name);
  });
  return most;
}

/** Receptive radius and stride of a graph, accumulated over nodes in pixels of the picture. */
function reach(graph: Graph, shapes: Shapes, { name, layout }: Pick<NetworkInput, 'name' | 'layout'>) {
  const whole = shapes.get(name);
  if (!whole) return { reach: 0, stride: 1 };
  const [height, width] = layout === 'nchw' ? [whole[2]!, whole[3]!] : [whole[1]!, whole[2]!];
  let stride = 1;
  const known = new Map<string, number>();
  // Networks may change layout inside; the layout is the one whose rows and columns are scaled alike.
  const pixel = (value: string) => {
    const shape = shapes.get(value);
    if (shape?.length !== 4 || shape.filter((side) => side === 1).length > 2) return 0;
    const [, a, b, c] = shape as [number, number, number, number];
    const planar = { size: height / b, skew: Math.abs(Math.log((height * c) / (b * width))) };
    const last = { size: height / a, skew: Math.abs(Math.log((height * b) / (a * width))) };
    // Strips and slices are scaled along one axis only: they are parts of a picture, not a smaller one.
    if (Math.min(planar.skew, last.skew) > 0.5) return 1;
    return Math.max(1, planar.skew <= last.skew ? planar.size : last.size);
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.filter((name) => name && !graph.constants.has(name));
    const before = Math.max(0, ...inputs.map((name) => known.get(name) ?? 0));
    const kernel = kernelOf(node, shapes);
    const own = node.op === 'ConvTranspose' ? pixel(node.outputs[0]!) : pixel(inputs[0] ?? '');
    const step = node.op === 'Resize' || node.op === 'Upsample' ? 2 : kernel / 2;
    for (const name of node.outputs) {
      known.set(name, before + step * own);
      stride = Math.max(stride, Math.round(pixel(name)));
    }
  }
  return { reach: Math.ceil(Math.max(0, ...graph.outputs.map((output) => known.get(output.name) ?? 0))), stride };
}

/** Width of a node's window in pixels; 0 for pointwise nodes. */
function kernelOf(node: Node, shapes: Shapes): number {
  const windowed = /^(Fused)?Conv(Transpose)?$|Pool$/.test(node.op);
  if (!windowed) return 0;
  const attribute = node.attributes.get('kernel_shape');
  const size = attribute?.kind === 'ints' ? attribute.value : shapes.get(node.inputs[1] ?? '')?.slice(2);
  const dilations = node.attributes.get('dilations');
  const dilation = dilations?.kind === 'ints' ? Math.max(...dilations.value) : 1;
  const widest = Math.max(1, ...(size ?? [1]));
  return widest === 1 ? 0 : (widest - 1) * dilation + 1;
}
