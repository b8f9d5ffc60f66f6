import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Tensor } from '../../graph/types.js';
import type { Grams } from '../../losses/terms/style.js';

/** Share of a step's own Gram matrices in what is compared with the style; the rest is their running mean. */
const OWN = 0.5;
/** Share of a step in the running mean. */
const SMOOTHING = 0.05;

/** Gram matrices mixed with their running means, and the next means. */
export interface RunningGrams {
  readonly mixed: Grams;
  /** float32 [length], in the layout of {@link gramVector}. */
  readonly next: Value;
}

/**
 * Mixes the Gram matrices of a step with their running means over earlier steps. A crop that must show all of a style is
 * filled with one pattern, whatever it shows; this asks for the style of the pictures together.
 *
 * @param found Gram matrices, [n, c, c] each. @param means the running means, float32 [length], no gradient flows through.
 */
export function runningGrams(b: GraphBuilder, found: Grams, means: Value): RunningGrams {
  const blend = (mean: Value, own: Value, share: number) =>
    b.op('Add', [b.op('Mul', [mean, b.scalar('float32', 1 - share)]), b.op('Mul', [own, b.scalar('float32', share)])]);
  let start = 0;
  const next: Value[] = [];
  const mixed = found.map(
    (layers) =>
      new Map(
        [...layers].map(([layer, own]) => {
          const side = Number(own.dims[1]);
          const end = start + side * side;
          const part = b.op('Slice', [means, b.ints([start]), b.ints([end]), b.ints([0])]);
          const mean = b.op('Reshape', [part, b.ints([1, side, side])]);
          start = end;
          const batch = b.op('ReduceMean', [own], { axes: [0] });
          next.push(b.op('Reshape', [blend(mean, batch, SMOOTHING), b.ints([side * side])]));
          return [layer, blend(mean, own, OWN)];
        }),
      ),
  );
  return { mixed, next: b.op('Concat', next, { axis: 0 }) };
}

/** Gram matrices [1, c, c] one after the other, by scale and layer: the means to begin with are those of the style. */
export function gramVector(grams: readonly ReadonlyMap<string, Tensor>[]): Float32Array {
  return Float32Array.from(
    grams.flatMap((layers) => [...layers.values()].flatMap(({ data }) => Array.from(data, Number))),
  );
}
