import type { LiveSettings } from './types.js';

/** What a look sets: all but what is of the camera and the moment. */
export type LookSettings = Partial<Omit<LiveSettings, 'mirror' | 'paused'>>;

/** Settings under a name. */
export interface Look {
  readonly name: string;
  /** For buttons: `#rrggbb`. */
  readonly color?: string | undefined;
  /** A key that chooses it, one character. */
  readonly key?: string | undefined;
  readonly settings: LookSettings;
}
