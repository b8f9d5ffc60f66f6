import type { GraphBuilder, Value } from '../../graph/builder.js';
import { type PaletteValues, TONES } from '../../losses/colour/palette.js';
import { meanOf } from '../../losses/terms/distance.js';
import { type Grams, styleLoss } from '../../losses/terms/style.js';
import { mapping, type StyleModulation } from '../../nets/modulation.js';
import type { ParameterSource } from '../../nets/parameters/parameters.js';
import { CODE_LENGTH } from '../../nets/style-code.js';

/** The inputs of a step that describe its styles. */
export const STYLE_INPUTS = {
  code: 'code',
  gram: (scale: number, layer: string) => `style gram ${scale} ${layer}`,
  mean: 'style mean',
  tones: 'style tones',
} as const;

/** The part of a training step for several styles. */
export interface StyleInputs {
  readonly modulation: StyleModulation;
  readonly palette: PaletteValues;
  /** The style distance of painted pictures, each from its own style. */
  style(painted: Grams): Value;
}

/**
 * Declares the styles of a step as inputs: `code` float32 [r, CODE_LENGTH], a Gram matrix [r, c, c] a scale and layer,
 * and the palette, [r, 3] and [r, TONES, 2], under the names of `STYLE_INPUTS`. One style for all pictures (r = 1) or one a picture.
 *
 * @param length numbers of a style vector. @param twins whether the photographs are followed by their warped
 * counterparts. @param shapes sides of the Gram matrices by scale and layer. @param deep layers that count as a scale of
 * their own.
 */
export function styleInputs(
  b: GraphBuilder,
  parameters: ParameterSource,
  { rows, length, twins }: { readonly rows: number; readonly length: number; readonly twins: boolean },
  shapes: readonly ReadonlyMap<string, { readonly dims: readonly number[] }>[],
  deep: readonly string[],
): StyleInputs {
  const code = b.input(STYLE_INPUTS.code, 'float32', [rows, CODE_LENGTH]);
  const target = shapes.map(
    (layers, scale) =>
      new Map(
        [...layers].map(([layer, { dims }]) => [
          layer,
          b.input(STYLE_INPUTS.gram(scale, layer), 'float32', [rows, ...dims.slice(1)]),
        ]),
      ),
  );
  const mapped = mapping(b, parameters, code, length);
  // A warped photograph is painted in the same style.
  const styles = twins && rows > 1 ? b.op('Concat', [mapped, mapped], { axis: 0 }) : mapped;
  const row = (x: Value, at: number) => b.op('Slice', [x, b.ints([at]), b.ints([at + 1]), b.ints([0])]);
  const rowOf = (grams: Grams, at: number): Grams =>
    grams.map((layers) => new Map([...layers].map(([layer, value]) => [layer, row(value, at)])));
  // Computed for each picture separately: otherwise a style of strong features would dominate one of weak ones.
  const each = (count: number, term: (at: number) => Value) =>
    meanOf(
      b,
      Array.from({ length: count }, (_, at) => term(at)),
    );
  return {
    modulation: { styles: { coarse: styles, fine: styles } },
    palette: {
      mean: b.input(STYLE_INPUTS.mean, 'float32', [rows, 3]),
      tones: b.input(STYLE_INPUTS.tones, 'float32', [rows, TONES, 2]),
    },
    style: (painted) =>
      rows === 1
        ? styleLoss(b, painted, target, deep)
        : each(rows, (at) => styleLoss(b, rowOf(painted, at), rowOf(target, at), deep)),
  };
}

/** The further inputs of a preview: `code` float32 [count, CODE_LENGTH]. */
export function previewModulation(
  b: GraphBuilder,
  parameters: ParameterSource,
  count: number,
  length: number,
): StyleModulation {
  const styles = mapping(b, parameters, b.input(STYLE_INPUTS.code, 'float32', [count, CODE_LENGTH]), length);
  return { styles: { coarse: styles, fine: styles } };
}
