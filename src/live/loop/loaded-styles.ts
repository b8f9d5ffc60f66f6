import type { LivePainter } from '../../engine/painter/live-painter.js';
import type { RealDevice } from '../../engine/runtime/devices.js';
import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { Gallery } from '../settings/gallery.js';

/** The loaded styles, all at one working size; loads and unloads run one after the other. */
export class LoadedStyles {
  private readonly loaded = new Map<string, Style>();
  private last: Promise<unknown> = Promise.resolve();
  private pending = 0;
  private readonly reported = new Set<string>();
  /** Device of the style that was loaded last; undefined before the first. */
  device: RealDevice | undefined;

  constructor(
    private readonly painter: Pick<LivePainter, 'load' | 'unload'>,
    private readonly gallery: Gallery,
    /** Size of the source's pictures. */
    private readonly picture: Size,
    private height: number,
    /** Called with what the user should know about the devices of styles, each note once. */
    private readonly onNote: (note: string) => void,
  ) {}

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

  has(name: string): boolean {
    return this.loaded.has(name);
  }

  /**
   * Loads those styles of a list that are not loaded yet.
   *
   * @throws StylecastError when one cannot be used; loaded ones stay
   */
  add(names: readonly string[]): Promise<void> {
    return this.enqueue(async () => {
      for (const name of names.filter((one) => !this.loaded.has(one))) {
        const style = await this.gallery.style(name);
        await this.load(style);
        this.loaded.set(name, style);
      }
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

  private async load(style: Style): Promise<void> {
    const { device, notes } = await this.painter.load(style, this.working);
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
