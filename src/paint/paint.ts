import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { imageFormat, readImage, writeImage } from '../media/files/image.js';
import { OutputFile } from '../media/files/output.js';
import { openLossNetwork } from '../train/data/loss-network.js';
import { type Diversity, diversityOf } from './diversity.js';
import { expectRoom } from './optimize/memory.js';
import { grey, inPaletteOf, withColours } from './pictures/colors.js';
import { levelsOf, multipleOf, scalesOf } from './pictures/levels.js';
import { type Canvas, offCanvas, readCanvas, readStyle } from './pictures/pictures.js';
import { type Bytes, bytesOf, enlarged, type Planes, planesOf } from './pictures/pixels.js';
import type { PaintLosses } from './progress.js';
import { checkSources, goingOn, sourcesOf } from './resume.js';
import { type Easel, paintOne } from './run.js';
import { type PaintOptions, type PaintSettings, paintSettings, usualMemory } from './settings.js';
import { expectNoState, loadState, removeState, workFolder } from './state.js';
import { blendedStyle } from './style.js';

/** What came of painting. */
export interface PaintResult {
  /** The paintings' files; when stopped, the last one is called `name.partial.ext`. */
  readonly outputs: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Steps of the last painting. */
  readonly steps: number;
  /** Losses at the end of each painting. */
  readonly losses: readonly PaintLosses[];
  /** How different paintings of several seeds are. */
  readonly diversity?: Diversity;
  /** The loss network that pictures were compared with. */
  readonly lossNetwork: string;
  /** Wall time in seconds, of this run only. */
  readonly seconds: number;
  /** True when it was stopped by its signal: `resume` goes on. */
  readonly interrupted: boolean;
}

/** A style picture that is enlarged by more than this has lost its finest strokes. */
const ENLARGED = 1.3;

/**
 * Paints a photograph by changing the picture itself until its features are the photograph's and its textures the
 * style's (Gatys, Ecker and Bethge 2016), from coarse to fine. Slow, and as good as a style can be.
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
  if (!options.resume && !options.overwrite) await expectNoState(folder);
  const settings = resumed ? goingOn(options, resumed.settings, asked) : asked;
  const easel = await setUp(options, settings, folder);
  if (resumed) checkSources(resumed.sources, easel.sources);
  const { canvas } = easel;
  const files = Array.from({ length: settings.seeds }, (_, run) => outputName(options.output, run, settings.seeds));
  const first = resumed?.run ?? 0;
  const inputs = [settings.content, ...settings.styles.map(({ picture }) => picture)];
  const outputs = files.slice(0, first);
  const losses: PaintLosses[] = [];
  let [steps, interrupted] = [0, false];
  // All names are checked before the first hour of work.
  const plans = await Promise.all(files.slice(first).map((file) => OutputFile.plan(file, inputs, options.overwrite)));
  try {
    await mkdir(folder, { recursive: true });
    for (let run = first; run < settings.seeds && !interrupted; run++) {
      const painted = await paintOne(easel, run, run === first ? resumed : undefined);
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
  const { network, threads } = easel;
  const diversity = several ? await diversityOf(await Promise.all(outputs.map(pixelsOf)), network, threads) : undefined;
  const { width, height } = canvas;
  const seconds = (performance.now() - began) / 1000;
  const result = { outputs, width, height, steps, losses, lossNetwork: network.name, seconds, interrupted };
  return { ...result, ...(diversity === undefined ? {} : { diversity }) };
}

/** Reads everything that painting needs, and measures the style. */
async function setUp(options: PaintOptions, settings: PaintSettings, folder: string): Promise<Easel> {
  const { size, steps, styleScale, keepColors } = settings;
  const threads = options.threads ?? availableParallelism();
  const network = await openLossNetwork(options.lossNetwork);
  const scales = scalesOf(size);
  const canvas = await readCanvas(settings.content, size, scales);
  expectRoom(network, Math.min(canvas.width, canvas.height) / size, size, options.memory ?? usualMemory());
  const photograph = planesOf(canvas.still.frame as Bytes);
  const change = {
    luminance: (planes: Planes) => inPaletteOf(grey(planes), grey(photograph)),
    match: (planes: Planes) => inPaletteOf(planes, photograph),
  };
  const pictures = [];
  for (const { picture, weight } of settings.styles) {
    const style = await readStyle(picture, Math.round(size * styleScale), multipleOf(scales));
    if (style.enlarged > ENLARGED)
      options.onNote?.(
        `${picture} is enlarged ${style.enlarged.toFixed(1)} times: a larger picture has finer strokes.`,
      );
    pictures.push({ planes: keepColors ? change[keepColors](style.planes) : style.planes, weight });
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
    target: await blendedStyle(pictures, network, { scales, threads }),
    init: settings.init === 'noise' ? undefined : (start as Bytes),
    folder,
    preview: async (picture, path) => {
      await writeImage(frameOf(await finished(picture, settings, canvas)), path);
      return path;
    },
  };
}

/** A picture at any of the sizes that it is painted at, as it is written: full size, cut to the canvas, with colours. */
async function finished(picture: Planes, { keepColors }: PaintSettings, canvas: Canvas): Promise<Bytes> {
  const whole = await enlarged(picture, canvas.painted.width / picture.width);
  const cut = await offCanvas(bytesOf(whole), canvas);
  if (keepColors !== 'luminance') return cut;
  return bytesOf(withColours(planesOf(cut), planesOf(canvas.still.frame as Bytes)));
}

/** `name.jpg`, or `name-1.jpg` and so on for several. */
function outputName(output: string, run: number, runs: number): string {
  if (runs === 1) return output;
  const extension = extname(output);
  return `${output.slice(0, output.length - extension.length)}-${run + 1}${extension}`;
}

function frameOf(bytes: Bytes) {
  return { ...bytes, pts: { value: 0, timeBase: { num: 1, den: 1 } } };
}

async function pixelsOf(path: string): Promise<Bytes> {
  return (await readImage(path)).frame as Bytes;
}
