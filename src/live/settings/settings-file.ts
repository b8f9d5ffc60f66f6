import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.js';
import { userFolder } from '../../model/folders.js';
import { writeFileAtomically } from '../../write-file.js';
import type { LiveSettings } from '../show/types.js';
import { isSetting } from './settings.js';

/** Largest settings file that is read, in bytes. */
const MAX_BYTES = 2 ** 16;

/** Saved settings of a show's last run. */
export interface StoredSettings {
  readonly settings: Partial<LiveSettings>;
  /** A note to the user where the file could not be used. */
  readonly note?: string;
}

/** The settings of one show on disk: read at its start, written after every change. */
export class SettingsFile {
  private next: LiveSettings | undefined;
  private writing: Promise<void> | undefined;

  /**
   * @param path see {@link settingsPath}
   * @param onNote called once when the file cannot be written
   */
  constructor(
    readonly path: string,
    private readonly onNote: (note: string) => void = () => undefined,
  ) {}

  /** Reads the settings of the last run; empty where there are none or the file is damaged. Never rejects. */
  async read(): Promise<StoredSettings> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { settings: {} };
      return { settings: {}, note: `${this.path} cannot be read (${messageOf(error)}); the settings start afresh.` };
    }
    try {
      if (text.length > MAX_BYTES) throw new Error('too long');
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
      return { settings: Object.fromEntries(Object.entries(value).filter(([name, one]) => isSetting(name, one))) };
    } catch {
      return { settings: {}, note: `${this.path} is damaged; the settings start afresh.` };
    }
  }

  /** Saves settings, without `paused`. Only the newest are written, each write replacing the file atomically. */
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
    while (this.next) {
      const { paused: _, ...kept } = this.next;
      this.next = undefined;
      try {
        await writeFileAtomically(this.path, `${JSON.stringify(kept, null, 2)}\n`);
      } catch (error) {
        this.onNote(`The settings cannot be kept in ${this.path} (${messageOf(error)}).`);
      }
    }
  }
}

/** Path of the settings file: in the user's stylecast folder, by the port of the show. */
export function settingsPath(port: number): string {
  return join(userFolder(), 'live', `${port}.json`);
}
