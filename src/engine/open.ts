import { availableParallelism, totalmem } from 'node:os';
import { EngineError, messageOf } from '../errors.js';
import type { Size } from '../frame.js';
import { writeModel } from '../graph/onnx/write.js';
import type { Model } from '../graph/types.js';
import type { Manifest } from '../model/manifest/types.js';
import type { Style } from '../model/style.js';
import { checkMemory, examine, megabytes } from './analysis/analyze.js';
import { type NetworkFacts, resolveShapes } from './analysis/inspect.js';
import { STATE } from './analysis/recurrent-state.js';
import { splitStatistics } from './analysis/statistics.js';
import { Painter } from './painter/painter.js';
import type { WorkerSpec } from './painter/protocol.js';
import { DEVICE_TABLE, type Device, type RealDevice } from './runtime/devices.js';
import { shapesOf } from './runtime/shapes.js';
import { type Choice, chooseDevice, type DeviceJob, hintFor } from './select/choose.js';
import { canvasFor } from './wrap/grid.js';
import { noiseAsked } from './wrap/noise.js';
import { axesOf } from './wrap/picture-nodes.js';
import { planTiles, type TilePlan } from './wrap/tiles.js';
import { wrapNetwork, wrapStatistics } from './wrap/wrap.js';

export type { Device, RealDevice } from './runtime/devices.js';
export { DEVICES } from './runtime/devices.js';

/** How a style is to be run. */
export interface EngineOptions {
  /** 0 gives the original picture, 1 (default) the full style. */
  readonly strength?: number;
  /** Keep the colours of the original and take only the luminance from the style. */
  readonly keepColors?: boolean;
  /** Put the original to the left of the result: twice as wide. */
  readonly compare?: boolean;
  /** Default `auto`. */
  readonly device?: Device;
  /** Seconds that a device may take to prove itself, before it is left out; default: 20. */
  readonly deviceLimit?: number;
  /** CPU threads; default: all. */
  readonly threads?: number;
  /** Bytes that the network's intermediate results may take; default: a quarter of the machine, at most 2 GiB. */
  readonly memory?: number;
  /** `throughput` (default) paints several pictures at once, `latency` one as fast as it can. */
  readonly aim?: 'throughput' | 'latency';
  /** The pictures follow each other: the network's sampling grid moves with the camera, and what is painted settles. */
  readonly steady?: boolean;
  /** How many pictures will come, where that is known: for a few, devices are not worth measuring. */
  readonly pictures?: number | undefined;
}

/** A painter, and what the user may want to know of it. */
export interface OpenedPainter {
  readonly painter: Painter;
  readonly facts: NetworkFacts;
  /** Number of tiles that each picture is cut into. */
  readonly tiles: number;
  /** Whether the network's sampling grid follows the camera. */
  readonly steady: boolean;
  /** Where the network runs. */
  readonly device: RealDevice;
  readonly notes: readonly string[];
}

/**
 * Prepares a style for pictures of one size.
 *
 * @throws OptionError `DEVICE_UNKNOWN`; EngineError `ENGINE_NETWORK` when the network cannot run, `ENGINE_INPUT` and
 * `ENGINE_OUTPUT` when it does not do what its manifest says, `ENGINE_MEMORY` when it needs more than there is,
 * `ENGINE_DEVICE` when the device does not work, `ENGINE_STATE` when what it remembers cannot be kept; GraphError when the file is
 * no ONNX model
 */
export async function openPainter(style: Style, picture: Size, options: EngineOptions = {}): Promise<OpenedPainter> {
  const { job, facts, tiles, steady, notes } = await prepare(style, picture, options);
  const asked = options.device ?? 'auto';
  const choice = await chooseDevice(asked, job, probing(options));
  try {
    const painter = await openOn(choice, job);
    return {
      painter,
      facts,
      tiles,
      steady,
      device: choice.device,
      notes: [...notes, ...choice.notes, ...lacks(choice, painter)],
    };
  } catch (cause) {
    if (choice.device === 'cpu') throw cause;
    const reason = messageOf(cause).replace(/^The network cannot run: /, '');
    const message = `The device ${choice.device} does not work here: ${reason}`;
    const hint = hintFor(choice.device);
    if (asked !== 'auto' && asked !== 'gpu') throw new EngineError('ENGINE_DEVICE', message, { hint, cause });
    // It worked when it was measured; the driver may have changed since.
    const device = 'cpu';
    const painter = await openOn({ device, sessions: job.most, half: false }, job);
    return { painter, facts, tiles, steady, device, notes: [...notes, `${message}. The CPU paints. ${hint}`] };
  }
}

