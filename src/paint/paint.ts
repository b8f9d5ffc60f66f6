import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { OutputFile } from '../media/files/output.js';
import { imageFormat, readImage, writeImage } from '../media/files/pictures/image.js';
import { type Diversity, diversityOf } from '../quality/diversity.js';
import { openLossNetwork } from '../quality/loss-network.js';
import { meanStyle } from '../quality/style/target.js';
import { checkMemory } from './optimize/memory.js';
import { grey, matchPalette, transferLuminance } from './pictures/colors.js';
import { levelsOf, multipleOf, scalesOf } from './pictures/levels.js';
import { offCanvas, type PaintCanvas, readCanvas, readStyle } from './pictures/pictures.js';
import { type BytePicture, bytesOf, enlarged, type PlanarPicture, planesOf } from './pictures/pixels.js';
import type { PaintLosses } from './progress.js';
import { checkSources, resumedSettings, sourcesOf } from './resume.js';
import { type PaintContext, paintOne } from './run.js';
import { defaultMemory, type PaintOptions, type PaintSettings, paintSettings } from './settings.js';
import { checkNoState, loadState, removeState, workFolder } from './state.js';

/** The result of painting. */
export interface PaintResult {
  /** The paintings' files; when stopped, the last one is called `name.partial.ext`. */
  readonly outputs: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Steps of the last painting. */
  readonly steps: number;
  /** Losses at the end of each painting. */
  readonly losses: readonly PaintLosses[];
  /** Diversity of paintings of several seeds. */
  readonly diversity?: Diversity;
  /** The loss network that pictures were compared with. */
  readonly lossNetwork: string;
  /** Wall time in seconds, of this run only. */
  readonly seconds: number;
  /** True when it was aborted; `resume` continues it. */
  readonly interrupted: boolean;
}

/** Enlargement of a style picture from which on its finest strokes are lost. */
const ENLARGED = 1.3;

/**
 * Paints a photograph by optimising the picture itself until its features match the photograph's and its textures
 * the style's (Gatys, Ecker and Bethge 2016), from coarse to fine. Slow, but of the best quality.
 *
 * @throws OptionError OPTION_VALUE, PAINT_MEMORY, OUTPUT_EXISTS, OUTPUT_FORMAT; MediaError MEDIA_NOT_FOUND,
 * IMAGE_UNREADABLE, OUTPUT_NO_FOLDER, MEDIA_DISK_FULL; TrainError TRAIN_WEIGHTS, TRAIN_SESSION, TRAIN_CHECKPOINT,
 * PAINT_DIVERGED, PAINT_EXISTS, PAINT_NO_STATE.
 */
export async function paintPicture(options: PaintOptions): Promise<PaintResult> {
  const began = performance.now();
  const folder = workFolder(options.output);
  imageFormat(options.output);
  const asked = paintSettings(options);
  const resumed = options.resume ? await loadState(folder) : undefined;
  if (!options.resume && !options.overwrite) await checkNoState(folder);
  const settings = resumed ? resumedSettings(options, resumed.settings, asked) : asked;
  const context = await setUp(options, settings, folder);
  if (resumed) checkSources(resumed.sources, context.sources);
  const { canvas } = context;
  const files = Array.from({ length: settings.seeds }, (_, run) => outputName(options.output, run, settings.seeds));
  const first = resumed?.run ?? 0;
  const inputs = [settings.content, ...settings.styles.map(({ picture }) => picture)];
  const outputs = files.slice(0, first);
  const losses: PaintLosses[] = [];
  let [steps, interrupted] = [0, false];
  // All outputs are checked before hours of work.
  const plans = await Promise.all(files.slice(first).map((file) => OutputFile.plan(file, inputs, options.overwrite)));
  try {
    await mkdir(folder, { recursive: true });
    for (let run = first; run < settings.seeds && !interrupted; run++) {
      const painted = await paintOne(context, run, run === first ? resumed : undefined);
      ({ steps, interrupted } = painted);
      if (steps === 0) break;
      const file = plans[run - first]!;
      await writeImage(frameOf(await finished(painted.picture, settings, canvas)), file.partial, canvas.still);
      outputs.push(interrupted ? file.keep() : await file.commit());
      losses.push(painted.losses);
    }
  } finally {
    for (const plan of plans) await plan.discard();
  }
  if (!interrupted) await removeState(folder);
  const several = settings.seeds > 1 && !interrupted;
  const { network, threads } = context;
  const diversity = several ? await diversityOf(await Promise.all(outputs.map(pixelsOf)), network, threads) : undefined;
  const { width, height } = canvas;
  const seconds = (performance.now() - began) / 1000;
  const result = { outputs, width, height, steps, losses, lossNetwork: network.name, seconds, interrupted };
  return { ...result, ...(diversity === undefined ? {} : { diversity }) };
}

