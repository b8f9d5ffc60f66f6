import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { GraphSession } from '../engine/threads/graph-session.js';
import { PresetError } from '../errors.js';
import { readModel } from '../graph/onnx/read.js';
import { readImage } from '../media/files/pictures/image.js';
import { styleNameOf, withStyle } from '../model/blend.js';
import { findStyle } from '../model/library/find.js';
import { listStyles } from '../model/library/list.js';
import type { NamedStyle } from '../model/manifest/types.js';
import { checksum, readFurther, readStyle, type Style } from '../model/style.js';

/** Longer side of a predictor's input, and multiple of both sides, as in training. */
const SIDE = 640;
const MULTIPLE = 8;

/**
 * A style picture, and the preset or folder that is to predict it, if named: `wave.jpg`, `painters:wave.jpg`. An
 * existing file of the whole name takes precedence.
 */
export function pictureNamed(nameOrPath: string): { preset: string | undefined; picture: string } | undefined {
  const [, preset, picture] = /^(?:(..+?):)?(.+\.(?:jpe?g|png|webp))$/i.exec(nameOrPath) ?? [];
  if (picture === undefined) return undefined;
  if (preset === undefined || existsSync(nameOrPath)) return { preset: undefined, picture: nameOrPath };
  return { preset, picture };
}

/**
 * The style of any picture, in a network with a predictor: its style vector is predicted from the picture (as in
 * Ghiasi 2017, arXiv 1705.06830). It is added to the styles of the network, under the name of the file.
 *
 * @throws PresetError `PRESET_ONE_STYLE` when the preset cannot, or none can where none is named; MediaError
 */
export async function predictedStyle(picture: string, preset?: string): Promise<Style> {
  const style = await (preset === undefined ? anyPainter(picture) : findStyle(preset));
  const found = await predictedVector(style, picture);
  const name = freeName(picture, new Set(style.manifest.modulation!.styles.map((each) => each.name)));
  return withStyle(style, { name, title: basename(picture), ...found });
}

/**
 * The style vector that a network predicts from a picture, in a thread of its own.
 *
 * @throws PresetError `PRESET_ONE_STYLE` when the network cannot; MediaError
 */
export async function predictedVector(
  { name, folder, manifest: { modulation } }: Style,
  picture: string,
): Promise<Pick<NamedStyle, 'vector' | 'sha256'>> {
  if (!modulation?.prediction || !folder) throw cannot(`${name} has no network that predicts styles`);
  const session = await GraphSession.open(readModel(await readFurther(folder, modulation.prediction)), { threads: 1 });
  try {
    const { data, width, height, sha256 } = await readForPredictor(picture);
    const found = await session.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, ['style']);
    return { vector: Array.from(found.style!.data as Float32Array), sha256 };
  } finally {
    await session.close();
  }
}

/**
 * The network that paints like any picture, of those that are installed.
 *
 * @param picture what it is for
 * @throws PresetError `PRESET_ONE_STYLE` where none can
 */
export async function anyPainter(picture: string): Promise<Style> {
  const { styles } = await listStyles();
  const found = styles.find(({ anyPicture }) => anyPicture);
  if (found) return readStyle(found.folder);
  throw cannot(`No preset can paint like ${picture}`);
}

/** The picture at the size of a predictor's input. */
async function readForPredictor(picture: string) {
  const { frame, source } = await readImage(picture);
  const { width, height } = frame;
  const share = SIDE / Math.max(width, height);
  const fitted = (side: number) => Math.max(SIDE / 10, Math.round((side * share) / MULTIPLE) * MULTIPLE);
  const fittedTo = { width: fitted(width), height: fitted(height) };
  return { ...(await readImage(picture, fittedTo)).frame, sha256: checksum(source) };
}

function freeName(picture: string, taken: ReadonlySet<string>): string {
  const name = styleNameOf(picture) || 'picture';
  return taken.has(name) ? `${name}-picture` : name;
}

function cannot(what: string): PresetError {
  return new PresetError('PRESET_ONE_STYLE', `${what}; expected one that can paint like any picture.`, {
    hint: 'Train one with --method modulated --any, or train a preset on the picture itself.',
  });
}
