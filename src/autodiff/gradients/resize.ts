import { GraphError } from '../../errors.js';
import { numbersOf } from '../../graph/elements.js';
import type { GradientCall, GradientRule } from './rule.js';

/**
 * Gradient of Resize over the last two axes.
 *
 * Enlarging by a whole factor to the nearest neighbour sums each block back. Linear interpolation is a matrix along
 * each axis: its transpose, multiplied from both sides, is the gradient.
 */
export const resizeGradient: GradientRule = (call) => {
  const { b } = call;
  const [input, output] = [call.sizes(call.input(0)), call.sizes(call.output)];
  if (input[0] !== output[0] || input[1] !== output[1] || input.length !== 4)
    throw unsupported(call, 'other axes than the last two');
  const scales = [output[2]! / input[2]!, output[3]! / input[3]!] as const;
  const mode = call.text('mode', 'nearest');
  if (mode === 'nearest') {
    if (!scales.every(Number.isInteger)) throw unsupported(call, `mode nearest by ${scales.join(' × ')}`);
    const mean = b.op('AveragePool', [call.full()], { kernel_shape: [...scales], strides: [...scales] });
    return [call.mul(mean, scales[0] * scales[1])];
  }
  const where = POSITIONS[call.text('coordinate_transformation_mode', 'half_pixel')];
  if (mode !== 'linear' || where === undefined || call.int('antialias', 0) === 1)
    throw unsupported(call, `mode ${mode}`);
  const given = call.inputs[2] && call.b.constantOf(call.inputs[2]);
  const stated = given && given.data.length === 4 ? numbersOf(given).slice(2) : scales;
  const rows = matrix(input[2]!, output[2]!, stated[0]!, where);
  const columns = matrix(input[3]!, output[3]!, stated[1]!, where);
  const across = b.op('MatMul', [call.full(), b.constant('float32', [output[3]!, input[3]!], columns)]);
  const down = b.op('Transpose', [b.constant('float32', [output[2]!, input[2]!], rows)], { perm: [1, 0] });
  return [b.op('MatMul', [down, across])];
};

type Position = (index: number, scale: number, from: number, to: number) => number;

/** Where an output pixel lies in the input, for ONNX's coordinate_transformation_mode. */
const POSITIONS: Readonly<Record<string, Position>> = {
  half_pixel: (i, scale) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, scale, _, to) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  asymmetric: (i, scale) => i / scale,
  align_corners: (i, _, from, to) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
};

/** Linear interpolation as a matrix: row `i` holds what output `i` takes of each input; edges repeat. */
function matrix(from: number, to: number, scale: number, where: Position): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max(where(i, scale, from, to), 0), from - 1);
    const low = Math.min(Math.floor(position), from - 1);
    const high = Math.min(low + 1, from - 1);
    weights[i * from + low]! += 1 - (position - low);
    weights[i * from + high]! += position - low;
  }
  return weights;
}

function unsupported(call: GradientCall, what: string): GraphError {
  return new GraphError('GRAPH_NO_GRADIENT', `Resize "${call.node.name}": no gradient for ${what}`, {
    hint: 'Use mode linear, or mode nearest with whole factors, on [n, c, h, w].',
  });
}
