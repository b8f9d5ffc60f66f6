/** The widths of a style network. */
export interface NetworkWidths {
  /** Channels at 1/2, 1/4 and 1/8 of the resolution. */
  readonly channels: readonly [half: number, quarter: number, eighth: number];
  /** Residual blocks at 1/8. */
  readonly blocks: number;
}

/** Names of the tiers. */
export type TierName = 'lite' | 'standard' | 'fine' | 'tiny';

/** The network sizes by name, with multiply-adds at 640×360. */
export const TIERS: Readonly<Record<TierName, NetworkWidths>> = {
  /** 1.3 G: real time on a laptop's CPU. */
  lite: { channels: [16, 32, 64], blocks: 2 },
  /** 9 G. */
  standard: { channels: [32, 64, 128], blocks: 6 },
  /** 33 G: for GPUs and files. */
  fine: { channels: [64, 128, 224], blocks: 8 },
  /** The smallest on disk. */
  tiny: { channels: [16, 16, 32], blocks: 1 },
};
