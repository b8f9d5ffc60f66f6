import { availableParallelism, totalmem } from 'node:os';
import { EngineError } from '../errors.js';
import type { Size } from '../frame.js';
import { writeModel } from '../graph/onnx/write.js';
import type { Model } from '../graph/types.js';
import type { Manifest } from '../model/manifest/types.js';
import type { Style } from '../model/style.js';
import { analyze, checkMemory, megabytes } from './analysis/analyze.js';
import { resolveShapes } from './analysis/inspect.js';
import { STATE } from './analysis/recurrent-state.js';
import { splitStatistics } from './analysis/statistics.js';
import type { StyleSpec } from './painter/protocol.js';
import type { Device } from './runtime/devices.js';
import { shapesOf } from './runtime/shapes.js';
import type { DeviceJob } from './select/choose.js';
import { activeNoiseInput } from './wrap/noise.js';
import { paddedCanvas } from './wrap/sampling-grid.js';
import { planTiles, type TilePlan } from './wrap/tiles.js';
import { wrapNetwork, wrapStatistics } from './wrap/wrap.js';

/** Options of `openPainter`. */
export interface EngineOptions {
  /** 0 gives the original picture, 1 (default) the full style. */
  readonly strength?: number;
  /** Keep the colours of the original and take only the luminance from the style. */
  readonly keepColors?: boolean;
  /**
   * How much of the source's fine detail of light is put on the painting, such as eyes and letters, 0 to 1; default: what
   * the style's manifest says.
   */
  readonly detail?: number;
  /**
   * Size of the strokes, from 0.5 to 4 (default: 1): the network works at the picture's size divided by it. A smaller
   * painting is enlarged, with the fine detail of the source; pictures are then never cut into tiles.
   */
  readonly strokeScale?: number;
  /** Put the original to the left of the result: twice as wide. */
  readonly compare?: boolean;
  /** Default `auto`. */
  readonly device?: Device;
  /** Time limit for probing a device in seconds, after which it is left out; default: 20. */
  readonly deviceLimit?: number;
  /** CPU threads; default: all. */
  readonly threads?: number;
  /**
   * Limit of the network's intermediate results in bytes; default: a quarter of the machine's memory, at most 2 GiB.
   */
  readonly memory?: number;
  /** `throughput` (default) paints several pictures at once, `latency` one as fast as it can. */
  readonly mode?: 'throughput' | 'latency';
  /** The pictures are successive frames: align the network's sampling grid with camera motion and filter over time. */
  readonly steady?: boolean;
  /** Number of pictures, if known: for a few, devices are not worth measuring. */
  readonly pictures?: number | undefined;
}

/** Options of `prepare`. */
export interface PrepareOptions extends EngineOptions {
  /**
   * For live pictures: the size that the network works at. It is never cut into tiles, computes in single precision,
   * and its look is an input.
   */
  readonly working?: Size;
}

/** Rough speed of a CPU core in such networks, in 10⁹ multiply-accumulate operations per second. */
const GMACS_PER_CORE = 40;

/**
 * Prepares everything for a painter except the device.
 *
 * @throws EngineError, GraphError as `openPainter` does
 */
