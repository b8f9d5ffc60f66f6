import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Tensor } from '../../graph/types.js';
import { keptHues, keptLight, localDifferences } from '../../losses/colour/light-colour.js';
import { castLoss, type Palette, paletteConstants, tintLoss } from '../../losses/colour/palette.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { meanOf, relativeDistance } from '../../losses/terms/distance.js';
import { featuresOf, type Grams, grams, styleLoss } from '../../losses/terms/style.js';
import type { StyleInputs } from './modulated-terms.js';
import { comparedLevels, type Subject, subjectLayers, subjectOf } from './subject.js';

/** What paintings are compared with: the style's statistics. */
export interface StyleReference {
  readonly network: LossNetwork;
  /** Gram matrices of the style by scale and layer, [1, c, c]. */
  readonly target: readonly ReadonlyMap<string, Tensor>[];
  readonly palette: Palette;
  /** Styles as inputs, instead of target and palette. */
  readonly many?: StyleInputs;
  /** What stands for the Gram matrices of paintings, such as a mixture with their running mean; default: they themselves. */
  readonly mixed?: (found: Grams) => Grams;
}

/** The photographs that paintings show. */
export interface PaintedSubject {
  /** [n, 3, s, s] in [0, 1]. */
  readonly photographs: Value;
  readonly subject: Subject;
}

/** The terms before their weights, dims [] each. */
export interface PictureTerms {
  readonly terms: Readonly<Record<string, Value>>;
  /** Targets, through which no gradient flows. */
  readonly stopped: readonly Value[];
}

/**
 * The terms that compare paintings with photographs and with the style.
 *
 * Style is compared where strokes are, at full size, at half and at a quarter of it; the subject where strokes are too small to be
 * seen, in a deep layer and at smaller sizes. Compared the other way round, strokes come out soft and blotches lie across
 * faces.
 *
 * @param painted [n, 3, s, s], RGB, about [0, 1].
 */
export function pictureTerms(
  b: GraphBuilder,
  painted: Value,
  { photographs, subject }: PaintedSubject,
  { network, target, palette, many, mixed = (found) => found }: StyleReference,
): PictureTerms {
  const { style: layers, deep } = network.objective;
  const levels = comparedLevels(b, painted);
  const features = featuresOf(
    b,
    network,
    levels.slice(0, Math.max(2, layers.length)),
    layers,
    subjectLayers(network.objective),
  );
  const own = subjectOf(b, network, levels, features);
  const away = (part: keyof Subject) => relativeDistance(b, own[part], subject[part]);
  const found = mixed(grams(b, features, layers));
  const [ours, given] = [painted, photographs].map((picture) => localDifferences(b, picture));
  const lost = (kept: Value) => b.op('Sub', [b.scalar('float32', 1), b.op('ReduceMean', [kept], { keepdims: 0 })]);
  const colours = many?.palette ?? paletteConstants(b, palette);
  const tint = tintLoss(b, painted, photographs, colours);
  const terms = {
    content: away('content'),
    shapes: away('half'),
    structure: meanOf(b, [away('quarter'), away('eighth')]),
    light: lost(keptLight(b, ours!, given!)),
    colour: lost(keptHues(b, ours!, given!)),
    tint: tint.term,
    cast: castLoss(b, painted, photographs, colours),
    style: many ? many.style(found) : styleLoss(b, found, constants(b, target), deep),
  };
  return { terms, stopped: [tint.stopped] };
}

function constants(b: GraphBuilder, target: StyleReference['target']): Grams {
  return target.map(
    (layers) => new Map([...layers].map(([layer, { dims, data }]) => [layer, b.constant('float32', dims, data)])),
  );
}
