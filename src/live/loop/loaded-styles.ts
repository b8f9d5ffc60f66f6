import type { LivePainter } from '../../engine/painter/live-painter.js';
import type { RealDevice } from '../../engine/runtime/devices.js';
import { messageOf } from '../../errors.js';
import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { Gallery } from '../settings/gallery/gallery.js';

/** Tries a style at a size, unless it is known to run. */
export type StyleCheck = (style: Style, working: Size, signal?: AbortSignal) => Promise<void>;

/** The styles that are loaded, all at the same working size, and the order in which they come and go. */
export class LoadedStyles {
  private readonly loaded = new Map<string, Style>();
  private last: Promise<unknown> = Promise.resolve();
  private pending = 0;
  /** How often a style was loaded: one that is loaded anew may paint otherwise. */
  private loads = 0;
  private readonly reported = new Set<string>();
  private readonly closed = new AbortController();
  /** Where the style that was loaded last runs; undefined before the first. */
  device: RealDevice | undefined;

  constructor(
    private readonly painter: Pick<LivePainter, 'load' | 'unload'>,
    private readonly gallery: Gallery,
    /** Size of the source's pictures. */
    private readonly picture: Size,
    private height: number,
    /** Tries a style that may not be fit to run, before it is loaded; rejects where it is not. */
    private readonly check: StyleCheck,
    /** Called with notes on where styles run, each once. */
    private readonly onNote: (note: string) => void,
  ) {
    gallery.onChange((changed) => {
      if (changed !== undefined) this.reload(changed).catch((error) => onNote(messageOf(error)));
    });
  }

  /** Working size of the networks: never larger than the picture. */
  get working(): Size {
    const { width, height } = this.picture;
    if (this.height >= height) return this.picture;
    return { width: Math.max(2, Math.round((width * this.height) / height / 2) * 2), height: this.height };
  }

  /** The requested working height in pixels. */
  get targetHeight(): number {
    return this.height;
  }

  /** Whether something is being loaded, which slows painting. */
  get busy(): boolean {
    return this.pending > 0;
  }

  /** What a painting depends on beside the look: it changes with what is loaded. */
  get state(): string {
    return `${this.working.height} ${this.loads} ${this.busy}`;
  }

  /** Gives up what is being tried. */
  close(): void {
    this.closed.abort();
  }

  has(name: string): boolean {
    return this.loaded.has(name);
  }

  /**
   * Loads a style, unless it is there.
   *
   * @param signal gives it up, where it has not begun
   * @throws StylecastError when it cannot be used; those that were there stay
   */
  add(name: string, signal?: AbortSignal): Promise<void> {
    return this.enqueue(async () => {
      if (this.loaded.has(name)) return;
      signal?.throwIfAborted();
      const style = await this.gallery.style(name);
      signal?.throwIfAborted();
      await this.load(style, signal);
      this.loaded.set(name, style);
    });
  }

  /** Loads all styles at another height; meanwhile frames are painted at the old one. */
  resize(height: number): Promise<void> {
    return this.enqueue(async () => {
      const before = this.height;
      this.height = height;
      try {
        for (const style of this.loaded.values()) await this.load(style);
      } catch (error) {
        this.height = before;
        throw error;
      }
    });
  }

  /** Unloads all styles that are not in a list, which is evaluated when its turn comes. */
  unloadExcept(names: () => readonly string[]): Promise<void> {
    return this.enqueue(async () => {
      for (const name of [...this.loaded.keys()].filter((one) => !names().includes(one))) {
        this.loaded.delete(name);
        await this.painter.unload(name);
      }
    });
  }

  /** Loads a style anew that has changed, if it is there; meanwhile it is painted as it was. */
  private reload(name: string): Promise<void> {
    return this.enqueue(async () => {
      if (!this.loaded.has(name)) return;
      const style = await this.gallery.style(name);
      await this.load(style);
      this.loaded.set(name, style);
    });
  }

  private async load(style: Style, signal?: AbortSignal): Promise<void> {
    const { signal: closed } = this.closed;
    await this.check(style, this.working, signal ? AbortSignal.any([signal, closed]) : closed);
    const { device, notes } = await this.painter.load(style, this.working);
    this.loads++;
    this.device = device;
    for (const note of notes.filter((one) => !this.reported.has(one))) {
      this.reported.add(note);
      this.onNote(note);
    }
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.pending++;
    const done = this.last.then(work).finally(() => {
      this.pending--;
    });
    this.last = done.catch(() => undefined);
    return done;
  }
}
