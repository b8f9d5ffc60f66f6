import { totalmem } from 'node:os';
import { EngineError, GraphError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { readModel } from '../../graph/onnx/read.js';
import { withoutZeros } from '../../graph/passes/zero.js';
import type { Model } from '../../graph/types.js';
import { noiseInputOf } from '../../model/manifest/noise.js';
import type { Manifest } from '../../model/manifest/types.js';
import type { Style } from '../../model/style.js';
import { checkFit, checkNames, checkStates } from './check-manifest.js';
import { inspect, type NetworkFacts, resolveShapes } from './inspect.js';
import { paddedSize } from './padded-size.js';
import { type StateTensor, statesOf } from './recurrent-state.js';

/** A network checked against its manifest at one size. */
export interface AnalyzedNetwork {
  readonly network: Model;
  readonly facts: NetworkFacts;
  /** Size of the network's input: that of the padded picture. */
  readonly seen: Size;
  /** Its recurrent states. */
  readonly states: readonly StateTensor[];
}

/**
 * Reads a style's network and checks it for pictures of one size, before any is painted.
 *
 * @throws EngineError `ENGINE_NETWORK`, `ENGINE_INPUT`, `ENGINE_OUTPUT`, `ENGINE_STATE` for its recurrent state;
 * GraphError when the file is no ONNX model
 */
export async function analyze(style: Style, picture: Size): Promise<AnalyzedNetwork> {
  const { manifest } = style;
  const network = withoutUnusedNoise(readNetwork(style), manifest);
  const seen = paddedSize(picture, manifest.input.multiple);
  checkNames(network, manifest);
  const states = statesOf(network, manifest, seen);
  const resolved = await resolveShapes(network, manifest, seen, states);
  checkFit(network, resolved, manifest, seen);
  checkStates(resolved, states);
  return { network, facts: inspect(resolved, manifest.input), seen, states };
}

/** Removes a noise input whose strength is zero. */
function withoutUnusedNoise(network: Model, manifest: Manifest): Model {
  const noise = noiseInputOf(manifest);
  return noise?.default === 0 ? { ...network, graph: withoutZeros(network.graph, noise.name) } : network;
}

function readNetwork({ name, model }: Style): Model {
  try {
    return readModel(model);
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    const { code, message, hint } = cause;
    throw new GraphError(code, `${name}: ${message}`, { ...(hint ? { hint } : {}), cause });
  }
}

/**
 * Refuses what exceeds the machine's memory.
 *
 * @param peak bytes needed at once
 * @param memory bytes allowed by the user
 * @throws EngineError `ENGINE_MEMORY`
 */
export function checkMemory(peak: number, memory: number, what: 'tile' | 'picture'): void {
  if (peak <= Math.max(memory, totalmem())) return;
  throw new EngineError(
    'ENGINE_MEMORY',
    `The network needs ${megabytes(peak)} for one ${what}; this machine has ${megabytes(totalmem())}.`,
    { hint: 'Try a smaller --height, or another style.' },
  );
}

/** A number of bytes for messages. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
