import type { Size } from '../../frame.js';
import { WorkerClient } from '../threads/worker-client.js';
import type { MaskKind } from '../wrap/region-graph.js';
import type { CoveredMask, MaskData, RegionRequest, RegionResponse, RegionSpec } from './region-protocol.js';

type Picture = Uint8Array<ArrayBuffer>;

/** The pictures to combine; their buffers are taken over. */
export interface Regions {
  readonly mask: MaskData;
  readonly inside: Picture;
  readonly outside: Picture;
  /** The original, required where the mixer was opened with `compare`. */
  readonly source?: Picture;
}

/** Combines pictures of one size by a mask, on a thread of its own. */
export class RegionMixer {
  private constructor(private readonly worker: WorkerClient<RegionRequest, RegionResponse>) {}

  /**
   * Starts the thread.
   *
   * @param compare whether the source is put to the left of the result
   * @throws EngineError `ENGINE_MASK` when the network that finds persons cannot be read
   */
  static async open(picture: Size, kind: MaskKind, compare: boolean, threads: number): Promise<RegionMixer> {
    const spec: RegionSpec = { picture, kind, compare, threads };
    const worker = new WorkerClient<RegionRequest, RegionResponse>(
      new URL('../workers/region-worker.js', import.meta.url),
      spec,
    );
    try {
      await worker.ready.promise;
    } catch (error) {
      await worker.close();
      throw error;
    }
    return new RegionMixer(worker);
  }

  /**
   * Finds the person. Pictures must come in order: the mask is smoothed over time.
   *
   * @param data RGB24, copied
   * @throws EngineError `ENGINE_NETWORK`, `ENGINE_DIED`, `ENGINE_CLOSED`
   */
  async find(data: Picture): Promise<CoveredMask> {
    return (await this.worker.request({ find: data }, [])) as CoveredMask;
  }

  /**
   * RGB24 of both regions; with `source`, twice as wide. The mask is copied unless it was found.
   *
   * @throws EngineError `ENGINE_NETWORK`, `ENGINE_DIED`, `ENGINE_CLOSED`
   */
  async mix(regions: Regions): Promise<Picture> {
    const { mask, inside, outside, source } = regions;
    const owned = new Set([inside.buffer, outside.buffer, ...(source ? [source.buffer] : [])]);
    // A given mask is used for many pictures.
    if (mask instanceof Float32Array) owned.add(mask.buffer);
    return (await this.worker.request(regions, [...owned])) as Picture;
  }

  /** Ends the thread after its current request. */
  close(): Promise<void> {
    return this.worker.close();
  }
}
