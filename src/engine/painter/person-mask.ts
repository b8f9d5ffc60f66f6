import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { EngineError, messageOf } from '../../errors.js';
import type { Size } from '../../frame.js';
import { readModel } from '../../graph/onnx/read.js';
import { writeModel } from '../../graph/onnx/write.js';
import { shippedFolder } from '../../model/folders.js';
import { OrtTensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import type { Session } from '../runtime/spec.js';
import { personModel } from '../wrap/person-graph.js';

/** MediaPipe's selfie segmentation (Apache-2.0): a square network, and one of half the height for wide pictures. */
const NETWORKS = { square: 'square.onnx', wide: 'wide.onnx' } as const;
/** Aspect ratio from which on a picture counts as wide. */
const WIDE = 1.3;

/** Finds the person in successive pictures of one size, smoothing the mask over time. */
export class PersonMask {
  private previous: OrtTensor | undefined;

  private constructor(
    private readonly session: Session,
    private readonly picture: Size,
    private readonly initial: OrtTensor,
  ) {}

  /**
   * Opens the network on the CPU, because it is too small for a GPU.
   *
   * @throws EngineError `ENGINE_MASK` when the network's file is missing or damaged
   */
  static async open(picture: Size, threads: number): Promise<PersonMask> {
    const file = NETWORKS[picture.width >= WIDE * picture.height ? 'wide' : 'square'];
    const network = await readNetwork(file);
    const { dims } = network.graph.outputs[0]!;
    const model = writeModel(personModel(network, picture));
    const session = await openSession({ model, provider: 'cpu', threads });
    const state = new Float32Array((dims as number[]).reduce((a, b) => a * b, 1));
    return new PersonMask(session, picture, new OrtTensor('float32', state, dims as number[]));
  }

  /**
   * The mask of a picture.
   *
   * @param data RGB24
   * @returns float32 `[1, 1, H, W]`, 1 on the person, 0 elsewhere
   */
  async find(data: Uint8Array<ArrayBuffer>): Promise<OrtTensor> {
    const { width, height } = this.picture;
    const { mask, next } = await this.session.run({
      frame: new OrtTensor('uint8', data, [1, height, width, 3]),
      state: this.previous ?? this.initial,
      memory: new OrtTensor('float32', Float32Array.of(this.previous ? 1 : 0), []),
    });
    this.previous = next as OrtTensor;
    return mask as OrtTensor;
  }

  /** Resets the recurrent state. */
  reset(): void {
    this.previous = undefined;
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.session.release();
  }
}

async function readNetwork(file: string) {
  try {
    return readModel(await fs.readFile(join(shippedFolder, 'person', file)));
  } catch (cause) {
    const [reason] = messageOf(cause).split('\n');
    throw new EngineError('ENGINE_MASK', `The network that finds persons cannot be read: ${reason}`, {
      hint: 'Install stylecast again: its own files are damaged.',
      cause,
    });
  }
}
