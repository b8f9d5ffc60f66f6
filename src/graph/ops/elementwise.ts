import { broadcast, shapeText } from '../dims.js';
import { elementTypeOf } from '../elements.js';
import type { Attribute, ElementType } from '../types.js';
import type { OpCall, OpRule, Shape } from './rule.js';

type Attributes = Readonly<Record<string, Attribute['kind']>>;

/** One input, whose type and shape the output has. */
const unary = (attributes: Attributes = {}): OpRule => ({
  inputs: [1, 1],
  attributes,
  infer: (call) => [call.input(0)],
});

function broadcastOf(call: OpCall, ...indices: number[]) {
  const shapes = indices.map((index) => call.input(index).dims);
  const dims = broadcast(...shapes);
  if (dims === undefined) throw call.error('shapes that broadcast', shapes.map(shapeText).join(' and '));
  return dims;
}

/** Two inputs of one type, broadcast; `result` is the type of the output when it is another one. */
const binary = (result?: ElementType): OpRule => ({
  inputs: [2, 2],
  attributes: {},
  infer: (call) => {
    const type = call.sameType(0, 1);
    return [{ type: result ?? type, dims: broadcastOf(call, 0, 1) }];
  },
});

/** Any number of inputs of one type, broadcast. */
const variadic: OpRule = {
  inputs: [1, Number.POSITIVE_INFINITY],
  attributes: {},
  infer: (call) => {
    const indices = call.inputs.map((_, index) => index);
    return [{ type: call.sameType(...indices), dims: broadcastOf(call, ...indices) }];
  },
};

/** Ops that work element by element: the output has the (broadcast) shape of the inputs. */
export const ELEMENTWISE: Readonly<Record<string, OpRule>> = {
  Abs: unary(),
  Ceil: unary(),
  Cos: unary(),
  Elu: unary({ alpha: 'float' }),
  Erf: unary(),
  Exp: unary(),
  Floor: unary(),
  HardSigmoid: unary({ alpha: 'float', beta: 'float' }),
  HardSwish: unary(),
  Identity: unary(),
  LeakyRelu: unary({ alpha: 'float' }),
  Log: unary(),
  Neg: unary(),
  Not: unary(),
  Reciprocal: unary(),
  Relu: unary(),
  Round: unary(),
  Sigmoid: unary(),
  Sign: unary(),
  Sin: unary(),
  Softmax: unary({ axis: 'int' }),
  Softplus: unary(),
  Sqrt: unary(),
  Tanh: unary(),
  Add: binary(),
  Div: binary(),
  Mod: { ...binary(), attributes: { fmod: 'int' } },
  Mul: binary(),
  PRelu: binary(),
  Sub: binary(),
  And: binary(),
  Or: binary(),
  Equal: binary('bool'),
  Greater: binary('bool'),
  GreaterOrEqual: binary('bool'),
  Less: binary('bool'),
  LessOrEqual: binary('bool'),
  Max: variadic,
  Mean: variadic,
  Min: variadic,
  Sum: variadic,
  Pow: {
    inputs: [2, 2],
    attributes: {},
    infer: (call) => [{ type: call.input(0).type, dims: broadcastOf(call, 0, 1) }],
  },
  Clip: {
    inputs: [1, 3],
    attributes: {},
    infer: (call) => {
      call.sameType(0, 1, 2);
      for (const bound of [1, 2]) if (call.has(bound)) call.input(bound, 0);
      return [call.input(0)];
    },
  },
  Where: {
    inputs: [3, 3],
    attributes: {},
    infer: (call) => {
      const { type } = call.input(0);
      if (type !== 'bool') throw call.error('a condition of type bool', type);
      return [{ type: call.sameType(1, 2), dims: broadcastOf(call, 0, 1, 2) }];
    },
  },
  Cast: {
    inputs: [1, 1],
    attributes: { to: 'int', saturate: 'int' },
    infer: (call): Shape[] => {
      const to = call.int('to', 0);
      const type = elementTypeOf(to);
      if (type === undefined) throw call.error('an element type for "to"', String(to));
      return [{ type, dims: call.input(0).dims }];
    },
  },
  QuantizeLinear: {
    inputs: [3, 3],
    attributes: { axis: 'int', saturate: 'int' },
    infer: (call) => [{ type: call.input(2).type, dims: call.input(0).dims }],
  },
  DequantizeLinear: {
    inputs: [2, 3],
    attributes: { axis: 'int' },
    infer: (call) => {
      call.sameType(0, 2);
      return [{ type: call.input(1).type, dims: call.input(0).dims }];
    },
  },
};
