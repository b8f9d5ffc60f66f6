import type { ShowStats } from './types.js';

/** The statistics before anything is open. */
export const NO_FIGURES: ShowStats = {
  fpsIn: 0,
  fpsOut: 0,
  latency: { wait: 0, paint: 0 },
  dropped: 0,
  device: '',
  picture: { width: 0, height: 0 },
  working: { width: 0, height: 0 },
  source: 'connecting',
  still: false,
  outputs: {},
};
