import type { GradientRule } from './rule.js';

/**
 * Gradients of InstanceNormalization: with x̂ = (x − mean) / σ over each channel's pixels and y = scale · x̂ + bias,
 * dx = scale / σ · (g − mean(g) − x̂ · mean(g · x̂)).
 */
export const instanceNormGradient: GradientRule = (call) => {
  const { b } = call;
  const [x, scale] = [call.input(0), call.input(1)];
  const axes = x.dims.slice(2).map((_, axis) => axis + 2);
  const mean = (value: typeof x) => b.op('ReduceMean', [value], { axes });
  const grad = call.full();
  const centred = call.sub(x, mean(x));
  const variance = mean(call.mul(centred, centred));
  const deviation = b.op('Sqrt', [call.add(variance, call.scalar(call.float('epsilon', 1e-5)))]);
  const normal = call.div(centred, deviation);
  const along = call.mul(grad, normal);
  const channels = b.op('Reshape', [scale, b.ints([1, Number(scale.dims[0]), ...axes.map(() => 1)])]);
  const rest = call.sub(call.sub(grad, mean(grad)), call.mul(normal, mean(along)));
  const folded = [0, ...axes];
  return [
    call.wanted[0] ? call.mul(call.div(channels, deviation), rest) : undefined,
    call.wanted[1] ? b.op('ReduceSum', [along], { axes: folded, keepdims: 0 }) : undefined,
    call.wanted[2] ? b.op('ReduceSum', [grad], { axes: folded, keepdims: 0 }) : undefined,
  ];
};
