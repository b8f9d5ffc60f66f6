import type { LossNetwork } from '../losses/networks/network.js';
import { Random } from '../nets/parameters/random.js';
import type { StyleTarget } from '../train/data/style-picture.js';
import { type Tensors, TrainingSession } from '../train/session/session.js';
import { contentModel, contentName } from './optimize/objective.js';
import { OPENED, type Optimizer } from './optimize/optimizer.js';
import { grey } from './pictures/colors.js';
import type { Level } from './pictures/levels.js';
import { type Canvas, onCanvas } from './pictures/pictures.js';
import { type Bytes, enlarged, noisy, type Planes } from './pictures/pixels.js';
import { Pace, type PaintLosses } from './progress.js';
import type { PaintSources } from './resume.js';
import type { PaintOptions, PaintSettings } from './settings.js';
import { type PaintState, previewFile, saveState } from './state.js';

/** A painting with everything it needs at hand. */
export interface Easel {
  readonly options: PaintOptions;
  readonly settings: PaintSettings;
  readonly sources: PaintSources;
  readonly threads: number;
  readonly network: LossNetwork;
  readonly canvas: Canvas;
  readonly levels: readonly Level[];
  readonly target: StyleTarget;
  /** The picture to start from, of the canvas's size; noise where absent. */
  readonly init: Bytes | undefined;
  readonly folder: string;
  /** Writes a preview and returns its path. */
  readonly preview: (picture: Planes, path: string) => Promise<string>;
}

/** What one painting came to. */
export interface Painted {
  readonly picture: Planes;
  readonly losses: PaintLosses;
  readonly steps: number;
  readonly interrupted: boolean;
}

/** Deviation of the noise that a painting starts with: flat areas get something for strokes to grow from. */
const SEED_NOISE = 0.08;
/** Deviation of the noise around mid-grey that is started from instead of a picture. */
const NOISE = 0.2;
const PREVIEW_EVERY = 25;

/** Paints one picture from coarse to fine, from its start or from a state; stops early where the signal says so. */
export async function paintOne(easel: Easel, run: number, resumed: PaintState | undefined): Promise<Painted> {
  const { options, settings, sources, levels } = easel;
  const every = options.previewEvery ?? PREVIEW_EVERY;
  const pace = new Pace(resumed?.spent);
  const steps = settings.steps;
  let step = levels.slice(0, resumed?.level ?? 0).reduce((sum, level) => sum + level.steps, resumed?.done ?? 0);
  let picture = resumed?.picture ?? (await beginning(easel, run));
  let losses: PaintLosses = {};
  const keep = (level: number, done: number, now: Planes) =>
    saveState(easel.folder, { settings, sources, run, level, done, spent: pace.spent, picture: now });
  if (resumed === undefined) await keep(0, 0, picture);
  for (const [index, level] of levels.entries()) {
    if (index < (resumed?.level ?? 0)) continue;
    picture = await enlarged(picture, level.width / picture.width);
    const before = resumed?.level === index ? resumed.done : 0;
    const optimizer = await openLevel(easel, level, picture, before);
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
          preview = await easel.preview(now, previewFile(easel.folder));
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

async function beginning({ settings, levels, canvas, init }: Easel, run: number): Promise<Planes> {
  const first = levels[0]!;
  const random = new Random(settings.seed + run, 11);
  if (init !== undefined) return noisy(tone(settings, await onCanvas(init, canvas, first)), SEED_NOISE, random);
  const { width, height } = first;
  return noisy({ data: new Float32Array(width * height * 3).fill(0.5), width, height }, NOISE, random);
}

/** The optimizer of a level, and what it holds the picture against. */
async function openLevel(easel: Easel, level: Level, start: Planes, done: number): Promise<Optimizer> {
  const { settings, network, canvas, threads, target } = easel;
  const photograph = tone(settings, await onCanvas(canvas.still.frame as Bytes, canvas, level));
  const { width, height } = level;
  const features = await featuresOf(network, photograph, threads);
  const objective = { network, target: target.slice(level.halvings), width, height, weights: settings.weights };
  return OPENED[settings.optimizer]({ objective, start, features, steps: level.steps - done, threads });
}

async function featuresOf(network: LossNetwork, { data, width, height }: Planes, threads: number): Promise<Tensors> {
  const session = await TrainingSession.open(contentModel(network, width, height), { threads });
  try {
    const picture = { type: 'float32' as const, dims: [1, 3, height, width], data };
    return await session.run({ picture }, network.contentLayers.map(contentName));
  } finally {
    await session.close();
  }
}

function tone({ keepColors }: PaintSettings, picture: Planes): Planes {
  return keepColors === 'luminance' ? grey(picture) : picture;
}

function pixelsOf(levels: readonly Level[]): number {
  return levels.reduce((sum, { width, height, steps }) => sum + width * height * steps, 0);
}
