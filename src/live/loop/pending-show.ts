import { deferred } from '../../deferred.js';
import { checkSettings } from '../settings/settings.js';
import { listen } from '../show/listen.js';
import type { LiveFrame, LiveSettings, LiveStats, Show, StyleCard } from '../show/types.js';

/** What is known about a show before its source and its first style are open. */
export interface PendingShowInfo {
  readonly settings: LiveSettings;
  readonly styles: readonly StyleCard[];
  readonly masks: Show['masks'];
  readonly thumbnail: (name: string) => string | undefined;
  /** Whether the source will be a browser's camera. */
  readonly browser: boolean;
}

/**
 * Stands in for a show that is not running yet: pages and changes of settings wait. After `start` it forwards to the
 * given show, also for listeners added before.
 */
export class PendingShow implements Show {
  private readonly frameListeners = new Set<(frame: LiveFrame) => void>();
  private readonly settingsListeners = new Set<(settings: LiveSettings) => void>();
  private readonly started = deferred<Show>();
  private show: Show | undefined;

  constructor(private readonly info: PendingShowInfo) {}

  /** Starts forwarding to the show; called once. */
  start(show: Show): void {
    this.show = show;
    show.onFrame((frame) => {
      for (const listener of this.frameListeners) listener(frame);
    });
    show.onSettings((settings) => {
      for (const listener of this.settingsListeners) listener(settings);
    });
    this.started.resolve(show);
  }

  get masks(): Show['masks'] {
    return this.show?.masks ?? this.info.masks;
  }

  get settings(): LiveSettings {
    return this.show?.settings ?? this.info.settings;
  }

  get stats(): LiveStats {
    return this.show?.stats ?? WAITING;
  }

  get styles(): readonly StyleCard[] {
    return this.show?.styles ?? this.info.styles;
  }

  get newest(): LiveFrame | undefined {
    return this.show?.newest;
  }

  get feed(): Show['feed'] {
    if (!this.info.browser) return undefined;
    return (jpeg, capturedAt) => this.show?.feed?.(jpeg, capturedAt);
  }

  async change(settings: Partial<LiveSettings>): Promise<LiveSettings> {
    checkSettings(settings);
    return (await this.started.promise).change(settings);
  }

  thumbnail(name: string): string | undefined {
    return this.info.thumbnail(name);
  }

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return listen(this.frameListeners, listener);
  }

  onSettings(listener: (settings: LiveSettings) => void): () => void {
    return listen(this.settingsListeners, listener);
  }
}

const WAITING: LiveStats = {
  fpsIn: 0,
  fpsOut: 0,
  latency: { wait: 0, paint: 0, encode: 0, total: 0, delivery: 0 },
  drops: { source: 0, viewers: 0 },
  viewers: 0,
  controllers: 0,
  device: '',
  picture: { width: 0, height: 0 },
  working: { width: 0, height: 0 },
  source: 'connecting',
  outputs: {},
};
