import type { LiveSettings } from './types.js';

/** The settings that make up a look; `mirror` and `paused` are of the camera and the moment. */
export const LOOK_SETTINGS = [
  'style',
  'second',
  'blend',
  'fine',
  'truncation',
  'drift',
  'strength',
  'keepColors',
  'mask',
  'outside',
  'height',
  'prefer',
] as const;

/** What a look sets. */
export type LookSettings = Partial<Pick<LiveSettings, (typeof LOOK_SETTINGS)[number]>>;

/** Settings under a name. */
export interface Look {
  readonly name: string;
  /** For buttons: `#rrggbb`. */
  readonly color?: string | undefined;
  /** A key that chooses it, one character. */
  readonly key?: string | undefined;
  readonly settings: LookSettings;
}

/** What of settings makes up a look. */
export function lookOf(settings: LiveSettings): LookSettings {
  return Object.fromEntries(LOOK_SETTINGS.map((name) => [name, settings[name]]));
}
