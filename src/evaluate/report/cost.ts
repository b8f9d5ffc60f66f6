import { analyze } from '../../engine/analysis/analyze.js';
import type { Style } from '../../model/style.js';
import type { Cost } from '../results.js';

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
