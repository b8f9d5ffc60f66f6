import type { Size } from '../../frame.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import { mirrored, toBytes } from './picture-nodes.js';

/**
 * How a mask is used: not at all; as a grey picture (uint8 `[1, H, W, 3]`, white inside) or as a plane (float32
 * `[1, 1, H, W]`, 1 inside), as `PersonMask` finds it, that weights the pictures; or as a plane that becomes alpha.
 */
export type Masking = 'none' | 'picture' | 'plane' | 'alpha';

/**
 * The weighted sum of `count` pictures, with other weights inside a mask than outside: `picture_0`… uint8
 * `[1, H, W, 3]` to `result` of the same kind, rounded; with `alpha`, `[1, H, W, 4]` with straight alpha.
 *
 * Further inputs: `weights` float32 `[1, count]`; with a mask, `mask`; where it weights the pictures, also `change`
 * float32 `[1, count]`, the weights inside less those outside, which are then `weights`.
 *
 * @param compare puts a further input `source` to the left: the result is twice as wide
 */
export function mixModel({ width, height }: Size, count: number, masking: Masking, compare = false): Model {
  const pixels = width * height;
  const dims = [1, height, width, 3];
  const channels = masking === 'alpha' ? 4 : 3;
  const graph = new GraphBuilder('stylecast');
  // A plane is applied to planes of colours: runs of three numbers are slow.
  const planar = masking === 'plane' || masking === 'alpha';
  const flat = (name: string) => {
    const bytes = graph.input(name, 'uint8', dims);
    const ordered = planar ? graph.op('Transpose', [bytes], { perm: [0, 3, 1, 2] }) : bytes;
    return graph.op('Reshape', [ordered, graph.ints([1, 3 * pixels])]);
  };
  const flats = Array.from({ length: count }, (_, at) => flat(`picture_${at}`));
  const stacked = graph.op('Cast', [count === 1 ? flats[0] : graph.op('Concat', flats, { axis: 0 })], { to: 1 });
  const sum = (weights: string) => {
    const mean = graph.op('MatMul', [graph.input(weights, 'float32', [1, count]), stacked]);
    return planar ? graph.op('Reshape', [mean, graph.ints([3, pixels])]) : mean;
  };
  const share = () => {
    if (masking === 'picture') return graph.op('Mul', [graph.op('Cast', [flat('mask')], { to: 1 }), of255]);
    return graph.op('Reshape', [graph.input('mask', 'float32', [1, 1, height, width]), graph.ints([1, pixels])]);
  };
  const of255 = graph.scalar('float32', 1 / 255);
  let mixed = sum('weights');
  if (masking === 'alpha') {
    mixed = graph.op('Concat', [mixed, graph.op('Mul', [share(), graph.scalar('float32', 255)])], { axis: 0 });
  } else if (masking !== 'none') {
    mixed = graph.op('Add', [mixed, graph.op('Mul', [sum('change'), share()])]);
  }
  let result = toBytes(graph, mixed);
  if (planar) result = graph.op('Transpose', [result], { perm: [1, 0] });
  result = graph.op('Reshape', [result, graph.ints([1, height, width, channels])]);
  graph.output(
    'result',
    compare ? graph.op('Concat', [graph.input('source', 'uint8', dims), result], { axis: 2 }) : result,
  );
  return graph.build();
}

/** Mirrors left and right: `frame` to `result`, uint8 `[1, H, W, 3]`. */
export function mirrorModel({ width, height }: Size): Model {
  const graph = new GraphBuilder('stylecast');
  graph.output('result', mirrored(graph, graph.input('frame', 'uint8', [1, height, width, 3])));
  return graph.build();
}
