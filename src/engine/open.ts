import { availableParallelism, totalmem } from 'node:os';
import { EngineError, messageOf, OptionError } from '../errors.js';
import type { Size } from '../frame.js';
import { writeModel } from '../graph/onnx-write.js';
import type { Model } from '../graph/types.js';
import type { Manifest } from '../model/manifest.js';
import type { Style } from '../model/style.js';
import { checkMemory, examine, megabytes } from './examine.js';
import { type NetworkFacts, resolveShapes, shapesOf } from './inspect.js';
import { Painter } from './painter.js';
import type { SessionSpec } from './protocol.js';
import { splitStatistics } from './statistics.js';
import { planTiles, type TilePlan } from './tiles.js';
import { wrapNetwork, wrapStatistics } from './wrap.js';

/** Where a network can run, and ONNX Runtime's name for it. */
const PROVIDERS = {
  auto: 'cpu',
  cpu: 'cpu',
  cuda: 'cuda',
  directml: 'dml',
  coreml: 'coreml',
  webgpu: 'webgpu',
} as const;

/** A device that can be asked for. */
export type Device = keyof typeof PROVIDERS;
/** All devices that can be asked for. */
export const DEVICES = Object.keys(PROVIDERS) as Device[];

/**
 * ONNX Runtime's name for where a device's networks run.
 *
 * @throws OptionError `DEVICE_UNKNOWN`
 */
export function providerOf(device: Device): string {
  const provider = PROVIDERS[device];
  if (provider) return provider;
  throw new OptionError('DEVICE_UNKNOWN', `There is no device "${device}"; expected ${DEVICES.join(', ')}.`, {
    hint: 'Use --device auto.',
  });
}

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
  /** CPU threads; default: all. */
  readonly threads?: number;
  /** Bytes that the network's intermediate results may take; default: a quarter of the machine, at most 2 GiB. */
  readonly memory?: number;
  /** `throughput` (default) paints several pictures at once, `latency` one as fast as it can. */
  readonly aim?: 'throughput' | 'latency';
}

/** A painter, and what the user may want to know of it. */
export interface OpenedPainter {
  readonly painter: Painter;
  readonly facts: NetworkFacts;
  /** Number of tiles that each picture is cut into. */
  readonly tiles: number;
  readonly notes: readonly string[];
}

/**
 * Prepares a style for pictures of one size.
 *
 * @throws OptionError `DEVICE_UNKNOWN`; EngineError `ENGINE_NETWORK` when the network cannot run, `ENGINE_INPUT` and
 * `ENGINE_OUTPUT` when it does not do what its manifest says, `ENGINE_MEMORY` when it needs more than there is,
 * `ENGINE_STATE` for networks that remember; GraphError when the file is no ONNX model
 */
export async function openPainter(style: Style, picture: Size, options: EngineOptions = {}): Promise<OpenedPainter> {
  const { strength = 1, keepColors = false, compare = false, device = 'auto', aim = 'throughput' } = options;
  const provider = providerOf(device);
  const { manifest } = style;
  const { input } = manifest;
  const { network, facts, seen } = await examine(style, picture);
  const threads = Math.max(1, options.threads ?? availableParallelism());
  const memory = options.memory ?? Math.min(2 ** 31, totalmem() / 4);
  const notes: string[] = [];

  const multiple = commonMultiple(input.multiple, facts.stride);
  const perPixel = facts.peakBytes / (seen.width * seen.height);
  const plan =
    facts.peakBytes > memory && !input.size
      ? planTiles(picture, { multiple, reach: facts.reach, pixels: memory / perPixel })
      : undefined;
  const peak = plan ? perPixel * plan.tile.width * plan.tile.height : facts.peakBytes;
  checkMemory(peak, memory, plan ? 'tile' : 'picture');
  const most = Math.max(1, Math.floor(memory / peak));
  const sessions = provider !== 'cpu' || aim === 'latency' ? 1 : Math.min(threads, most);
  const perSession = Math.max(1, Math.floor(threads / sessions));
  const spec = (model: Model): SessionSpec => ({ model: writeModel(model), provider, threads: perSession });
  const wrapping = { picture, strength, keepColors };

  const cut = plan && (await cutStatistics(network, manifest, picture, plan));
  if (plan) notes.push(`Each frame is painted in ${plan.tiles.length} tiles to stay within ${megabytes(memory)}.`);
  const paint = cut
    ? wrapNetwork(cut.painting, manifest, { ...wrapping, tiles: plan, statistics: cut.dims })
    : wrapNetwork(network, manifest, plan ? { ...wrapping, tiles: plan } : wrapping);
  const opening = Painter.open(
    {
      paint: spec(paint),
      ...(cut ? { statistics: spec(cut.measuring) } : {}),
      ...(plan ? { tiles: plan } : {}),
      compare,
      ...picture,
    },
    sessions,
  );
  const painter = await opening.catch((cause) => {
    if (provider === 'cpu') throw cause;
    throw new EngineError(
      'ENGINE_DEVICE',
      `The device ${device} does not work here: ${messageOf(cause).replace(/^The network cannot run: /, '')}`,
      {
        hint: 'Use --device cpu, or install what that device needs.',
        cause,
      },
    );
  });
  return { painter, facts, tiles: plan?.tiles.length ?? 1, notes };
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
