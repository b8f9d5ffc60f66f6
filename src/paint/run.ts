import { GraphSession, type Tensors } from '../engine/threads/graph-session.js';
import type { LossNetwork } from '../losses/networks/network.js';
import { Random } from '../nets/parameters/random.js';
import type { StyleTarget } from '../quality/style/target.js';
import { contentModel, contentName } from './optimize/objective.js';
import { OPTIMIZER_FACTORIES, type Optimizer } from './optimize/optimizer.js';
import { grey } from './pictures/colors.js';
import type { Level } from './pictures/levels.js';
import { onCanvas, type PaintCanvas } from './pictures/pictures.js';
import { type BytePicture, enlarged, noisy, type PlanarPicture } from './pictures/pixels.js';
import { PaintingPace, type PaintLosses } from './progress.js';
import type { PaintSources } from './resume.js';
import type { PaintOptions, PaintSettings } from './settings.js';
import { type PaintState, previewFile, saveState } from './state.js';

/** Everything that the functions of a painting share. */
export interface PaintContext {
  readonly options: PaintOptions;
  readonly settings: PaintSettings;
  readonly sources: PaintSources;
  readonly threads: number;
  readonly network: LossNetwork;
  readonly canvas: PaintCanvas;
  readonly levels: readonly Level[];
  readonly target: StyleTarget;
  /** The picture to start from, of the canvas's size; noise where absent. */
  readonly init: BytePicture | undefined;
  readonly folder: string;
  /** Writes a preview and returns its path. */
  readonly preview: (picture: PlanarPicture, path: string) => Promise<string>;
}

/** The result of one painting. */
export interface PaintedPicture {
  readonly picture: PlanarPicture;
  readonly losses: PaintLosses;
  readonly steps: number;
  readonly interrupted: boolean;
}

/** Standard deviation of the noise added to the initial picture, from which strokes grow in flat areas. */
const SEED_NOISE = 0.08;
/** Standard deviation of the initial noise around mid-grey. */
const NOISE = 0.2;
const PREVIEW_EVERY = 25;

/** Paints one picture from coarse to fine, from the beginning or from a state; stops early when aborted. */
export async function paintOne(
  context: PaintContext,
  run: number,
  resumed: PaintState | undefined,
): Promise<PaintedPicture> {
  const { options, settings, sources, levels } = context;
  const every = options.previewEvery ?? PREVIEW_EVERY;
  const pace = new PaintingPace(resumed?.spent);
  const steps = settings.steps;
  let step = levels.slice(0, resumed?.level ?? 0).reduce((sum, level) => sum + level.steps, resumed?.done ?? 0);
  let picture = resumed?.picture ?? (await initialPicture(context, run));
  let losses: PaintLosses = {};
  const keep = (level: number, done: number, now: PlanarPicture) =>
    saveState(context.folder, { settings, sources, run, level, done, spent: pace.spent, picture: now });
  if (resumed === undefined) await keep(0, 0, picture);
  for (const [index, level] of levels.entries()) {
    if (index < (resumed?.level ?? 0)) continue;
    picture = await enlarged(picture, level.width / picture.width);
    const before = resumed?.level === index ? resumed.done : 0;
    const optimizer = await openLevel(context, level, picture, before);
    try {
      pace.resume();
      for (let done = before; done < level.steps && !optimizer.ended && !options.signal?.aborted; ) {
        losses = await optimizer.step();
        done += 1;
        step += 1;
        pace.tick(level);
        let preview: string | undefined;
        if (step % every === 0 && step < steps) {
          const now = await optimizer.picture();
          preview = await context.preview(now, previewFile(context.folder));
          await keep(index, done, now);
          pace.resume();
        }
        const left = (level.steps - done) * level.width * level.height + pixelsOf(levels.slice(index + 1));
        const others = (settings.seeds - run - 1) * pixelsOf(levels);
        const { width, height } = level;
        const place = { run: run + 1, runs: settings.seeds, step, steps, width, height };
        const secondsLeft = pace.secondsFor(left + others);
        options.onProgress?.({ ...place, losses, secondsLeft, ...(preview === undefined ? {} : { preview }) });
        if (options.signal?.aborted) {
          const now = await optimizer.picture();
          await keep(index, done, now);
        }
      }
      picture = await optimizer.picture();
    } finally {
      await optimizer.close();
    }
    if (options.signal?.aborted) break;
  }
  picture = await enlarged(picture, levels.at(-1)!.width / picture.width);
  return { picture, losses, steps: step, interrupted: options.signal?.aborted === true && step < steps };
}

async function initialPicture({ settings, levels, canvas, init }: PaintContext, run: number): Promise<PlanarPicture> {
  const first = levels[0]!;
  const random = new Random(settings.seed + run, 11);
  if (init !== undefined) return noisy(tone(settings, await onCanvas(init, canvas, first)), SEED_NOISE, random);
  const { width, height } = first;
  return noisy({ data: new Float32Array(width * height * 3).fill(0.5), width, height }, NOISE, random);
}

/** Opens the optimizer of a level with its objective. */
async function openLevel(context: PaintContext, level: Level, start: PlanarPicture, done: number): Promise<Optimizer> {
  const { settings, network, canvas, threads, target } = context;
  const photograph = tone(settings, await onCanvas(canvas.still.frame as BytePicture, canvas, level));
  const { width, height } = level;
  const features = await featuresOf(network, photograph, threads);
  const objective = { network, target: target.slice(level.halvings), width, height, weights: settings.weights };
  return OPTIMIZER_FACTORIES[settings.optimizer]({ objective, start, features, steps: level.steps - done, threads });
}

async function featuresOf(
  network: LossNetwork,
  { data, width, height }: PlanarPicture,
  threads: number,
): Promise<Tensors> {
  const session = await GraphSession.open(contentModel(network, width, height), { threads });
  try {
    const picture = { type: 'float32' as const, dims: [1, 3, height, width], data };
    return await session.run({ picture }, network.contentLayers.map(contentName));
  } finally {
    await session.close();
  }
}

function tone({ keepColors }: PaintSettings, picture: PlanarPicture): PlanarPicture {
  return keepColors === 'luminance' ? grey(picture) : picture;
}

function pixelsOf(levels: readonly Level[]): number {
  return levels.reduce((sum, { width, height, steps }) => sum + width * height * steps, 0);
}
