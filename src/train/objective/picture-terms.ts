import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { contentLoss } from '../../losses/terms/content.js';
import { paletteLoss } from '../../losses/terms/palette.js';
import { featuresOf, type Grams, grams, pyramid, styleLoss } from '../../losses/terms/style.js';
import { toneLoss } from '../../losses/terms/tone.js';
import type { StyleInputs } from './modulated-terms.js';

/** What paintings are compared with: the style's statistics. */
export interface StyleReference {
  readonly network: LossNetwork;
  /** Gram matrices of the style by scale and layer, [1, c, c]. */
  readonly target: readonly ReadonlyMap<string, Tensor>[];
  /** The style's palette, [1, 4, 4]; undefined leaves out that term. */
  readonly palette?: Tensor;
  /** Whether the tone of the painting follows that of the photograph. */
  readonly tone: boolean;
  /** Styles as inputs, instead of target and palette. */
  readonly many?: StyleInputs;
}

/**
 * The terms that compare paintings with photographs and with the style, before their weights, dims [] each.
 *
 * @param judged [n, 3, s, s], RGB, about [0, 1]. @param photographs [n, 3, s, s] in [0, 1].
 */
export function pictureTerms(
  b: GraphBuilder,
  judged: Value,
  photographs: Value,
  { network, target, palette, tone, many }: StyleReference,
): Record<string, Value> {
  // The finest scale is compared only in the central quarter of the picture: there is enough detail, and on the whole
  // the loss network would take twice as long as everything else together.
  const [whole, ...coarser] = pyramid(b, judged, target.length);
  const features = featuresOf(b, network, [middle(b, whole!), ...coarser]);
  const subject = network.features(b, middle(b, photographs), network.contentLayers);
  const found = grams(b, network, features);
  return {
    content: contentLoss(b, features[0]!, subject),
    ...(tone ? { tone: toneLoss(b, judged, photographs) } : {}),
    style: many ? many.style(found) : styleLoss(b, found, constants(b, target)),
    ...(many ? { palette: many.palette(judged) } : {}),
    ...(palette ? { palette: paletteLoss(b, judged, palette) } : {}),
  };
}

/** The middle half of a square picture along both axes. */
function middle(b: GraphBuilder, picture: Value): Value {
  const side = Number(picture.dims[2]);
  const [start, end] = [side / 4, (3 * side) / 4].map((at) => b.ints([at, at])) as [Value, Value];
  return b.op('Slice', [picture, start, end, b.ints([2, 3])]);
}

function constants(b: GraphBuilder, target: StyleReference['target']): Grams {
  return target.map(
    (layers) => new Map([...layers].map(([layer, { dims, data }]) => [layer, b.constant('float32', dims, data)])),
  );
}
