import { analyze } from '../engine/analysis/analyze.js';
import type { Style } from '../model/style.js';

/** Cost of a network. */
export interface Cost {
  /** Multiply-accumulate operations for one picture of 640×360, in units of 10⁹. */
  readonly gmac: number;
  /** Number of weights. */
  readonly parameters: number;
  /** Length of its file. */
  readonly bytes: number;
}

/**
 * Computes the cost of a style's network without running it.
 *
 * @throws EngineError as `analyze`; GraphError when the file is no ONNX model.
 */
export async function costOf(style: Style): Promise<Cost> {
  const { facts } = await analyze(style, { width: 640, height: 360 });
  const { gmac, parameters } = facts;
  return { gmac: Number(gmac.toPrecision(4)), parameters, bytes: style.model.length };
}
