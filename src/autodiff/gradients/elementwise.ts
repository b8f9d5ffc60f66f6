import type { Value } from '../../graph/builder.js';
import type { GradientCall, GradientRule } from './rule.js';

type Derivative = (call: GradientCall, x: Value, y: Value) => Value;

/** y = f(x): the gradient is the output's times f′, given x and y. */
const times =
  (derivative: Derivative): GradientRule =>
  (call) => [call.mul(call.grad, derivative(call, call.input(0), call.output))];

/** The output is piecewise constant: nothing flows back. */
const flat: GradientRule = (call) => call.inputs.map(() => undefined);

/** 1 where low ≤ x ≤ high. */
function inside(call: GradientCall, x: Value, low: Value | undefined, high: Value | undefined): Value {
  const bounds = [low && call.b.op('GreaterOrEqual', [x, low]), high && call.b.op('LessOrEqual', [x, high])];
  const [first, second] = bounds.filter((bound) => bound !== undefined).map((bound) => call.mask(bound));
  if (first === undefined) return call.scalar(1);
  return second === undefined ? first : call.mul(first, second);
}

/** The gradient goes to the input that was taken; where several are equal, to each of them. */
const chosen: GradientRule = (call) =>
  call.inputs.map((input, i) =>
    call.wanted[i] ? call.mul(call.full(), call.mask(call.b.op('Equal', [input!, call.output]))) : undefined,
  );

/** Gradients of the elementwise ops. */
export const ELEMENTWISE_GRADIENTS: Readonly<Record<string, GradientRule>> = {
  Abs: times((call, x) => call.b.op('Sign', [x])),
  Cos: times((call, x) => call.b.op('Neg', [call.b.op('Sin', [x])])),
  Elu: times((call, x, y) => {
    const positive = call.b.op('Greater', [x, call.scalar(0)]);
    return call.b.op('Where', [positive, call.scalar(1), call.add(y, call.scalar(call.float('alpha', 1)))]);
  }),
  Erf: times((call, x) => call.mul(call.b.op('Exp', [call.b.op('Neg', [call.mul(x, x)])]), 2 / Math.sqrt(Math.PI))),
  Exp: times((_, __, y) => y),
  HardSigmoid: times((call, x) => {
    const [alpha, beta] = [call.float('alpha', 0.2), call.float('beta', 0.5)];
    const linear = inside(call, x, call.scalar(-beta / alpha), call.scalar((1 - beta) / alpha));
    return call.mul(linear, alpha);
  }),
  Identity: (call) => [call.grad],
  LeakyRelu: times((call, x) => {
    const alpha = call.float('alpha', 0.01);
    return call.add(call.mul(call.positive(x), 1 - alpha), call.scalar(alpha));
  }),
  Log: (call) => [call.div(call.grad, call.input(0))],
  Neg: (call) => [call.b.op('Neg', [call.grad])],
  Reciprocal: times((call, _, y) => call.b.op('Neg', [call.mul(y, y)])),
  Relu: times((call, _, y) => call.positive(y)),
  Sigmoid: times((call, _, y) => call.mul(y, call.sub(call.scalar(1), y))),
  Sin: times((call, x) => call.b.op('Cos', [x])),
  Softplus: times((call, x) => call.b.op('Sigmoid', [x])),
  Softmax: (call) => {
    const axes = [call.int('axis', -1)];
    const weighted = call.mul(call.full(), call.output);
    const total = call.b.op('ReduceSum', [weighted], { axes, keepdims: 1 });
    return [call.sub(weighted, call.mul(call.output, total))];
  },
  Sqrt: (call) => [call.div(call.mul(call.grad, 0.5), call.output)],
  Tanh: times((call, _, y) => call.sub(call.scalar(1), call.mul(y, y))),
  Add: (call) => [call.grad, call.grad],
  Sub: (call) => [call.grad, call.wanted[1] ? call.b.op('Neg', [call.grad]) : undefined],
  Mul: (call) => {
    const [x, y] = [call.input(0), call.input(1)];
    // A square: one pass instead of two and their sum.
    if (x === y) return [call.mul(call.mul(call.grad, 2), x), undefined];
    return [call.wanted[0] ? call.mul(call.grad, y) : undefined, call.wanted[1] ? call.mul(call.grad, x) : undefined];
  },
  Div: (call) => {
    const share = call.div(call.grad, call.input(1));
    return [share, call.wanted[1] ? call.b.op('Neg', [call.mul(share, call.output)]) : undefined];
  },
  Pow: (call) => {
    const [x, power] = [call.input(0), call.input(1)];
    const less = call.b.op('Pow', [x, call.sub(power, call.b.scalar(power.type, 1))]);
    const base = call.mul(call.mul(call.grad, power), less);
    return [base, call.wanted[1] ? call.mul(call.mul(call.grad, call.output), call.b.op('Log', [x])) : undefined];
  },
  PRelu: (call) => {
    const [x, slope] = [call.input(0), call.input(1)];
    const positive = call.b.op('Greater', [x, call.scalar(0)]);
    return [
      call.mul(call.grad, call.b.op('Where', [positive, call.scalar(1), slope])),
      call.mul(call.grad, call.b.op('Where', [positive, call.scalar(0), x])),
    ];
  },
  Sum: (call) => call.inputs.map(() => call.grad),
  Mean: (call) => call.inputs.map(() => call.mul(call.grad, 1 / call.inputs.length)),
  Max: chosen,
  Min: chosen,
  Clip: (call) => [call.mul(call.grad, inside(call, call.input(0), call.inputs[1], call.inputs[2]))],
  Where: (call) => {
    const [condition, zero] = [call.input(0), call.scalar(0)];
    const kept = (first: Value, second: Value) => call.b.op('Where', [condition, first, second]);
    return [
      undefined,
      call.wanted[1] ? kept(call.grad, zero) : undefined,
      call.wanted[2] ? kept(zero, call.grad) : undefined,
    ];
  },
  Cast: (call) => [call.b.op('Cast', [call.grad], { to: call.input(0).type === 'float64' ? 11 : 1 })],
  Ceil: flat,
  Floor: flat,
  Round: flat,
  Sign: flat,
};
