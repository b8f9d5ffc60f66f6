import { deferred } from '../../deferred.js';
import { checkSettings } from '../settings/settings.js';
import { listen } from '../show/listen.js';
import { NO_FIGURES } from '../show/no-figures.js';
import type { LiveFrame, LiveSettings, Show, ShowStats, StyleCard } from '../show/types.js';

/** What is known about a show before its source and its first style are open. */
export interface PendingShowInfo {
  readonly settings: LiveSettings;
  readonly styles: readonly StyleCard[];
  readonly masks: Show['masks'];
  readonly thumbnail: Show['thumbnail'];
  /** Whether a browser's camera will be its source. */
  readonly browser: boolean;
}

/**
 * Stands in for a show that is not running yet: pages and changes of settings wait. After `start` it forwards to the
 * given show, also for listeners added before.
 */
export class PendingShow implements Show {
  private readonly frameListeners = new Set<(frame: LiveFrame) => void>();
  private readonly settingsListeners = new Set<(settings: LiveSettings) => void>();
  private readonly stylesListeners = new Set<() => void>();
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
    show.onStyles?.(() => {
      for (const listener of this.stylesListeners) listener();
    });
    this.started.resolve(show);
  }

  get masks(): Show['masks'] {
    return this.show?.masks ?? this.info.masks;
  }

  get settings(): LiveSettings {
    return this.show?.settings ?? this.info.settings;
  }

  get stats(): ShowStats {
    return this.show?.stats ?? NO_FIGURES;
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

  thumbnail(name: string): ReturnType<Show['thumbnail']> {
    return this.info.thumbnail(name);
  }

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return listen(this.frameListeners, listener);
  }

  onStyles(listener: () => void): () => void {
    return listen(this.stylesListeners, listener);
  }

  onSource(listener: (frame: LiveFrame) => void): () => void {
    let unlisten: (() => void) | undefined;
    let over = false;
    void this.started.promise.then((show) => {
      if (!over) unlisten = show.onSource?.(listener);
    });
    return () => {
      over = true;
      unlisten?.();
    };
  }

  onSettings(listener: (settings: LiveSettings) => void): () => void {
    return listen(this.settingsListeners, listener);
  }
}
