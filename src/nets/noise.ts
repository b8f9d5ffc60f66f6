import { GraphBuilder, type Value } from '../graph/builder.js';
import type { Model } from '../graph/types.js';

/**
 * Rows and columns of a noise field, in cells of the features between encoder and body: 8 pixels of the picture each.
 */
const SIDE = 64;

/** Shape of a noise field for features of a number of channels. */
export function noiseDims(channels: number): readonly [channels: number, rows: number, columns: number] {
  return [channels, SIDE, SIDE];
}

/**
 * A noise field tiled over features and cropped to their size.
 *
 * @param noise float32 [c, s, s]. @param features float32 [n, c, h, w]. @returns [1, c, h, w].
 */
export function tileNoise(b: GraphBuilder, noise: Value, features: Value): Value {
  const [, channels, height, width] = features.dims as [unknown, number, number | string, number | string];
  const laid = { type: 'float32', dims: [1, channels, height, width] } as const;
  return b.embed(tiling(noise.dims.map(Number)), { noise, features }, { laid }).laid!;
}

/** A separate model, because shape inference cannot know that its result has the size of the features. */
function tiling([channels = 0, side = 0]: readonly number[]): Model {
  const b = new GraphBuilder('tiles');
  const noise = b.input('noise', 'float32', [channels, side, side]);
  const features = b.input('features', 'float32', ['n', channels, 'height', 'width']);
  const size = b.op('Shape', [features], { start: 2 });
  const started = b.op('Div', [b.op('Add', [size, b.ints([side - 1])]), b.ints([side])]);
  const tiles = b.op('Tile', [noise, b.op('Concat', [b.ints([1]), started], { axis: 0 })]);
  const cut = b.op('Slice', [tiles, b.ints([0, 0]), size, b.ints([1, 2])]);
  b.output('laid', b.op('Unsqueeze', [cut, b.ints([0])]));
  return b.build();
}
