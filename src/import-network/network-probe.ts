import { type InferenceSession, loadRuntime, OrtTensor } from '../engine/runtime/ort.js';
import { constant, convert } from '../engine/wrap/picture-nodes.js';
import { EngineError, messageOf } from '../errors.js';
import type { Size } from '../frame.js';
import { GraphBuilder } from '../graph/builder.js';
import { writeModel } from '../graph/onnx/write.js';
import type { Dim, Model } from '../graph/types.js';
import type { Manifest } from '../model/manifest/types.js';
import type { PictureValues } from './numbers.js';

/** The parts of a manifest needed to feed a network. */
export type NetworkFeeding = Pick<Manifest, 'input' | 'output' | 'inputs'>;

/** A network opened for probing with single pictures. It runs on the calling thread and blocks it. */
export class NetworkProbe {
  private constructor(private readonly session: InferenceSession) {}

  /** @throws EngineError `ENGINE_NETWORK` when the runtime refuses the network */
  static async open(network: Model, { input, output, inputs }: NetworkFeeding): Promise<NetworkProbe> {
    const graph = new GraphBuilder();
    const dims = pictureDims(input);
    const picture = graph.input('picture', 'float32', dims);
    const feeds = Object.fromEntries(inputs.map((further) => [further.name, constant(graph, further)]));
    const result = graph.embed(
      network,
      { ...feeds, [input.name]: convert(graph, picture, input.type) },
      { [output.name]: { type: output.type, dims: pictureDims({ ...input, ...output }) } },
    );
    graph.output('result', convert(graph, result[output.name]!, 'float32'));
    try {
      return new NetworkProbe(await (await loadRuntime()).create(writeModel(graph.build()), { logSeverityLevel: 4 }));
    } catch (cause) {
      throw refused(cause);
    }
  }

  /**
   * Paints one picture.
   *
   * @param picture float32 in the layout and range of the network, whatever type it computes in
   * @throws EngineError `ENGINE_NETWORK` when the network cannot run on it
   */
  async run({ dims, data }: PictureValues): Promise<PictureValues> {
    try {
      const { result } = await this.session.run({ picture: new OrtTensor('float32', data, dims) });
      return { dims: result!.dims, data: result!.data as Float32Array };
    } catch (cause) {
      throw refused(cause);
    }
  }

  /** Frees the session. */
  close(): Promise<void> {
    return this.session.release();
  }
}

/** Base side of probe pictures in pixels, and multiples to try. */
const BASE = 128;
const MULTIPLES = [1, 2, 4, 8, 16, 32];

/** A network that accepts any size that is a multiple of `multiple`. */
export interface FreedNetwork {
  readonly network: Model;
  readonly multiple: number;
}

/**
 * Frees the size of a network and finds the multiple that it requires, by running it: networks are often exported for
 * one size without depending on it. Undefined when it runs at no other size.
 */
export async function freeSize(network: Model, feeding: NetworkFeeding): Promise<FreedNetwork | undefined> {
  const { input, output } = feeding;
  const { graph } = network;
  const free = { ...input, size: undefined };
  const opened: Model = {
    ...network,
    graph: {
      ...graph,
      inputs: graph.inputs.map((value) => (value.name === input.name ? { ...value, dims: pictureDims(free) } : value)),
      outputs: graph.outputs.map((value) =>
        value.name === output.name ? { ...value, dims: pictureDims({ ...free, ...output }) } : value,
      ),
      values: new Map(),
    },
  };
  const trial = await NetworkProbe.open(opened, feeding).catch(() => undefined);
  if (!trial) return undefined;
  try {
    for (const multiple of MULTIPLES) {
      // Odd numbers of multiples, and two pictures: a single one might be the size it was made for.
      const wide = { height: BASE + multiple, width: BASE + 3 * multiple };
      const high = { height: BASE + 3 * multiple, width: BASE + multiple };
      if ((await takes(trial, feeding, wide)) && (await takes(trial, feeding, high)))
        return { network: opened, multiple };
    }
    return undefined;
  } finally {
    await trial.close();
  }
}

/** Whether a network accepts pictures of a size and keeps the size. */
async function takes(
  trial: NetworkProbe,
  { input, output }: NetworkFeeding,
  { height, width }: Size,
): Promise<boolean> {
  const { batch = 1 } = input;
  const dims = input.layout === 'nchw' ? [batch, 3, height, width] : [batch, height, width, 3];
  const data = new Float32Array(batch * 3 * height * width).fill(0.5);
  const result = await trial.run({ dims, data }).catch(() => undefined);
  const sides = output.layout === 'nchw' ? result?.dims.slice(2) : result?.dims.slice(1, 3);
  return sides?.join() === `${height},${width}`;
}

function pictureDims({ layout, batch = 1 }: Pick<Manifest['input'], 'layout'> & { batch?: number | undefined }): Dim[] {
  return layout === 'nchw' ? [batch, 3, 'height', 'width'] : [batch, 'height', 'width', 3];
}

function refused(cause: unknown): EngineError {
  const reason = messageOf(cause).replace(/\s+/g, ' ').slice(0, 300);
  return new EngineError('ENGINE_NETWORK', `The network cannot run: ${reason}`, {
    hint: 'It may use operators that this runtime lacks.',
    cause,
  });
}
