/**
 * `stylecast/client`: watches and controls a live show from another program, also in a browser.
 */
export {
  type CameraPicture,
  type ConnectionReason,
  type ConnectionState,
  type ConnectOptions,
  connect,
  type LiveConnection,
  LiveError,
  tokenOf,
} from './live/protocol/client.js';
export type { LiveUrls, Role } from './live/protocol/protocol.js';
export type { LiveSettings, LiveStats, MaskMode, StyleCard } from './live/show/types.js';
