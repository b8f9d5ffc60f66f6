import { deferred } from '../../deferred.js';
import { checkSettings } from '../settings/settings.js';
import { listen } from '../show/listen.js';
import type { LiveFrame, LiveSettings, LiveStats, Show, StyleCard } from '../show/types.js';

/** What is known of a show before its source and its first style are open. */
export interface Announced {
  readonly settings: LiveSettings;
  readonly styles: readonly StyleCard[];
  readonly masks: Show['masks'];
  readonly thumbnail: (name: string) => string | undefined;
  /** Whether a browser's camera will be its source. */
  readonly browser: boolean;
}

/**
 * A show from before it begins: the pages are served and wait, changes wait with them. From `begin` on it is the show
 * that was given, for those who were there before too.
 */
export class Prelude implements Show {
  private readonly frameListeners = new Set<(frame: LiveFrame) => void>();
  private readonly settingsListeners = new Set<(settings: LiveSettings) => void>();
  private readonly begun = deferred<Show>();
  private show: Show | undefined;

  constructor(private readonly announced: Announced) {}

  /** Raises the curtain, once. */
  begin(show: Show): void {
    this.show = show;
    show.onFrame((frame) => {
      for (const listener of this.frameListeners) listener(frame);
    });
    show.onSettings((settings) => {
      for (const listener of this.settingsListeners) listener(settings);
    });
    this.begun.resolve(show);
  }

  get masks(): Show['masks'] {
    return this.show?.masks ?? this.announced.masks;
  }

  get settings(): LiveSettings {
    return this.show?.settings ?? this.announced.settings;
  }

  get stats(): LiveStats {
    return this.show?.stats ?? WAITING;
  }

  get styles(): readonly StyleCard[] {
    return this.show?.styles ?? this.announced.styles;
  }

  get newest(): LiveFrame | undefined {
    return this.show?.newest;
  }

  get feed(): Show['feed'] {
    if (!this.announced.browser) return undefined;
    return (jpeg, capturedAt) => this.show?.feed?.(jpeg, capturedAt);
  }

  async change(settings: Partial<LiveSettings>): Promise<LiveSettings> {
    checkSettings(settings);
    return (await this.begun.promise).change(settings);
  }

  thumbnail(name: string): string | undefined {
    return this.announced.thumbnail(name);
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
