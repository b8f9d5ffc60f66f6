import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { LossNetwork, ObjectiveLayers } from '../../losses/networks/network.js';
import { pictureOf } from '../../losses/terms/picture.js';
import { featuresOf, pyramid, type StyleLayers } from '../../losses/terms/style.js';
import { structureFeatures } from '../../quality/style/structure.js';

/** The features that tell what a picture shows, [n, c, h, w] each: of the content, and of the structure at three sizes. */
export interface Subject {
  /** What is shown, in the layer of the content. */
  readonly content: Value;
  /** Where things are, at 1/2, 1/4 and 1/8 of the size. */
  readonly half: Value;
  readonly quarter: Value;
  readonly eighth: Value;
}

/** Scales at which pictures are compared: 1, 1/2, 1/4 and 1/8 of the size. */
const SCALES = 4;

/**
 * A picture at every scale, finest first; of the finest the middle, a quarter of the picture: there is enough detail, and
 * on the whole the loss network would take twice as long as everything else together.
 *
 * @param picture [n, 3, s, s].
 */
export function comparedLevels(b: GraphBuilder, picture: Value): Value[] {
  const [whole, ...smaller] = pyramid(b, picture, SCALES);
  const side = Number(picture.dims[2]);
  const [start, end] = [side / 4, (3 * side) / 4].map((at) => b.ints([at, at])) as [Value, Value];
  return [b.op('Slice', [whole!, start, end, b.ints([2, 3])]), ...smaller];
}

/** The layers at full and at half size that tell the subject. */
export function subjectLayers({ content, structure }: ObjectiveLayers): StyleLayers {
  return content.scale === 0 ? [[content.layer], [structure]] : [[], [structure, content.layer]];
}

/**
 * The features that tell the subject.
 *
 * @param levels those of {@link comparedLevels}. @param features of the first two, of {@link subjectLayers} at least.
 */
export function subjectOf(
  b: GraphBuilder,
  network: LossNetwork,
  levels: readonly Value[],
  features: readonly ReadonlyMap<string, Value>[],
): Subject {
  const { content, structure } = network.objective;
  const [quarter, eighth] = levels.slice(2).map((level) => structureFeatures(b, network, level));
  return {
    content: features[content.scale]!.get(content.layer)!,
    half: features[1]!.get(structure)!,
    quarter: quarter!,
    eighth: eighth!,
  };
}

/** The name under which a training step takes features of photographs, and {@link subjectModel} gives them. */
const nameOf = (part: string) => `subject ${part}`;

/**
 * A model that tells the subject of photographs, which training shows more than once. Input `photographs` uint8 [n, s, s,
 * 3]; outputs named as the inputs of {@link subjectInputs}.
 */
export function subjectModel(network: LossNetwork, count: number, size: number): Model {
  const b = new GraphBuilder('subject');
  const levels = comparedLevels(b, pictureOf(b, b.input('photographs', 'uint8', [count, size, size, 3])));
  const features = featuresOf(b, network, levels.slice(0, 2), subjectLayers(network.objective));
  for (const [part, value] of Object.entries(subjectOf(b, network, levels, features))) b.output(nameOf(part), value);
  return b.build();
}

/** Declares what a {@link subjectModel} gives as inputs of a step. */
export function subjectInputs(b: GraphBuilder, { graph }: Model): Subject {
  const input = (part: string) => {
    const { name, dims } = graph.outputs.find((output) => output.name === nameOf(part))!;
    return b.input(name, 'float32', dims);
  };
  return { content: input('content'), half: input('half'), quarter: input('quarter'), eighth: input('eighth') };
}
