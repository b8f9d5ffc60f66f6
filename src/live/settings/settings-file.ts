import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../errors.js';
import { userFolder } from '../../model/folders.js';
import type { LiveSettings } from '../show/types.js';
import { isSetting } from './settings.js';

/** Settings are a few lines; what is longer is no such file. */
const LARGEST = 2 ** 16;

/** What was found of a show's last run. */
export interface Remembered {
  readonly settings: Partial<LiveSettings>;
  /** What the user should know, where the file could not be used. */
  readonly note?: string;
}

/** The settings of one show on disk: read at its start, written after every change. */
export class SettingsFile {
  private next: LiveSettings | undefined;
  private writing: Promise<void> | undefined;

  /**
   * @param path see {@link settingsPath}
   * @param onNote told once when the file cannot be written
   */
  constructor(
    readonly path: string,
    private readonly onNote: (note: string) => void = () => undefined,
  ) {}

  /** What the last run left; nothing where there was none, or where the file is damaged. Never fails. */
  async read(): Promise<Remembered> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { settings: {} };
      return { settings: {}, note: `${this.path} cannot be read (${messageOf(error)}); the settings start afresh.` };
    }
    try {
      if (text.length > LARGEST) throw new Error('too long');
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
      return { settings: Object.fromEntries(Object.entries(value).filter(([name, one]) => isSetting(name, one))) };
    } catch {
      return { settings: {}, note: `${this.path} is damaged; the settings start afresh.` };
    }
  }

  /** Keeps settings; the newest are written, each write replacing the file as a whole. A pause is not kept. */
  write(settings: LiveSettings): void {
    this.next = settings;
    this.writing ??= this.drain().finally(() => {
      this.writing = undefined;
    });
  }

  /** Waits until the newest settings are on disk. */
  async close(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    const partial = `${this.path}.${process.pid}.partial`;
    while (this.next) {
      const { paused: _, ...kept } = this.next;
      this.next = undefined;
      try {
        await mkdir(dirname(this.path), { recursive: true });
        await writeFile(partial, `${JSON.stringify(kept, null, 2)}\n`);
        await rename(partial, this.path);
      } catch (error) {
        await rm(partial, { force: true }).catch(() => undefined);
        this.onNote(`The settings cannot be kept in ${this.path} (${messageOf(error)}).`);
      }
    }
  }
}

/** Where a show keeps its settings: in the user's own folder, by the port that it serves. */
export function settingsPath(port: number): string {
  return join(userFolder(), 'live', `${port}.json`);
}
