import { GraphBuilder } from '../../graph/builder.js';
import { sizeOf } from '../../graph/elements.js';
import { styleNetwork } from '../../nets/network.js';
import {
  initialParameters,
  lengthOf,
  type Parameter,
  partOf,
  TrainedParameters,
} from '../../nets/parameters/parameters.js';
import { type NetworkWidths, TIERS } from '../../nets/tiers.js';

/** The last layer of a residual block: with a scale of 0 the block is the identity. */
const BLOCK_SCALE = /^body\d+\.2\.scale$/;

/** The parameters of a plain style network. */
function parametersOf(tier: NetworkWidths): readonly Parameter[] {
  const b = new GraphBuilder('parameters');
  const parameters = new TrainedParameters(b);
  const image = b.input('image', 'float32', [1, 3, 64, 64]);
  styleNetwork({ b, parameters, norm: 'live', seen: new Map() }, image, tier);
  return parameters.list;
}

/**
 * The parameters of a network that computes exactly the same as a smaller one, but has more channels and blocks (after
 * Chen 2016, Net2Net, arXiv 1511.05641). New channels start at random and are not used by old ones yet; new blocks are
 * identities.
 *
 * @param found the parameters of a style network of any tier. @param list parameters of the larger network, in order.
 * @returns undefined where no tier has as many parameters as `found`, or that tier is not smaller in every dimension.
 */
export function growParameters(
  found: Float32Array,
  list: readonly Parameter[],
  seed: number,
): Float32Array | undefined {
  const small = Object.values(TIERS)
    .map(parametersOf)
    .find((each) => lengthOf(each) === found.length);
  if (!small?.every((part) => list.some((whole) => holds(whole, part)))) return undefined;
  const vector = initialParameters(list, seed);
  for (const { name, dims, offset, size } of list) {
    const part = small.find((each) => each.name === name);
    if (part)
      vector.set(widened(partOf(found, small, name), part.dims, dims, vector.subarray(offset, offset + size)), offset);
    else if (BLOCK_SCALE.test(name)) vector.fill(0, offset, offset + size);
  }
  return vector;
}

function holds(whole: Parameter, part: Parameter): boolean {
  return whole.name === part.name && part.dims.every((dim, axis) => dim <= whole.dims[axis]!);
}

/** A tensor in the first corner of a larger one: zeros beside it in old rows, `fresh` values in new rows. */
function widened(
  part: Float32Array,
  small: readonly number[],
  dims: readonly number[],
  fresh: Float32Array,
): Float32Array {
  const row = sizeOf(dims.slice(1));
  return fresh.map((value, i) => {
    if (Math.floor(i / row) >= small[0]!) return value;
    let [rest, stride, at, inside] = [i, 1, 0, true];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const place = rest % dims[axis]!;
      rest = Math.floor(rest / dims[axis]!);
      inside &&= place < small[axis]!;
      at += place * stride;
      stride *= small[axis]!;
    }
    return inside ? part[at]! : 0;
  });
}
