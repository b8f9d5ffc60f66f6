import { EngineError, messageOf } from '../errors.js';
import { writeModel } from '../graph/onnx-write.js';
import type { Dim, Model } from '../graph/types.js';
import type { Manifest } from '../model/manifest.js';
import { InferenceSession, Tensor } from './runtime.js';

/** A picture tensor in the layout and range of a network: row-major float32. */
export interface PictureValues {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A network opened to be tried out. It runs on the thread that calls it, and blocks it. */
export class Trial {
  private constructor(
    private readonly session: InferenceSession,
    private readonly input: string,
    private readonly output: string,
  ) {}

  /** @throws EngineError `ENGINE_NETWORK` when the runtime refuses the network */
  static async open(network: Model, manifest: Manifest): Promise<Trial> {
    try {
      const session = await InferenceSession.create(writeModel(network), { logSeverityLevel: 4 });
      return new Trial(session, manifest.input.name, manifest.output.name);
    } catch (cause) {
      throw refused(cause);
    }
  }

  /** @throws EngineError `ENGINE_NETWORK` when the network cannot run on it */
  async run(picture: PictureValues): Promise<PictureValues> {
    try {
      const feeds = { [this.input]: new Tensor('float32', picture.data, picture.dims) };
      const result = (await this.session.run(feeds))[this.output]!;
      return { dims: result.dims, data: result.data as Float32Array };
    } catch (cause) {
      throw refused(cause);
    }
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

/** Sizes that are tried, in pixels; none is a multiple of more than it has to be. */
const BASE = 128;
const MULTIPLES = [1, 2, 4, 8, 16, 32];

/** What a network does with sizes: any that are multiples of `multiple`, once its own dims are made free. */
export interface FreedNetwork {
  readonly network: Model;
  readonly multiple: number;
}

/**
 * Makes the size of a network free and finds the multiple that it needs, by running it. Networks are often exported for
 * one size without depending on it.
 *
 * Undefined when the network runs at no other size.
 */
export async function freeSize(network: Model, manifest: Manifest): Promise<FreedNetwork | undefined> {
  const planar = manifest.input.layout === 'nchw';
  const batch = manifest.input.batch ?? 1;
  const dims: Dim[] = planar ? [batch, 3, 'height', 'width'] : [batch, 'height', 'width', 3];
  const { graph } = network;
  const free: Model = {
    ...network,
    graph: {
      ...graph,
      inputs: graph.inputs.map((input) => (input.name === manifest.input.name ? { ...input, dims } : input)),
      outputs: graph.outputs.map((output) => (output.name === manifest.output.name ? { ...output, dims } : output)),
      values: new Map(),
    },
  };
  const trial = await Trial.open(free, manifest).catch(() => undefined);
  if (!trial) return undefined;
  try {
    for (const multiple of MULTIPLES) {
      // An odd number of multiples, other on both sides.
      const height = BASE + multiple;
      const width = BASE + 3 * multiple;
      const shape = planar ? [batch, 3, height, width] : [batch, height, width, 3];
      const data = new Float32Array(batch * 3 * height * width).fill(0.5);
      const result = await trial.run({ dims: shape, data }).catch(() => undefined);
      if (result && result.dims.join() === shape.join()) return { network: free, multiple };
    }
    return undefined;
  } finally {
    await trial.close();
  }
}

function refused(cause: unknown): EngineError {
  const reason = messageOf(cause).replace(/\s+/g, ' ').slice(0, 300);
  return new EngineError('ENGINE_NETWORK', `The network cannot run: ${reason}`, {
    hint: 'It may use operators that this runtime lacks.',
    cause,
  });
}
