import { convGradient, convTransposeGradient } from './convolution.js';
import { ELEMENTWISE_GRADIENTS } from './elementwise.js';
import { LAYOUT_GRADIENTS } from './layout.js';
import { gemmGradient, matMulGradient } from './matrix.js';
import { instanceNormGradient } from './norm.js';
import { POOL_GRADIENTS } from './pool.js';
import { REDUCE_GRADIENTS } from './reduce.js';
import type { GradientRule } from './rule.js';

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
