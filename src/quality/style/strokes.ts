import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { gram } from '../../losses/terms/gram.js';
import { pictureOf } from '../../losses/terms/picture.js';
import { pyramid } from '../../losses/terms/style.js';
import { type GramSet, gramDistance, gramName } from './comparison.js';
import { structureDistance } from './structure.js';

/** Layers of VGG-19 that see marks, from a few pixels to about twenty; compared at full and at half size. */
const MARKS = ['relu1_1', 'relu2_1', 'relu3_1'];
/** The layer that sees larger strokes, of about fifty pixels; compared at full size. */
const LARGER = 'relu4_1';
/** Scales of the pyramid: strokes are seen in the first two, structure in the others. */
const SCALES = 4;
/** Both sides of a picture must be multiples of this. */
export const STROKE_UNIT = 2 ** (SCALES - 1);

/** The layers that tell strokes and structure and that a loss network does not have. */
export function missingLayers({ layers }: LossNetwork): string[] {
  return [...MARKS, LARGER].filter((layer) => !layers.includes(layer));
}

/** Whether a loss network can tell strokes and structure at all: VGG-19 to relu3_1 or further can. */
export function seesStrokes(network: LossNetwork): boolean {
  return missingLayers(network).every((layer) => layer === LARGER);
}

/** The layers whose Gram matrices are compared, by scale. */
export function strokeLayers({ layers }: LossNetwork): string[][] {
  return [layers.includes(LARGER) ? [...MARKS, LARGER] : MARKS, MARKS];
}

/**
 * A model that tells strokes and structure of a painted picture. Features are reflected at the border in every layer,
 * since at 1/8 of the size it is a large part of the picture.
 *
 * Inputs `painted` and `photograph`, uint8 [1, height, width, 3], sizes multiples of {@link STROKE_UNIT}. Outputs the
 * Gram matrices of {@link strokeLayers} of the painted picture, [1, c, c], named by `gramName`, and `structure`,
 * float32 [], as {@link structureDistance}.
 */
export function strokesModel(network: LossNetwork, width: number, height: number): Model {
  const b = new GraphBuilder('strokes');
  const [painted, photograph] = ['painted', 'photograph'].map((name) =>
    pyramid(b, pictureOf(b, b.input(name, 'uint8', [1, height, width, 3])), SCALES),
  );
  strokeLayers(network).forEach((layers, scale) => {
    const features = network.features(b, painted![scale]!, layers, 'reflected');
    for (const layer of layers) b.output(gramName(scale, layer), gram(b, features.get(layer)!));
  });
  b.output('structure', structureDistance(b, network, painted!.slice(2), photograph!.slice(2)));
  return b.build();
}

/**
 * How far the strokes are from the style picture's: the mean of the distance of Gram matrices of relu1_1, relu2_1 and
 * relu3_1 at full size, of the same at half size, and of relu4_1 at full size, or of the first two where the loss
 * network has no relu4_1. Coarser scales, which blotches meet as well as strokes do, are left out. 0 is equal.
 */
export function strokeDistance(picture: GramSet, target: GramSet): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = (scale: number, layer: string) => gramDistance(picture[scale]!.get(layer)!, target[scale]!.get(layer)!);
  const marks = [0, 1].map((scale) => mean(MARKS.map((layer) => at(scale, layer))));
  return mean(target[0]!.has(LARGER) ? [...marks, at(0, LARGER)] : marks);
}
