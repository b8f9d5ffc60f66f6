import { GraphSession } from '../../../engine/threads/graph-session.js';
import { GraphBuilder } from '../../../graph/builder.js';
import type { Palette } from '../../../losses/colour/palette.js';
import type { LossNetwork } from '../../../losses/networks/network.js';
import { pictureOf } from '../../../losses/terms/picture.js';
import { styleNameOf } from '../../../model/blend.js';
import { styleCode } from '../../../nets/style-code.js';
import { optionError } from '../../../options.js';
import { measureStyle, readPicture, STYLE_SIDE, type StylePicture } from '../../../quality/style/style-picture.js';
import type { StyleTarget } from '../../../quality/style/target.js';
import { withoutGrain } from '../../data/grain.js';
import { measurePalette } from '../../data/palette.js';

/** Largest number of styles of one network. */
export const MAX_STYLES = 32;

/** One of the styles that a network learns. */
export interface LearnedStyle {
  readonly name: string;
  readonly target: StyleTarget;
  readonly palette: Palette;
  /** The `styleCode` of its picture. */
  readonly code: Float32Array;
}

/**
 * Measures styles, one per picture, named after their files.
 *
 * @throws TrainError TRAIN_PICTURE; OptionError OPTION_VALUE when two have the same name.
 */
export async function learnedStyles(
  pictures: readonly string[],
  network: LossNetwork,
  options: { readonly scale: number; readonly threads: number },
): Promise<LearnedStyle[]> {
  const names = styleNames(pictures);
  const styles: LearnedStyle[] = [];
  for (const [i, picture] of pictures.entries())
    styles.push(await measureLearnedStyle(names[i]!, picture, network, options));
  return styles;
}

/** Measures one picture of a style. @throws TrainError TRAIN_PICTURE. */
export async function measureLearnedStyle(
  name: string,
  picture: StylePicture,
  network: LossNetwork,
  options: { readonly scale: number; readonly threads: number },
): Promise<LearnedStyle> {
  const target = await measureStyle([picture], network, {
    ...options,
    layers: network.objective.style,
    prepare: withoutGrain,
  });
  const palette = await measurePalette([picture]);
  return { name, target, palette, code: await measureCode(picture, options.threads) };
}

/**
 * Names of styles: those of their files, in lower case, with hyphens.
 *
 * @throws OptionError OPTION_VALUE when two have the same name, or one has none.
 */
export function styleNames(pictures: readonly string[]): string[] {
  const names = pictures.map(styleNameOf);
  const hint = 'Rename the picture files: each names a style.';
  const nameless = pictures[names.indexOf('')];
  if (nameless !== undefined)
    throw optionError('pictures', 'files whose names have letters from a to z, or digits', nameless, hint);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw optionError('pictures', 'a name of its own for each style', `"${twice}" again`, hint);
}

async function measureCode(file: StylePicture, threads: number): Promise<Float32Array> {
  const { data, width, height } = await readPicture(file, STYLE_SIDE, 8);
  const b = new GraphBuilder('style code');
  b.output('code', styleCode(b, pictureOf(b, b.input('picture', 'uint8', [1, height, width, 3]))));
  const session = await GraphSession.open(b.build(), { threads });
  try {
    const found = await session.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, ['code']);
    return found.code!.data as Float32Array;
  } finally {
    await session.close();
  }
}