/** Reads everything that painting needs, and measures the style. */
async function setUp(options: PaintOptions, settings: PaintSettings, folder: string): Promise<PaintContext> {
  const { size, steps, styleScale, keepColors } = settings;
  const threads = options.threads ?? availableParallelism();
  const network = await openLossNetwork(options.lossNetwork);
  const scales = scalesOf(size);
  const canvas = await readCanvas(settings.content, size, scales);
  checkMemory(network, Math.min(canvas.width, canvas.height) / size, size, options.memory ?? defaultMemory());
  const photograph = planesOf(canvas.still.frame as BytePicture);
  const change = {
    luminance: (planes: PlanarPicture) => matchPalette(grey(planes), grey(photograph)),
    match: (planes: PlanarPicture) => matchPalette(planes, photograph),
  };
  const whole = settings.styles.reduce((sum, { weight }) => sum + weight, 0);
  const pictures = [];
  for (const { picture, weight } of settings.styles) {
    const style = await readStyle(picture, Math.round(size * styleScale), multipleOf(scales));
    if (style.enlarged > ENLARGED)
      options.onNote?.(
        `${picture} is enlarged ${style.enlarged.toFixed(1)} times: a larger picture has finer strokes.`,
      );
    const planes = keepColors ? change[keepColors](style.planes) : style.planes;
    pictures.push({ picture: bytesOf(planes), share: weight / whole });
  }
  if (options.lossNetwork === undefined) options.onNote?.(`comparing by ${network.name}`);
  const given = settings.init !== 'content' && settings.init !== 'noise' ? settings.init : undefined;
  const { width, height } = canvas;
  const start = given === undefined ? canvas.still.frame : (await readImage(given, { width, height })).frame;
  return {
    options,
    settings,
    sources: await sourcesOf(settings, network.name),
    threads,
    network,
    canvas,
    levels: levelsOf(canvas.painted.width, canvas.painted.height, scales, steps),
    target: await meanStyle(pictures, network, {
      layers: Array.from({ length: scales }, () => network.styleLayers),
      threads,
    }),
    init: settings.init === 'noise' ? undefined : (start as BytePicture),
    folder,
    preview: async (picture, path) => {
      await writeImage(frameOf(await finished(picture, settings, canvas)), path);
      return path;
    },
  };
}

/**
 * A picture at any of the sizes that it is painted at, as it is written: full size, cut to the canvas, with colours.
 */
async function finished(
  picture: PlanarPicture,
  { keepColors }: PaintSettings,
  canvas: PaintCanvas,
): Promise<BytePicture> {
  const whole = await enlarged(picture, canvas.painted.width / picture.width);
  const cut = await offCanvas(bytesOf(whole), canvas);
  if (keepColors !== 'luminance') return cut;
  return bytesOf(transferLuminance(planesOf(cut), planesOf(canvas.still.frame as BytePicture)));
}

/** `name.jpg`, or `name-1.jpg` and so on for several. */
function outputName(output: string, run: number, runs: number): string {
  if (runs === 1) return output;
  const extension = extname(output);
  return `${output.slice(0, output.length - extension.length)}-${run + 1}${extension}`;
}

function frameOf(bytes: BytePicture) {
  return { ...bytes, pts: { value: 0, timeBase: { num: 1, den: 1 } } };
}

async function pixelsOf(path: string): Promise<BytePicture> {
  return (await readImage(path)).frame as BytePicture;
}
