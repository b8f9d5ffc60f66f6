import type { Look } from '../show/look.js';
import type { LiveSettings, LiveStats, MaskMode, StyleCard } from '../show/types.js';
import type { LiveUrls, Role } from './protocol.js';
import type { FrameMessage } from './wire.js';

/**
 * State of the connection: `connecting` for the first time, `live`, `lost` and reconnecting, `refused` by the server
 * for good, `closed` by the program.
 */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'refused' | 'closed';

/** Why a connection is not live. */
export interface ConnectionReason {
  /** A WebSocket close code; those of stylecast are in docs/protocol.md. */
  readonly code: number;
  readonly message: string;
}

/** Options of `connect`. */
export interface ConnectOptions {
  /** `viewer` receives frames, `control` settings and statistics, `camera` sends pictures; default `viewer`. */
  readonly role?: Role | undefined;
  /** By default the one in the fragment (`#token=…`) of the URL, or of the page that this runs in. */
  readonly token?: string | undefined;
  /** Frames in flight, 1 to 4; default 2. */
  readonly inFlight?: number | undefined;
  /** What viewers are shown: the painted picture (default), or the source, which takes the right to control. */
  readonly view?: 'painted' | 'source' | undefined;
  /** Maximum frame rate. */
  readonly fps?: number | undefined;
  /** A style to set at the first connection; requires the right to control. */
  readonly style?: string | undefined;
  /** Called with one frame at a time, the newest; the next is requested when the returned promise resolves. */
  readonly onFrame?: ((frame: FrameMessage) => unknown) | undefined;
  readonly onSettings?: ((settings: LiveSettings) => void) | undefined;
  readonly onStats?: ((stats: LiveStats) => void) | undefined;
  /**
   * Controllers: the gallery, the addresses of the pages, the ways to mask that there are, and the addresses for programs
   * on the machine that runs the show; again when there are other styles.
   */
  readonly onStyles?:
    | ((styles: readonly StyleCard[], urls: LiveUrls, masks: readonly MaskMode[], localUrls: LiveUrls) => void)
    | undefined;
  /** Controllers: all looks, when somebody has changed them. */
  readonly onLooks?: ((looks: readonly Look[]) => void) | undefined;
  readonly onState?: ((state: ConnectionState, reason: ConnectionReason | undefined) => void) | undefined;
}

/** A picture that a camera sends. */
export interface CameraPicture {
  /** A JPEG. */
  readonly image: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** When it was taken, in milliseconds since 1970; default: now. */
  readonly capturedAt?: number | undefined;
}

/** A connection that reconnects by itself until it is closed. */
export interface LiveConnection {
  readonly state: ConnectionState;
  /** Changes settings; resolves with all of them when they are in force, rejects with a `LiveError`. */
  set(settings: Partial<LiveSettings>): Promise<LiveSettings>;
  /** Cameras: sends a picture; false when it was dropped because two are in flight or there is no connection. */
  send(picture: CameraPicture): boolean;
  close(): void;
}
