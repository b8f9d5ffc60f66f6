import { GraphError } from '../../errors.js';
import type { Value } from '../../graph/builder.js';
import { numbersOf } from '../../graph/elements.js';
import { padGradient } from './pad.js';
import { resizeGradient } from './resize.js';
import type { GradientCall, GradientRule } from './rule.js';

/** The elements were only reshaped: reshape back. */
const reshaped: GradientRule = (call) => [call.b.op('Reshape', [call.full(), call.b.ints(call.sizes(call.input(0)))])];

function constants(call: GradientCall, index: number): number[] | undefined {
  const tensor = call.inputs[index] && call.b.constantOf(call.inputs[index]);
  return tensor && numbersOf(tensor);
}

/** A slice of one axis. */
function cut(call: GradientCall, value: Value, axis: number, start: number, end: number): Value {
  const { b } = call;
  return b.op('Slice', [value, b.ints([start]), b.ints([end]), b.ints([axis])]);
}

const concat: GradientRule = (call) => {
  const axis = (call.int('axis', 0) + call.output.dims.length) % call.output.dims.length;
  const grad = call.full();
  let start = 0;
  return call.inputs.map((input, i) => {
    const size = Number(input!.dims[axis]);
    start += size;
    return call.wanted[i] ? cut(call, grad, axis, start - size, start) : undefined;
  });
};

/** The gradient goes back to its position among zeros; a reversed slice is reversed back. */
const slice: GradientRule = (call) => {
  const { b } = call;
  const sizes = call.sizes(call.input(0));
  const starts = constants(call, 1)!;
  const axes = constants(call, 3) ?? starts.map((_, axis) => axis);
  const steps = constants(call, 4) ?? starts.map(() => 1);
  const pads = new Array<number>(sizes.length * 2).fill(0);
  const reversed: number[] = [];
  let grad = call.full();
  axes.forEach((given, i) => {
    const axis = given < 0 ? given + sizes.length : given;
    const size = sizes[axis]!;
    const step = steps[i]!;
    if (Math.abs(step) !== 1) {
      throw new GraphError('GRAPH_NO_GRADIENT', `Slice "${call.node.name}": no gradient for step ${step}`, {
        hint: 'Slice with step 1 or -1.',
      });
    }
    const at = (value: number) => (value < 0 ? value + size : value);
    const length = Number(call.output.dims[axis]);
    const first = Math.min(at(starts[i]!), size - 1);
    const before = step > 0 ? Math.min(at(starts[i]!), size) : first - length + 1;
    if (step < 0) reversed.push(axis);
    pads[axis] = before;
    pads[axis + sizes.length] = size - before - length;
  });
  if (reversed.length > 0) grad = flip(call, grad, reversed);
  return [b.op('Pad', [grad, b.ints(pads)])];
};

/** The value reversed along some axes. */
export function flip(call: Pick<GradientCall, 'b'>, value: Value, axes: readonly number[]): Value {
  const { b } = call;
  const all = (number: number) => b.ints(axes.map(() => number));
  return b.op('Slice', [value, all(-1), all(-(2 ** 31)), b.ints(axes), all(-1)]);
}

const split: GradientRule = (call) => [
  call.b.op(
    'Concat',
    call.outputs.map((_, i) => call.full(i)),
    { axis: call.int('axis', 0) },
  ),
];

const transpose: GradientRule = (call) => {
  const rank = call.output.dims.length;
  const perm = call.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return [call.b.op('Transpose', [call.full()], { perm: perm.map((_, axis) => perm.indexOf(axis)) })];
};

const depthToSpace: GradientRule = (call) => {
  const { b } = call;
  const blocksize = call.int('blocksize', 1);
  if (call.text('mode', 'DCR') === 'DCR') return [b.op('SpaceToDepth', [call.full()], { blocksize })];
  const [n, c, h, w] = call.sizes(call.output) as [number, number, number, number];
  const cells = b.op('Reshape', [call.full(), b.ints([n, c, h / blocksize, blocksize, w / blocksize, blocksize])]);
  const moved = b.op('Transpose', [cells], { perm: [0, 1, 3, 5, 2, 4] });
  return [b.op('Reshape', [moved, b.ints(call.sizes(call.input(0)))])];
};

/** Gradients of the ops that move elements. */
export const LAYOUT_GRADIENTS: Readonly<Record<string, GradientRule>> = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: (call) => [call.grad],
  Flatten: reshaped,
  Pad: padGradient,
  Reshape: reshaped,
  Resize: resizeGradient,
  Slice: slice,
  SpaceToDepth: (call) => [call.b.op('DepthToSpace', [call.full()], { blocksize: call.int('blocksize', 1) })],
  Split: split,
  Squeeze: reshaped,
  Transpose: transpose,
  Unsqueeze: reshaped,
};
