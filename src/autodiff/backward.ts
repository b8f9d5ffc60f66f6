import { GraphError } from '../errors.js';
import type { GraphBuilder, Value } from '../graph/builder.js';
import { shapeText } from '../graph/dims.js';
import { GRADIENTS } from './gradient-table.js';
import { expand, GradientCall } from './gradients/rule.js';

/**
 * Adds the nodes that compute the gradient of a loss, by reverse-mode differentiation (Linnainmaa 1970).
 *
 * Gradients are computed only along the paths from `parameters` to `loss`; nothing is computed for constants. Values
 * in `stopped` count as constants: no gradient flows through them.
 *
 * @param loss a single number: dims [] or all 1.
 * @param parameters values to differentiate with respect to, of known shapes.
 * @returns the gradient of each parameter, in its shape; zeros where the loss does not depend on it.
 * @throws GraphError GRAPH_SHAPE when the loss is not one number, GRAPH_NO_GRADIENT for an op that has none.
 */
export function backward(
  b: GraphBuilder,
  loss: Value,
  parameters: readonly Value[],
  stopped: ReadonlySet<Value> = new Set(),
): Value[] {
  if (loss.dims.some((dim) => dim !== 1)) {
    throw new GraphError('GRAPH_SHAPE', `backward: expected a loss of one number, got ${shapeText(loss.dims)}`, {
      hint: 'Take the mean or the sum of the loss first.',
    });
  }
  const nodes = [...b.nodes];
  const tracked = new Set(parameters.map((parameter) => parameter.name));
  for (const node of nodes) {
    if (!node.inputs.some((input) => tracked.has(input))) continue;
    for (const output of node.outputs) if (!stopped.has(b.value(output))) tracked.add(output);
  }
  const grads = new Map<string, Value>([[loss.name, b.scalar(loss.type, 1)]]);
  for (const node of nodes.toReversed()) {
    const outputs = node.outputs.map((name) => b.value(name));
    const known = outputs.map((output) => (tracked.has(output.name) ? grads.get(output.name) : undefined));
    const wanted = node.inputs.map((name) => name !== '' && tracked.has(name));
    if (!known.some((grad) => grad !== undefined) || !wanted.includes(true)) continue;
    const inputs = node.inputs.map((name) => (name === '' ? undefined : b.value(name)));
    const rule = GRADIENTS.get(node.op);
    if (rule === undefined) {
      throw new GraphError('GRAPH_NO_GRADIENT', `${node.op} "${node.name}": has no gradient`, {
        hint: `Use one of: ${[...GRADIENTS.keys()].sort().join(', ')}.`,
      });
    }
    const found = rule(new GradientCall(b, node, inputs, outputs, known, wanted));
    found.forEach((grad, i) => {
      const input = inputs[i];
      if (grad === undefined || input === undefined || !wanted[i]) return;
      const reduced = reduceTo(b, grad, input, STRETCHING.has(node.op) ? outputs[0]! : input);
      const before = grads.get(input.name);
      grads.set(input.name, before === undefined ? reduced : b.op('Add', [before, reduced]));
    });
  }
  return parameters.map((parameter) => {
    const grad = grads.get(parameter.name) ?? b.scalar(parameter.type, 0);
    return expand(b, grad, parameter);
  });
}

/** Ops whose inputs are broadcast to the shape of the output. */
const STRETCHING = new Set('Add Sub Mul Div Pow PRelu Sum Mean Max Min Where Expand'.split(' '));

/**
 * Undoes broadcasting: where an axis of the input was broadcast, its gradient is the sum over it. A gradient that
 * is not broadcast there yet counts that many times.
 */
function reduceTo(b: GraphBuilder, grad: Value, input: Value, output: Value): Value {
  const rank = Math.max(grad.dims.length, output.dims.length, input.dims.length);
  const size = ({ dims }: Value, axis: number) => dims[axis - rank + dims.length] ?? 1;
  const axes: number[] = [];
  let repeats = 1;
  for (let axis = 0; axis < rank; axis++) {
    if (size(input, axis) !== 1) continue;
    if (size(grad, axis) !== 1) axes.push(axis - rank + grad.dims.length);
    else repeats *= Number(size(output, axis));
  }
  let result = grad;
  if (axes.length > 0) result = b.op('ReduceSum', [result], { axes, keepdims: 1 });
  if (repeats > 1) result = b.op('Mul', [result, b.scalar(grad.type, repeats)]);
  const excess = result.dims.length - input.dims.length;
  if (excess <= 0) return result;
  return b.op('Squeeze', [result], { axes: Array.from({ length: excess }, (_, axis) => axis) });
}
