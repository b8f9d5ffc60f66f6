/**
 * `stylecast/live`: cameras and streams painted as they come, shown in pages, controlled, published and recorded.
 */
export type { Broadcast } from './live/broadcast.js';
export { startBroadcast } from './live/broadcast.js';
export type { LiveOptions, LiveResult, LiveRun } from './live/live.js';
export { startLive } from './live/live.js';
export type { LiveShow } from './live/loop/show.js';
export type { OutputSpec } from './live/outputs/open.js';
export type { LiveUrls } from './live/protocol/protocol.js';
export type { ServerOptions } from './live/server/server.js';
export { saveSnapshot } from './live/show/snapshot.js';
export type { LiveSettings, LiveStats, MaskMode, Preference, Show, StyleCard } from './live/show/types.js';
export type { SourceSpec } from './media/live/source.js';
export { LiveSource } from './media/live/source.js';
export type { LiveFrame } from './media/live-frame.js';
