import { CUT } from './cut.js';
import { ELEMENTWISE } from './elementwise.js';
import { LAYOUT } from './layout.js';
import { PICTURE } from './picture.js';
import { REDUCE } from './reduce.js';
import type { OpRule } from './rule.js';
import { WINDOWED } from './window.js';

/** The op table: every ONNX operator that stylecast emits, with its shape rule (ONNX opset 17 to 21). */
export const OPS: ReadonlyMap<string, OpRule> = new Map(
  Object.entries({ ...ELEMENTWISE, ...LAYOUT, ...CUT, ...PICTURE, ...REDUCE, ...WINDOWED }),
);
