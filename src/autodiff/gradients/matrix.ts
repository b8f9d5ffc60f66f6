import type { Value } from '../../graph/builder.js';
import type { GradientCall, GradientRule } from './rule.js';

/** Transposes the last two axes. */
function transposed(call: GradientCall, value: Value): Value {
  const rank = value.dims.length;
  const perm = value.dims.map((_, axis) => axis);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return call.b.op('Transpose', [value], { perm });
}

/** Whether `y` is the transpose of `x`. */
function isTranspose(call: GradientCall, y: Value, x: Value): boolean {
  const maker = call.b.nodes.find((node) => node.outputs[0] === y.name);
  const perm = maker?.attributes.get('perm');
  if (maker?.op !== 'Transpose' || maker.inputs[0] !== x.name || perm?.kind !== 'ints') return false;
  const rank = perm.value.length;
  return perm.value.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
}

/** Gradients of MatMul for matrices (at least two axes each); batch axes may broadcast. */
export const matMulGradient: GradientRule = (call) => {
  const { b } = call;
  const [left, right] = [call.input(0), call.input(1)];
  const grad = call.full();
  // Of x xᵀ, as in a Gram matrix: (g + gᵀ) x, one product over the pixels instead of two.
  if (isTranspose(call, right, left))
    return [b.op('MatMul', [call.add(grad, transposed(call, grad)), left]), undefined];
  return [
    call.wanted[0] ? b.op('MatMul', [grad, transposed(call, right)]) : undefined,
    call.wanted[1] ? b.op('MatMul', [transposed(call, left), grad]) : undefined,
  ];
};

/** Gradients of Gemm: y = alpha · a′ · b′ + beta · c, where ′ may transpose. */
export const gemmGradient: GradientRule = (call) => {
  const { b } = call;
  const alpha = call.float('alpha', 1);
  const [transA, transB] = [call.int('transA', 0), call.int('transB', 0)];
  const [left, right] = [call.input(0), call.input(1)];
  const grad = call.full();
  const gemm = (x: Value, y: Value, ta: number, tb: number) => b.op('Gemm', [x, y], { alpha, transA: ta, transB: tb });
  return [
    call.wanted[0] ? (transA ? gemm(right, grad, transB, 1) : gemm(grad, right, 0, 1 - transB)) : undefined,
    call.wanted[1] ? (transB ? gemm(grad, left, 1, transA) : gemm(left, grad, 1 - transA, 0)) : undefined,
    call.wanted[2] ? call.mul(grad, call.float('beta', 1)) : undefined,
  ];
};