function openOn({ device, sessions, half }: Omit<Choice, 'notes'>, job: DeviceJob): Promise<Painter> {
  const { engine, provider } = DEVICE_TABLE[device];
  return Painter.open(job.spec({ engine, provider, half }, Math.max(1, Math.floor(job.threads / sessions))), sessions);
}

const lacks = ({ device }: Choice, { mixed }: Painter) =>
  mixed ? [`${device} lacks parts of this network: they run on the CPU.`] : [];

/**
 * Chooses where a style is to run on pictures of one size, as `openPainter` does but in single precision: for painters
 * of another kind.
 *
 * @throws as `openPainter` does
 */
export async function pickDevice(style: Style, picture: Size, options: EngineOptions = {}): Promise<Choice> {
  const { job } = await prepare(style, picture, options);
  return chooseDevice(options.device ?? 'auto', { ...job, half: false }, probing(options));
}

const probing = ({ deviceLimit }: EngineOptions) => (deviceLimit === undefined ? {} : { limitMs: deviceLimit * 1000 });

/** Billions of multiply-accumulate operations a second that a core does in such networks, roughly. */
const GMACS_PER_CORE = 40;

/** Everything that is needed to open a painter, but for the device. */
async function prepare(style: Style, picture: Size, options: EngineOptions) {
  const { strength = 1, keepColors = false, compare = false, aim = 'throughput' } = options;
  const { manifest } = style;
  const { input } = manifest;
  const { network, facts, seen, states } = await examine(style, picture);
  const threads = Math.max(1, options.threads ?? availableParallelism());
  const memory = options.memory ?? Math.min(2 ** 31, totalmem() / 4);
  const notes: string[] = [];

  const multiple = commonMultiple(input.multiple, facts.stride);
  const perPixel = facts.peakBytes / (seen.width * seen.height);
  const plan =
    facts.peakBytes > memory && !input.size && states.length === 0
      ? planTiles(picture, { multiple, reach: facts.reach, pixels: memory / perPixel })
      : undefined;
  const canvas = options.steady && !plan && states.length === 0 ? canvasFor(picture, input, facts.stride) : undefined;
  const peak = plan ? perPixel * plan.tile.width * plan.tile.height : facts.peakBytes;
  checkMemory(peak, memory, plan ? 'tile' : 'picture');
  const fitting = Math.max(1, Math.floor(memory / peak));
  const wrapping = { picture, canvas, states, strength, keepColors };

  const cut = plan && (await cutStatistics(network, manifest, picture, plan));
  if (plan) notes.push(`Each frame is painted in ${plan.tiles.length} tiles to stay within ${megabytes(memory)}.`);
  const paint = cut
    ? wrapNetwork(cut.painting, manifest, { ...wrapping, tiles: plan, statistics: cut.dims })
    : wrapNetwork(network, manifest, plan ? { ...wrapping, tiles: plan } : wrapping);
  const noise = plan || canvas ? noiseAsked(manifest) : undefined;
  const models = { paint: writeModel(paint), measuring: cut && writeModel(cut.measuring) };
  const job: DeviceJob = {
    model: style.model,
    how: { picture, aim, tile: plan?.tile, canvas },
    threads,
    half: states.length === 0,
    // What remembers paints one picture after the other.
    most: aim === 'latency' || states.length > 0 ? 1 : Math.min(threads, fitting),
    seconds: (options.pictures ?? Number.POSITIVE_INFINITY) * (facts.gmac / (GMACS_PER_CORE * threads)),
    spec: (runs, threads): WorkerSpec => {
      const session = (model: Uint8Array) => ({ model, ...runs, threads });
      return {
        paint: {
          ...session(models.paint),
          ...(states.length > 0 ? { keep: states.map((_, n) => STATE.after(n)) } : {}),
        },
        ...(states.length > 0 ? { states } : {}),
        ...(models.measuring ? { statistics: session(models.measuring) } : {}),
        ...(plan ? { tiles: plan } : {}),
        ...(canvas ? { canvas: { ...canvas, axes: axesOf(input) } } : {}),
        ...(noise ? { noise: { rows: noise.dims[1]!, columns: noise.dims[2]!, stride: facts.stride } } : {}),
        compare,
        // What remembers settles by itself.
        steady: (options.steady ?? false) && states.length === 0,
        ...picture,
      };
    },
  };
  return { job, facts, tiles: plan?.tiles.length ?? 1, steady: canvas !== undefined, notes };
}

/** For networks that normalise over the whole picture: one half that measures a thumbnail, one that paints a tile. */
async function cutStatistics(network: Model, manifest: Manifest, picture: Size, plan: TilePlan) {
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

function commonMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}
