import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { OptionError } from '../errors.js';
import type { Frame } from '../frame.js';
import { readImage } from '../media/files/pictures/image.js';
import { type Diversity, diversityOf } from '../quality/diversity.js';
import { openLossNetwork } from '../quality/loss-network.js';
import { PictureComparison, type PictureMeasurement } from './measures/comparison.js';
import { lossNetworkNotes } from './notes.js';
import { measurementColumns, withoutEmpty } from './report/table.js';
import { readScaled } from './sources/scenes.js';

/** Options of `judgePaintings`. */
export interface JudgeOptions {
  readonly paintings: readonly string[];
  /** Source photographs: one for all, or one for each. */
  readonly sources: readonly string[];
  /** Pictures of styles to compare with. */
  readonly stylePictures?: readonly string[];
  /** VGG-19 weights as for training. */
  readonly lossNetwork?: string;
  /**
   * Height in pixels that larger photographs are scaled down to; default 360. Paintings are scaled to the same size.
   */
  readonly height?: number;
  readonly threads?: number;
  /** Look for the faces of the photographs in the paintings; needs the package `@vladmandic/face-api`. */
  readonly faces?: boolean;
  /** Aborting ends the work before the next painting. */
  readonly signal?: AbortSignal;
  readonly onNote?: (note: string) => void;
}

/** Measurements of one painting, defined as those of styles. */
export interface JudgedPainting extends PictureMeasurement {
  readonly file: string;
}

/** The result of judging paintings. */
export interface JudgedPaintings {
  /** Name of the loss network. */
  readonly lossNetwork: string;
  readonly stylePictures: readonly string[];
  readonly paintings: readonly JudgedPainting[];
  /** Diversity of several paintings of one photograph. */
  readonly diversity?: Diversity;
}

/**
 * Measures finished paintings, of any origin, against their source photographs.
 *
 * @throws OptionError `EVAL_PAIRS`; MediaError as `readImage`, `EVAL_TOO_SMALL`; EngineError `EVAL_FACES`; TrainError `TRAIN_WEIGHTS`,
 * `TRAIN_PICTURE`; the signal's reason.
 */
export async function judgePaintings(options: JudgeOptions): Promise<JudgedPaintings> {
  const { paintings: files, sources, stylePictures = [], height = 360, threads = availableParallelism() } = options;
  if (files.length === 0 || (sources.length !== 1 && sources.length !== files.length)) {
    throw new OptionError(
      'EVAL_PAIRS',
      `${files.length} paintings and ${sources.length} sources are given; expected one source for all, or one each.`,
      { hint: 'Name what was painted with --sources, in the order of --paintings.' },
    );
  }
  const network = await openLossNetwork(options.lossNetwork);
  const photographs: Frame[] = [];
  for (const source of sources) photographs.push(await readScaled(source, height));
  for (const note of lossNetworkNotes(network)) options.onNote?.(note);
  const comparison = await PictureComparison.open(network, {
    pictures: stylePictures,
    threads,
    faces: options.faces ?? false,
  });
  const frames: Frame[] = [];
  const paintings: JudgedPainting[] = [];
  try {
    for (const [at, file] of files.entries()) {
      options.signal?.throwIfAborted();
      const source = photographs[at] ?? photographs[0]!;
      const { frame } = await readImage(file, { width: source.width, height: source.height });
      paintings.push({ file, ...(await comparison.compare(frame, source)) });
      frames.push(frame);
    }
  } finally {
    await comparison.close();
  }
  const diversity = sources.length === 1 && frames.length > 1 ? await diversityOf(frames, network, threads) : undefined;
  return { lossNetwork: network.name, stylePictures, paintings, ...(diversity ? { diversity } : {}) };
}

/** Judged paintings as rows of text, with a header row. Figures that none of them has are left out. */
export function paintingRows({ paintings, stylePictures }: JudgedPaintings): string[][] {
  const only = stylePictures.length === 1;
  const heads = only ? ['distance'] : stylePictures.map((file) => basename(file));
  return withoutEmpty(
    'painting',
    paintings.map(({ file, styles, strokes, crispness, ...figures }) => {
      // With several style pictures the own one is not known.
      const own = only
        ? { strokes: strokes[0], crispness: crispness[0] }
        : { strokes: undefined, crispness: undefined };
      const distances = heads.map((head, at) => ({ head, value: styles[at]!.toFixed(3) }));
      return { name: basename(file), columns: [...distances, ...measurementColumns({ ...figures, ...own })] };
    }),
  );
}
