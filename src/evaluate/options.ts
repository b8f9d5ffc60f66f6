import type { Device } from '../engine/open.js';
import { DEVICES } from '../engine/open.js';
import { MOST_THREADS } from '../engine/threads/most-threads.js';
import { OptionError } from '../errors.js';
import type { Style } from '../model/style.js';
import { optionError } from '../options.js';
import type { EvaluationProgress } from './progress.js';

/** A folder of paintings made elsewhere, to be compared with styles. */
export interface GivenPaintings {
  /** Name in the figures; default: the name of the folder. */
  readonly name?: string;
  /** A folder of pictures that are named as the photographs are: `castle.png` was painted from `castle.jpg`. */
  readonly folder: string;
  /** The picture of their style. */
  readonly stylePicture?: string;
}

/** Options of `evaluateStyles`. */
export interface EvaluateOptions {
  /** Names, folders, `.onnx` files, or styles already opened. */
  readonly styles: readonly (string | Style)[];
  /** Video files; default without photographs: the samples that come with stylecast. */
  readonly clips?: readonly string[];
  /** A folder of photographs; default: the first frames of the clips. */
  readonly photos?: string;
  /** Most photographs used, spread evenly by name; default 12. */
  readonly most?: number;
  /**
   * Pictures of the styles, and folders of such. One is taken for all styles; several are matched to the styles by the
   * SHA-256 in their manifests, or else by their order.
   */
  readonly stylePictures?: readonly string[];
  /** Folders of paintings made elsewhere, of the photographs: to be compared with the styles. */
  readonly paintings?: readonly GivenPaintings[];
  /** Look for the faces of the sources in the paintings; needs the package `@vladmandic/face-api`. */
  readonly faces?: boolean;
  /** A folder of pictures (a body of work) with which results are compared as a whole. */
  readonly domain?: string;
  /** VGG-19 weights as for training. */
  readonly lossNetwork?: string;
  /** A folder with known motion: `<clip>.flo` for every pair of frames, or `<clip>/*.flo`, one a pair. */
  readonly flow?: string;
  /** Frames of each clip, from its beginning; default 24. */
  readonly frames?: number;
  /** Height in pixels that larger clips and photographs are scaled down to; default 360. */
  readonly height?: number;
  /** Align the sampling grid with camera motion and filter over time, as for files; default: true. */
  readonly steady?: boolean;
  /** Denoise clips and the still scene first, as for files; default: false. */
  readonly denoise?: boolean;
  /** Keep pictures for a report. */
  readonly pictures?: boolean;
  readonly device?: Device;
  readonly threads?: number;
  /** Aborting ends the work before the next frame. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
  readonly onNote?: (note: string) => void;
}

/**
 * Validates options once, at the entry.
 *
 * @throws OptionError `OPTION_VALUE` naming the option, what was expected and what it got.
 */
export function checkEvaluateOptions({
  styles,
  frames = 24,
  height = 360,
  most = 12,
  threads = 1,
  device,
  clips,
  photos,
  paintings = [],
}: EvaluateOptions) {
  if (clips?.length === 0) throw optionError('clips', 'at least one clip', 'none');
  if (styles.length + paintings.length === 0) throw optionError('styles', 'at least one style', 'none');
  if (paintings.length > 0) checkPaintings(paintings, photos, clips);
  whole('frames', frames, 2, 10_000);
  whole('height', height, 64, 4320);
  whole('most', most, 1, 10_000);
  whole('threads', threads, 1, MOST_THREADS);
  if (device !== undefined && !DEVICES.includes(device))
    throw optionError('device', `one of ${DEVICES.join(', ')}`, device);
  return { frames, height, most };
}

/** Paintings are compared on the photographs that they were made from, and on nothing else: means of others would differ. */
function checkPaintings(
  paintings: readonly GivenPaintings[],
  photos: string | undefined,
  clips: readonly string[] | undefined,
): void {
  const { folder } = paintings[0]!;
  if (photos === undefined) {
    throw new OptionError('EVAL_PAINTINGS', `The paintings ${folder} are given without photographs; expected both.`, {
      hint: 'Name the folder of photographs that they were made from with --photos, or, to judge single pictures, their sources with --sources.',
    });
  }
  if (clips) {
    throw new OptionError('EVAL_PAINTINGS', `Clips and the paintings ${folder} are given; expected one of them.`, {
      hint: 'Compare with paintings on photographs alone.',
    });
  }
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw optionError(name, `a whole number from ${least} to ${most}`, String(value));
}
