import { WorkerClient } from '../threads/worker-client.js';
import type {
  CoveredMask,
  MaskCoverage,
  MaskData,
  MixedPicture,
  MixerRequest,
  MixerSpec,
  MixRequest,
  PictureBytes,
} from './protocol.js';

/** Mixes pictures of one size by weights and masks, and finds persons, on a thread of its own. */
export class Mixer {
  private readonly worker: WorkerClient<MixerRequest, MixedPicture | CoveredMask>;
  /** The given mask that the thread has. */
  private sent: PictureBytes | undefined;

  constructor(spec: MixerSpec) {
    this.worker = new WorkerClient(new URL('../workers/mix-worker.js', import.meta.url), spec);
  }

  /**
   * Starts the thread and waits until it is ready.
   *
   * @throws EngineError `ENGINE_MASK` when the network that finds persons cannot be read
   */
  static async open(spec: MixerSpec): Promise<Mixer> {
    const mixer = new Mixer(spec);
    await mixer.worker.opened();
    return mixer;
  }

  /**
   * Finds the person. Pictures must come in order: the mask is smoothed over time.
   *
   * @param data RGB24, copied
   * @throws EngineError `ENGINE_NETWORK`, `ENGINE_DIED`, `ENGINE_CLOSED`
   */
  async find(data: PictureBytes): Promise<CoveredMask> {
    return (await this.worker.request({ find: data }, [])) as CoveredMask;
  }

  /**
   * The mixed picture. Buffers are taken over, but for a given mask, which is copied when it changes.
   *
   * @throws EngineError `ENGINE_MASK`, `ENGINE_NETWORK`, `ENGINE_DIED`, `ENGINE_CLOSED`
   */
  async mix(request: MixRequest): Promise<MixedPicture> {
    const { pictures, source, mask } = request;
    const owned = new Set([...pictures, ...(source ? [source] : [])].map(({ buffer }) => buffer));
    if (mask instanceof Float32Array) owned.add(mask.buffer);
    const same = mask instanceof Uint8Array && mask === this.sent;
    if (mask instanceof Uint8Array) this.sent = mask;
    return (await this.worker.request(same ? { ...request, mask: 'same' } : request, [...owned])) as MixedPicture;
  }

  /** Ends the thread after its current request. */
  close(): Promise<void> {
    return this.worker.close();
  }
}

/** Whether a mask is all outside or all inside, by a fast comparison of bytes. */
export function coverageOf(
  mask: MaskData,
  { nothing, everything }: { nothing: MaskData; everything: MaskData },
): MaskCoverage {
  const bytes = ({ buffer, byteOffset, byteLength }: MaskData) => Buffer.from(buffer, byteOffset, byteLength);
  if (bytes(mask).equals(bytes(nothing))) return 'none';
  return bytes(mask).equals(bytes(everything)) ? 'all' : 'part';
}
