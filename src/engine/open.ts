import { availableParallelism, totalmem } from 'node:os';
import { EngineError, messageOf } from '../errors.js';
import type { Size } from '../frame.js';
import { writeModel } from '../graph/onnx/write.js';
import type { Model } from '../graph/types.js';
import type { Manifest } from '../model/manifest/types.js';
import type { Style } from '../model/style.js';
import { analyze, checkMemory, megabytes } from './analysis/analyze.js';
import { type NetworkFacts, resolveShapes } from './analysis/inspect.js';
import { STATE } from './analysis/recurrent-state.js';
import { splitStatistics } from './analysis/statistics.js';
import { Painter } from './painter/painter.js';
import type { FrameWorkerSpec } from './painter/protocol.js';
import { DEVICE_TABLE, type Device, type RealDevice } from './runtime/devices.js';
import { shapesOf } from './runtime/shapes.js';
import { type Choice, chooseDevice, type DeviceJob, hintFor } from './select/choose.js';
import { activeNoiseInput } from './wrap/noise.js';
import { axesOf } from './wrap/picture-nodes.js';
import { paddedCanvas } from './wrap/sampling-grid.js';
import { planTiles, type TilePlan } from './wrap/tiles.js';
import { wrapNetwork, wrapStatistics } from './wrap/wrap.js';

export type { Device, RealDevice } from './runtime/devices.js';
export { DEVICES } from './runtime/devices.js';

/** Options of `openPainter`. */
export interface EngineOptions {
  /** 0 gives the original picture, 1 (default) the full style. */
  readonly strength?: number;
  /** Keep the colours of the original and take only the luminance from the style. */
  readonly keepColors?: boolean;
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
 * `ENGINE_OUTPUT` when it contradicts its manifest, `ENGINE_MEMORY` when it needs more than there is, `ENGINE_DEVICE`
 * when the device does not work, `ENGINE_STATE` when its recurrent state cannot be kept; GraphError when the file is no
 * ONNX model
 */
export async function openPainter(style: Style, picture: Size, options: EngineOptions = {}): Promise<OpenedPainter> {
  const { job, facts, tiles, steady, notes } = await prepare(style, picture, options);
  const asked = options.device ?? 'auto';
  const choice = await chooseDevice(asked, job, probeOptions(options));
  try {
    const painter = await openOn(choice, job);
    return {
      painter,
      facts,
      tiles,
      steady,
      device: choice.device,
      notes: [...notes, ...choice.notes, ...cpuPartNote(choice, painter)],
    };
  } catch (cause) {
    if (choice.device === 'cpu') throw cause;
    const reason = messageOf(cause).replace(/^The network cannot run: /, '');
    const message = `The device ${choice.device} does not work here: ${reason}`;
    const hint = hintFor(choice.device);
    if (asked !== 'auto' && asked !== 'gpu') throw new EngineError('ENGINE_DEVICE', message, { hint, cause });
    // It worked when it was measured, but the driver may have changed since.
    const device = 'cpu';
    const painter = await openOn({ device, sessions: job.maxSessions, half: false }, job);
    return { painter, facts, tiles, steady, device, notes: [...notes, `${message}. The CPU paints. ${hint}`] };
  }
}

function openOn({ device, sessions, half }: Omit<Choice, 'notes'>, job: DeviceJob): Promise<Painter> {
  const { engine, provider } = DEVICE_TABLE[device];
  return Painter.open(job.spec({ engine, provider, half }, Math.max(1, Math.floor(job.threads / sessions))), sessions);
}

const cpuPartNote = ({ device }: Choice, { mixed }: Painter) =>
  mixed ? [`${device} lacks parts of this network: they run on the CPU.`] : [];

/**
 * Chooses the device of a style for pictures of one size, as `openPainter` does, but in single precision; for the live
 * painter.
 *
 * @throws as `openPainter` does
 */
export async function pickDevice(style: Style, picture: Size, options: EngineOptions = {}): Promise<Choice> {
  const { job } = await prepare(style, picture, options);
  return chooseDevice(options.device ?? 'auto', { ...job, half: false }, probeOptions(options));
}

const probeOptions = ({ deviceLimit }: EngineOptions) =>
  deviceLimit === undefined ? {} : { limitMs: deviceLimit * 1000 };

/** Rough speed of a CPU core in such networks, in 10⁹ multiply-accumulate operations per second. */
const GMACS_PER_CORE = 40;

/** Prepares everything for a painter except the device. */
async function prepare(style: Style, picture: Size, options: EngineOptions) {
  const { strength = 1, keepColors = false, compare = false, mode = 'throughput' } = options;
  const { manifest } = style;
  const { input } = manifest;
  const { network, facts, seen, states } = await analyze(style, picture);
  const threads = Math.max(1, options.threads ?? availableParallelism());
  const memory = options.memory ?? Math.min(2 ** 31, totalmem() / 4);
  const notes: string[] = [];

  const multiple = commonMultiple(input.multiple, facts.stride);
  const perPixel = facts.peakBytes / (seen.width * seen.height);
  const plan =
    facts.peakBytes > memory && !input.size && states.length === 0
      ? planTiles(picture, { multiple, reach: facts.reach, pixels: memory / perPixel })
      : undefined;
  const canvas =
    options.steady && !plan && states.length === 0 ? paddedCanvas(picture, input, facts.stride) : undefined;
  const peak = plan ? perPixel * plan.tile.width * plan.tile.height : facts.peakBytes;
  checkMemory(peak, memory, plan ? 'tile' : 'picture');
  const fitting = Math.max(1, Math.floor(memory / peak));
  const wrapping = { picture, canvas, states, strength, keepColors };

  const cut = plan && (await splitForTiles(network, manifest, picture, plan));
  if (plan) notes.push(`Each frame is painted in ${plan.tiles.length} tiles to stay within ${megabytes(memory)}.`);
  const paint = cut
    ? wrapNetwork(cut.painting, manifest, { ...wrapping, tiles: plan, statistics: cut.dims })
    : wrapNetwork(network, manifest, plan ? { ...wrapping, tiles: plan } : wrapping);
  const noise = plan || canvas ? activeNoiseInput(manifest) : undefined;
  const models = { paint: writeModel(paint), measuring: cut && writeModel(cut.measuring) };
  const job: DeviceJob = {
    model: style.model,
    how: { picture, mode, tile: plan?.tile, canvas },
    threads,
    half: states.length === 0,
    // Networks with recurrent state paint one picture after the other.
    maxSessions: mode === 'latency' || states.length > 0 ? 1 : Math.min(threads, fitting),
    seconds: (options.pictures ?? Number.POSITIVE_INFINITY) * (facts.gmac / (GMACS_PER_CORE * threads)),
    spec: (runs, threads): FrameWorkerSpec => {
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
        // Networks with recurrent state are stable by themselves.
        steady: (options.steady ?? false) && states.length === 0,
        ...picture,
      };
    },
  };
  return { job, facts, tiles: plan?.tiles.length ?? 1, steady: canvas !== undefined, notes };
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

function commonMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}
