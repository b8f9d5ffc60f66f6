import type { Value } from '../../graph/builder.js';
import type { GradientRule } from './rule.js';

/**
 * Gradients of InstanceNormalization: with x̂ = (x − mean) / σ over each channel's pixels and y = scale · x̂ + bias, dx
 * = scale / σ · (g − mean(g) − x̂ · mean(g · x̂)). Written as a · g + (b · (x − mean) − c) with numbers a, b and c for
 * each channel, and sums over pixels computed once: memory passes dominate its cost.
 */
export const instanceNormGradient: GradientRule = (call) => {
  const { b } = call;
  const [x, scale] = [call.input(0), call.input(1)];
  const axes = x.dims.slice(2).map((_, axis) => axis + 2);
  const pixels = call
    .sizes(x)
    .slice(2)
    .reduce((all, side) => all * side, 1);
  const sum = (value: Value) => b.op('ReduceSum', [value], { axes });
  const grad = call.full();
  const centred = call.sub(x, b.op('ReduceMean', [x], { axes }));
  const variance = call.mul(sum(call.mul(centred, centred)), 1 / pixels);
  const deviation = b.op('Sqrt', [call.add(variance, call.scalar(call.float('epsilon', 1e-5)))]);
  const total = sum(grad);
  const along = call.div(sum(call.mul(grad, centred)), deviation);
  const channels = b.op('Reshape', [scale, b.ints([1, Number(scale.dims[0]), ...axes.map(() => 1)])]);
  const gain = call.div(channels, deviation);
  const slope = call.mul(call.div(call.mul(gain, along), deviation), 1 / pixels);
  const level = call.mul(call.mul(gain, total), 1 / pixels);
  const folded = (value: Value) => b.op('ReduceSum', [value], { axes: [0, ...axes], keepdims: 0 });
  return [
    call.wanted[0] ? call.sub(call.mul(grad, gain), call.add(call.mul(centred, slope), level)) : undefined,
    call.wanted[1] ? folded(along) : undefined,
    call.wanted[2] ? folded(total) : undefined,
  ];
};
