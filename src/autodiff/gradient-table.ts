import { convGradient, convTransposeGradient } from './gradients/convolution.js';
import { ELEMENTWISE_GRADIENTS } from './gradients/elementwise.js';
import { LAYOUT_GRADIENTS } from './gradients/layout.js';
import { gemmGradient, matMulGradient } from './gradients/matrix.js';
import { instanceNormGradient } from './gradients/norm.js';
import { POOL_GRADIENTS } from './gradients/pool.js';
import { REDUCE_GRADIENTS } from './gradients/reduce.js';
import type { GradientRule } from './gradients/rule.js';

/** One gradient per op of the graph's table that has one. */
export const GRADIENTS: ReadonlyMap<string, GradientRule> = new Map<string, GradientRule>(
  Object.entries({
    ...ELEMENTWISE_GRADIENTS,
    ...LAYOUT_GRADIENTS,
    ...REDUCE_GRADIENTS,
    ...POOL_GRADIENTS,
    Conv: convGradient,
    ConvTranspose: convTransposeGradient,
    Gemm: gemmGradient,
    InstanceNormalization: instanceNormGradient,
    MatMul: matMulGradient,
  }),
);
