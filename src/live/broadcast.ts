import { OptionError } from '../errors.js';
import { type Frame, seconds } from '../frame.js';
import { wallClock } from '../media/live-frame.js';
import type { LiveUrls } from './protocol/protocol.js';
import { type ServerOptions, startServer } from './server/server.js';
import { DEFAULT_SETTINGS } from './settings/table.js';
import { listen } from './show/listen.js';
import { NO_FIGURES } from './show/no-figures.js';
import { RollingWindow } from './show/rolling-window.js';
import type { LiveFrame, LiveSettings, Show, ShowStats, StyleCard } from './show/types.js';

/** Shortest time between frames that are shown, in milliseconds: screens show no more. */
const INTERVAL = 1000 / 60;

/** Shows the frames of a file while it is processed. It has no settings to change. */
class BroadcastShow implements Show {
  readonly settings: LiveSettings;
  readonly styles: readonly StyleCard[] = [];
  readonly masks = [];
  newest: LiveFrame | undefined;
  private readonly listeners = new Set<(frame: LiveFrame) => void>();
  private readonly times = new RollingWindow();
  private due = 0;
  private count = 0;

  constructor(style: string) {
    this.settings = { ...DEFAULT_SETTINGS, style };
  }

  get stats(): ShowStats {
    const fps = this.times.rate();
    const { width = 0, height = 0 } = this.newest ?? {};
    const size = { width, height };
    return { ...NO_FIGURES, fpsIn: fps, fpsOut: fps, picture: size, working: size, source: 'live' };
  }

  /** Shows a copy of a frame, unless it follows the previous one too closely. */
  push(frame: Frame): void {
    const now = performance.now();
    this.times.add(1, now);
    if (now < this.due) return;
    this.due = Math.max(this.due + INTERVAL, now);
    const { width, height } = frame;
    const shown = { width, height, channels: 3, sequence: this.count++, pts: seconds(frame.pts) } as const;
    this.newest = { ...shown, data: frame.data.slice(), capturedAt: wallClock() };
    for (const listener of this.listeners) listener(this.newest);
  }

  async change(): Promise<LiveSettings> {
    throw new OptionError('BROADCAST_FIXED', 'A file that is being stylized cannot be changed on the way.', {
      hint: 'For changes while it plays, use "stylecast live --file".',
    });
  }

  async thumbnail(): Promise<undefined> {
    return undefined;
  }

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return listen(this.listeners, listener);
  }

  onSettings(): () => void {
    return () => undefined;
  }
}

/** Pages that show a file while it is processed. */
export interface Broadcast {
  readonly urls: LiveUrls;
  /** The address of the pages as a QR code for a terminal; undefined where only this machine can open them. */
  readonly qr: string | undefined;
  /** Shows a finished frame; its buffer stays the caller's. For `onFrame` of `stylizeVideo`. */
  readonly push: (frame: Frame) => void;
  close(): Promise<void>;
  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Serves pages that show the frames of a file while it is processed.
 *
 * @param style name of the style, as the pages show it
 * @throws StylecastError when the port is not available
 */
export async function startBroadcast(style: string, options: ServerOptions): Promise<Broadcast> {
  const show = new BroadcastShow(style);
  const server = await startServer(show, options);
  const close = () => server.close();
  const { urls, qr } = server;
  return { urls, qr, push: (frame) => show.push(frame), close, [Symbol.asyncDispose]: close };
}
