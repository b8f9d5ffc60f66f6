import type { GraphBuilder, Value } from '../../graph/builder.js';
import { meanOf, relativeDistance } from './distance.js';

/**
 * How far the features of the painted picture are from the photograph's, as a share of their energy (Johnson 2016,
 * arXiv 1603.08155), averaged over layers.
 *
 * @param painted,photograph features by layer, [n, c, h, w].
 */
export function contentLoss(
  b: GraphBuilder,
  painted: ReadonlyMap<string, Value>,
  photograph: ReadonlyMap<string, Value>,
): Value {
  return meanOf(
    b,
    [...photograph].map(([layer, value]) => relativeDistance(b, painted.get(layer)!, value)),
  );
}