export async function prepare(style: Style, picture: Size, options: PrepareOptions) {
  const { strength = 1, keepColors = false, detail, compare = false, mode = 'throughput', working } = options;
  const { manifest } = style;
  const { input } = manifest;
  const size = working ?? scaled(picture, options.strokeScale ?? 1);
  const resized = size.width !== picture.width || size.height !== picture.height;
  const { network, facts, seen, states } = await analyze(style, size);
  const threads = Math.max(1, options.threads ?? availableParallelism());
  const memory = options.memory ?? (working ? totalmem() : Math.min(2 ** 31, totalmem() / 4));
  const notes: string[] = [];

  const multiple = commonMultiple(input.multiple, facts.stride);
  const perPixel = facts.peakBytes / (seen.width * seen.height);
  const plan =
    facts.peakBytes > memory && !input.size && states.length === 0 && !working && !resized
      ? planTiles(picture, { multiple, reach: facts.reach, pixels: memory / perPixel })
      : undefined;
  const canvas = options.steady && !plan && states.length === 0 ? paddedCanvas(size, input, facts.stride) : undefined;
  const peak = plan ? perPixel * plan.tile.width * plan.tile.height : facts.peakBytes;
  checkMemory(peak, working ? 0 : memory, plan ? 'tile' : 'picture');
  if ((working || resized) && peak > memory) throw memoryError(peak, memory, size);
  const fitting = Math.max(1, Math.floor(memory / peak));
  const look = working ? 'input' : { strength, keepColors, detail };
  const wrapping = { picture, working: size, canvas, states, look, tiles: plan } as const;

  const cut = plan && (await splitForTiles(network, manifest, picture, plan));
  if (plan) notes.push(`Each frame is painted in ${plan.tiles.length} tiles to stay within ${megabytes(memory)}.`);
  const paint = wrapNetwork(cut?.painting ?? network, manifest, { ...wrapping, statistics: cut?.dims });
  const noise = plan || canvas ? activeNoiseInput(manifest) : undefined;
  const models = { paint: writeModel(paint), measuring: cut && writeModel(cut.measuring) };
  const job: DeviceJob = {
    model: style.model,
    how: { picture, working: working ?? (resized ? size : undefined), mode, tile: plan?.tile, canvas },
    threads,
    half: states.length === 0 && !working,
    // Networks with recurrent state paint one picture after the other.
    maxSessions: mode === 'latency' || states.length > 0 ? 1 : Math.min(threads, fitting),
    seconds: (options.pictures ?? Number.POSITIVE_INFINITY) * (facts.gmac / (GMACS_PER_CORE * threads)),
    spec: (runs, threads): StyleSpec => {
      const session = (model: Uint8Array) => ({ model, ...runs, threads });
      return {
        paint: {
          ...session(models.paint),
          ...(states.length > 0 ? { keep: states.map((_, n) => STATE.after(n)) } : {}),
        },
        ...(states.length > 0 ? { states } : {}),
        ...(models.measuring ? { statistics: session(models.measuring) } : {}),
        ...(plan ? { tiles: plan } : {}),
        ...(canvas ? { canvas: { ...canvas, working: size } } : {}),
        ...(noise ? { noise: { rows: noise.dims[1]!, columns: noise.dims[2]!, stride: facts.stride } } : {}),
        ...(working ? { look: manifest } : {}),
        compare,
        // Networks with recurrent state are stable by themselves.
        steady: (options.steady ?? false) && states.length === 0,
        ...picture,
      };
    },
  };
  return { job, facts, tiles: plan?.tiles.length ?? 1, steady: canvas !== undefined, notes };
}

/** The size to work at for strokes `scale` times as large. */
function scaled(picture: Size, scale: number): Size {
  if (scale === 1) return picture;
  const side = (pixels: number) => Math.max(1, Math.round(pixels / scale));
  return { width: side(picture.width), height: side(picture.height) };
}

/**
 * For networks that normalise over the whole picture: one graph that computes the statistics from a thumbnail, one that
 * paints a tile.
 */
async function splitForTiles(network: Model, manifest: Manifest, picture: Size, plan: TilePlan) {
  const split = splitStatistics(network, manifest.input.layout === 'nchw');
  if (!split) return undefined;
  const scale = Math.sqrt((plan.tile.width * plan.tile.height) / (picture.width * picture.height));
  const small = { width: Math.floor(picture.width * scale), height: Math.floor(picture.height * scale) };
  const { multiple } = manifest.input;
  const down = (value: number) => Math.max(multiple, Math.floor(value / multiple) * multiple);
  const thumbnail = { width: down(small.width), height: down(small.height) };
  const shapes = shapesOf((await resolveShapes(split.measuring, manifest, thumbnail)).graph);
  const dims = new Map(split.names.map((name) => [name, shapes.get(name) ?? []]));
  return {
    painting: split.painting,
    dims,
    measuring: wrapStatistics(split.measuring, manifest, picture, thumbnail, dims),
  };
}

function memoryError(peak: number, memory: number, { width, height }: Size): EngineError {
  const needed = `${megabytes(peak)} for a picture of ${width}x${height}`;
  return new EngineError('ENGINE_MEMORY', `The network needs ${needed}; expected at most ${megabytes(memory)}.`, {
    hint: 'Try a smaller --height, or more --memory.',
  });
}

function commonMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}
