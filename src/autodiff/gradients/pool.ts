import { GraphError } from '../../errors.js';
import type { Value } from '../../graph/builder.js';
import type { GradientCall, GradientRule } from './rule.js';

/** The window of a pool whose windows tile the picture. @throws GraphError GRAPH_NO_GRADIENT for any other. */
function tiles(call: GradientCall): number[] {
  const kernel = call.ints('kernel_shape')!;
  const strides = call.ints('strides') ?? kernel.map(() => 1);
  const [input, output] = [call.sizes(call.input(0)), call.sizes(call.output)];
  const tile = kernel.every((size, axis) => size === strides[axis] && output[axis + 2]! * size === input[axis + 2]);
  if (tile && kernel.length === 2) return kernel;
  throw new GraphError(
    'GRAPH_NO_GRADIENT',
    `${call.node.op} "${call.node.name}": no gradient for windows that overlap`,
    {
      hint: 'Use a stride equal to the window, no pads, and sizes that the window divides.',
    },
  );
}

/** Every pixel as a block of the window's size. */
function enlarged(call: GradientCall, value: Value, kernel: readonly number[]): Value {
  const scales = call.b.constant('float32', [4], [1, 1, ...kernel]);
  const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return call.b.op('Resize', [value, undefined, scales], nearest);
}

/** Gradients of pools whose windows do not overlap. Of equal maxima in a window each gets the gradient. */
export const POOL_GRADIENTS: Readonly<Record<string, GradientRule>> = {
  AveragePool: (call) => {
    const kernel = tiles(call);
    return [enlarged(call, call.mul(call.full(), 1 / (kernel[0]! * kernel[1]!)), kernel)];
  },
  MaxPool: (call) => {
    const kernel = tiles(call);
    const largest = call.b.op('Equal', [call.input(0), enlarged(call, call.output, kernel)]);
    return [call.mul(enlarged(call, call.full(), kernel), call.mask(largest))];
  },
  GlobalAveragePool: (call) => {
    const [, , height, width] = call.sizes(call.input(0));
    return [call.mul(call.full(), 1 / (height! * width!))];
  },
};
