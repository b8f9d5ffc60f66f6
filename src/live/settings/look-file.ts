import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OptionError } from '../../errors.js';
import { userFolder } from '../../model/folders.js';
import { writeFileAtomically } from '../../write-file.js';
import type { LookBook } from '../show/controls.js';
import type { Look } from '../show/look.js';
import { checkSettings } from './settings.js';
import { LOOK_SETTINGS } from './table.js';

/** Looks that are kept, at most. */
const MOST = 200;
/** What a look may be called. */
const NAME = /^[^\p{Cc}/\\]{1,60}$/u;

/** Path of the looks: in the user's stylecast folder. */
export function looksPath(): string {
  return join(userFolder(), 'live', 'looks.json');
}

/** Looks on disk: one file for all shows of a user. */
export class LookFile implements LookBook {
  private turn: Promise<unknown> = Promise.resolve();

  /** @param path a JSON file, which need not be there */
  constructor(private readonly path: string) {}

  async list(): Promise<readonly Look[]> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw damaged(this.path, messageOf(error));
    }
    try {
      return checkLooks((JSON.parse(text) as { looks: unknown }).looks);
    } catch (error) {
      throw damaged(this.path, messageOf(error));
    }
  }

  save(look: Look): Promise<void> {
    return this.change((looks) => {
      const at = looks.findIndex(({ name }) => name === look.name);
      return at < 0 ? [...looks, look] : looks.map((one, i) => (i === at ? look : one));
    });
  }

  replace(looks: readonly Look[]): Promise<void> {
    return this.change(() => looks);
  }

  async remove(name: string): Promise<boolean> {
    let found = false;
    await this.change((looks) => {
      found = looks.some((look) => look.name === name);
      return looks.filter((look) => look.name !== name);
    });
    return found;
  }

  /** One change after the other, each replacing the file as a whole. */
  private change(change: (looks: readonly Look[]) => readonly Look[]): Promise<void> {
    const done = this.turn.then(async () => {
      const looks = checkLooks(change(await this.list()));
      try {
        await writeFileAtomically(this.path, `${JSON.stringify({ looks }, null, 2)}\n`);
      } catch (cause) {
        throw new OptionError('LOOKS', `The looks cannot be kept in ${this.path}: ${messageOf(cause)}`, {
          hint: 'Make room there, or let stylecast write to that folder.',
          cause,
        });
      }
    });
    this.turn = done.catch(() => undefined);
    return done;
  }
}

/**
 * Checks looks from outside.
 *
 * @throws OptionError `LOOK`, `LIVE_SETTING`
 */
export function checkLooks(value: unknown): readonly Look[] {
  if (!Array.isArray(value) || value.length > MOST) throw wrong('looks', value, `a list of at most ${MOST} looks`);
  const looks = value.map(checkLook);
  const names = looks.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw wrong('name', twice, 'a name that no other look has');
  return looks;
}

/**
 * Checks a look from outside.
 *
 * @throws OptionError `LOOK`, `LIVE_SETTING`
 */
export function checkLook(value: unknown): Look {
  const { name, color, key, settings, ...more } = (value ?? {}) as Record<string, unknown>;
  const [strange] = Object.keys(more);
  if (strange !== undefined) throw wrong('field', strange, 'name, color, key and settings');
  if (typeof name !== 'string' || !NAME.test(name)) throw wrong('name', name, '1 to 60 characters without "/"');
  if (color !== undefined && !/^#[0-9a-f]{6}$/i.test(String(color))) throw wrong('color', color, '#rrggbb');
  if (key !== undefined && !/^\S$/u.test(String(key))) throw wrong('key', key, 'one character');
  if (typeof settings !== 'object' || settings === null) throw wrong('settings', settings, 'an object');
  const others = Object.keys(settings).filter((one) => !(LOOK_SETTINGS as readonly string[]).includes(one));
  if (others.length > 0) throw wrong('settings', others[0], LOOK_SETTINGS.join(', '));
  checkSettings(settings);
  return {
    name,
    ...(color === undefined ? {} : { color: String(color) }),
    ...(key === undefined ? {} : { key: String(key) }),
    settings,
  };
}

function wrong(what: string, value: unknown, expected: string): OptionError {
  const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 60);
  return new OptionError('LOOK', `${what} of a look is ${shown}; expected ${expected}.`, { hint: `Correct ${what}.` });
}

function damaged(path: string, reason: string): OptionError {
  return new OptionError('LOOKS', `The looks in ${path} cannot be read: ${reason}`, {
    hint: 'Correct the file, or move it away to begin anew.',
  });
}
