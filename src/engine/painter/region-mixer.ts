import type { Size } from '../../frame.js';
import { Hand } from '../threads/worker-client.js';
import type { MaskKind } from '../wrap/region-graph.js';
import type { CoveredMask, MaskData, RegionAsk, RegionReply, RegionSpec } from './region-protocol.js';

type Picture = Uint8Array<ArrayBuffer>;

/** The pictures that are put together; their buffers are taken over. */
export interface Regions {
  readonly mask: MaskData;
  readonly inside: Picture;
  readonly outside: Picture;
  /** The picture to compare with; needed where the mixer was opened to compare. */
  readonly source?: Picture;
}

/** Puts pictures of one size together by a mask, on a thread of its own. */
export class RegionMixer {
  private constructor(private readonly hand: Hand<RegionAsk, RegionReply>) {}

  /**
   * Starts the thread.
   *
   * @param compare whether the source is put to the left of the result
   * @throws EngineError `ENGINE_MASK` when the network that finds persons cannot be read
   */
  static async open(picture: Size, kind: MaskKind, compare: boolean, threads: number): Promise<RegionMixer> {
    const spec: RegionSpec = { picture, kind, compare, threads };
    const hand = new Hand<RegionAsk, RegionReply>(new URL('../workers/region-worker.js', import.meta.url), spec);
    try {
      await hand.ready.promise;
    } catch (error) {
      await hand.close();
      throw error;
    }
    return new RegionMixer(hand);
  }

  /**
   * Finds the person. Pictures must be handed in as they follow each other: the mask is smoothed over time.
   *
   * @param data RGB24, copied
   * @throws EngineError `ENGINE_NETWORK`, `ENGINE_DIED`, `ENGINE_CLOSED`
   */
  async find(data: Picture): Promise<CoveredMask> {
    return (await this.hand.ask({ find: data }, [])) as CoveredMask;
  }

  /**
   * RGB24 of both regions; with `source`, twice as wide. The mask is copied unless it was found.
   *
   * @throws EngineError `ENGINE_NETWORK`, `ENGINE_DIED`, `ENGINE_CLOSED`
   */
  async mix(regions: Regions): Promise<Picture> {
    const { mask, inside, outside, source } = regions;
    const owned = new Set([inside.buffer, outside.buffer, ...(source ? [source.buffer] : [])]);
    // A mask that was given serves for many pictures.
    if (mask instanceof Float32Array) owned.add(mask.buffer);
    return (await this.hand.ask(regions, [...owned])) as Picture;
  }

  /** Ends the thread after what it is at. */
  close(): Promise<void> {
    return this.hand.close();
  }
}
