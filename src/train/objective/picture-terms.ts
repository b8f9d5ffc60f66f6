import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { contentLoss } from '../../losses/terms/content.js';
import { keptHues, keptLight, localDifferences } from '../../losses/terms/light-colour.js';
import { featuresOf, type Grams, grams, pyramid, styleLoss } from '../../losses/terms/style.js';
import { structureDistance } from '../../quality/style/structure.js';
import type { StyleInputs } from './modulated-terms.js';

/** What paintings are compared with: the style's statistics. */
export interface StyleReference {
  readonly network: LossNetwork;
  /** Gram matrices of the style by scale and layer, [1, c, c]. */
  readonly target: readonly ReadonlyMap<string, Tensor>[];
  /** Styles as inputs, instead of the target. */
  readonly many?: StyleInputs;
  /** What stands for the Gram matrices of paintings, such as a mixture with their running mean; default: they themselves. */
  readonly mixed?: (found: Grams) => Grams;
}

/** Scales of the pyramid: strokes are compared in the first two, structure in the others. */
const SCALES = 4;

/**
 * The terms that compare paintings with photographs and with the style, before their weights, dims [] each.
 *
 * Style is compared where strokes are, at full size and at half of it; the subject where strokes are too small to be
 * seen, in a deep layer and at a quarter and an eighth of the size. Compared the other way round, strokes come out soft
 * and blotches lie across faces.
 *
 * @param judged [n, 3, s, s], RGB, about [0, 1]. @param photographs [n, 3, s, s] in [0, 1].
 */
export function pictureTerms(
  b: GraphBuilder,
  judged: Value,
  photographs: Value,
  { network, target, many, mixed = (found) => found }: StyleReference,
): Record<string, Value> {
  const { style: layers, deep, content } = network.objective;
  const painted = pyramid(b, judged, SCALES);
  const shown = pyramid(b, photographs, SCALES);
  // The finest scale is compared only in the central quarter of the picture: there is enough detail, and on the whole
  // the loss network would take twice as long as everything else together.
  const detailed = [middle(b, painted[0]!), painted[1]!];
  const features = featuresOf(b, network, detailed, layers, content);
  const subject = network.features(b, middle(b, shown[0]!), content);
  const found = mixed(grams(b, features, layers));
  const [ours, given] = [judged, photographs].map((picture) => localDifferences(b, picture));
  const lost = (kept: Value) => b.op('Sub', [b.scalar('float32', 1), b.op('ReduceMean', [kept], { keepdims: 0 })]);
  return {
    content: contentLoss(b, features[0]!, subject),
    structure: structureDistance(b, network, painted.slice(2), shown.slice(2)),
    light: lost(keptLight(b, ours!, given!)),
    colour: lost(keptHues(b, ours!, given!)),
    style: many ? many.style(found) : styleLoss(b, found, constants(b, target), deep),
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
