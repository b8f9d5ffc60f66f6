import { GraphBuilder, type Value } from '../graph/builder.js';
import type { Model } from '../graph/types.js';

/** Rows and columns of a field of noise, in cells of the features between encoder and body: 8 pixels of the picture. */
const SIDE = 64;

/** The shape of a field of noise for features of so many channels. */
export function noiseDims(channels: number): readonly [channels: number, rows: number, columns: number] {
  return [channels, SIDE, SIDE];
}

/**
 * A field of noise laid out as tiles over features, as far as they go.
 *
 * @param noise float32 [c, s, s]. @param features float32 [n, c, h, w]. @returns [1, c, h, w].
 */
export function laidOut(b: GraphBuilder, noise: Value, features: Value): Value {
  const [, channels, height, width] = features.dims as [unknown, number, number | string, number | string];
  const laid = { type: 'float32', dims: [1, channels, height, width] } as const;
  return b.embed(tiling(noise.dims.map(Number)), { noise, features }, { laid }).laid!;
}

/** The sizes of its result are those of the features, which a graph built in one piece would not know to be equal. */
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
