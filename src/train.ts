/**
 * `stylecast/train`: networks trained to paint like pictures.
 */
export type { FetchOptions, FetchResult } from './train/data/fetch-loss-network.js';
export { fetchLossNetwork } from './train/data/fetch-loss-network.js';
export { trainStyle } from './train/methods/method.js';
export type { TrainResult } from './train/run/run.js';
export type { TrainOptions } from './train/settings/options.js';
