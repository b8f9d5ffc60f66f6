import type { LivePainter } from '../../engine/painter/live-painter.js';
import type { RealDevice } from '../../engine/runtime/devices.js';
import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { Gallery } from '../settings/gallery.js';

/** The styles that are loaded, all at the same working size, and the order in which they come and go. */
export class Stage {
  private readonly loaded = new Map<string, Style>();
  private last: Promise<unknown> = Promise.resolve();
  private pending = 0;
  private readonly said = new Set<string>();
  /** Where the style that was loaded last runs; undefined before the first. */
  device: RealDevice | undefined;

  constructor(
    private readonly painter: Pick<LivePainter, 'load' | 'unload'>,
    private readonly gallery: Gallery,
    /** Size of the source's pictures. */
    private readonly picture: Size,
    private height: number,
    /** Told what the user should know of where styles run, each thing once. */
    private readonly onNote: (note: string) => void,
  ) {}

  /** Size that the networks work at: never more than the picture's. */
  get working(): Size {
    const { width, height } = this.picture;
    if (this.height >= height) return this.picture;
    return { width: Math.max(2, Math.round((width * this.height) / height / 2) * 2), height: this.height };
  }

  /** Height that was asked for last and is in force, in pixels. */
  get lines(): number {
    return this.height;
  }

  /** Whether something is being loaded, which takes time from painting. */
  get busy(): boolean {
    return this.pending > 0;
  }

  has(name: string): boolean {
    return this.loaded.has(name);
  }

  /**
   * Loads the styles of a list that are not there yet.
   *
   * @throws StylecastError when one cannot be used; those that were there stay
   */
  add(names: readonly string[]): Promise<void> {
    return this.inTurn(async () => {
      for (const name of names.filter((one) => !this.loaded.has(one))) {
        const style = await this.gallery.style(name);
        await this.load(style);
        this.loaded.set(name, style);
      }
    });
  }

  /** Loads all styles at another height; until they are there, frames are painted at the old one. */
  resize(height: number): Promise<void> {
    return this.inTurn(async () => {
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

  /** Lets go of all styles that a list does not name. The list is asked for when it is time. */
  keep(names: () => readonly string[]): Promise<void> {
    return this.inTurn(async () => {
      for (const name of [...this.loaded.keys()].filter((one) => !names().includes(one))) {
        this.loaded.delete(name);
        await this.painter.unload(name);
      }
    });
  }

  private async load(style: Style): Promise<void> {
    const { device, notes } = await this.painter.load(style, this.working);
    this.device = device;
    for (const note of notes.filter((one) => !this.said.has(one))) {
      this.said.add(note);
      this.onNote(note);
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.pending++;
    const done = this.last.then(work).finally(() => {
      this.pending--;
    });
    this.last = done.catch(() => undefined);
    return done;
  }
}
