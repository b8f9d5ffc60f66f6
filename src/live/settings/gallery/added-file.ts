import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, OptionError } from '../../../errors.js';
import { styleNameOf } from '../../../model/blend.js';
import { userFolder } from '../../../model/folders.js';
import { namePattern } from '../../../model/manifest/schema.js';
import { writeFileAtomically } from '../../../write-file.js';

/** A picture of the user's as a further style of a network that paints like any picture. */
export interface AddedStyle {
  /** What it is called in the network, and its files in the folder. */
  readonly name: string;
  readonly title: string;
  /** The preset, and the checksum of the network that its vector is for. */
  readonly preset: string;
  readonly network: string;
  readonly vector: readonly number[];
  /** Whether the vector was learned from the picture, not only predicted. */
  readonly learned: boolean;
}

/** Name of the list in the folder. */
const LIST = 'styles.json';
/** A title from outside. */
const TITLE = /^[^\p{Cc}]{1,60}$/u;

const schema = z.strictObject({
  styles: z.array(
    z.strictObject({
      name: z.string().regex(namePattern),
      title: z.string().regex(TITLE),
      preset: z.string().regex(namePattern),
      network: z.string(),
      vector: z.array(z.number()).min(1).max(4096),
      learned: z.boolean(),
    }),
  ),
});

/** Folder of the added styles: in the user's stylecast folder. */
export function addedFolder(): string {
  return join(userFolder(), 'live', 'styles');
}

/** The list of added styles on disk, for all shows of a user; their pictures are beside it. */
export class AddedFile {
  private turn: Promise<unknown> = Promise.resolve();

  /** @param folder need not be there */
  constructor(readonly folder: string) {}

  /** The path of a style's picture. */
  picture(name: string): string {
    return join(this.folder, `${name}.jpg`);
  }

  /** The file name of a style's small picture. */
  small(name: string): string {
    return `${name}-small.jpg`;
  }

  /** The styles in the order in which they were added. @throws OptionError `STYLES_KEPT`. */
  async read(): Promise<readonly AddedStyle[]> {
    const path = join(this.folder, LIST);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw unusable(path, error);
    }
    try {
      return schema.parse(JSON.parse(text)).styles;
    } catch {
      throw unusable(path, new Error('it is damaged'));
    }
  }

  /** Changes the list, one change after the other, each replacing the file as a whole; gives what it is then. */
  change(
    change: (styles: readonly AddedStyle[]) => Promise<readonly AddedStyle[]> | readonly AddedStyle[],
  ): Promise<readonly AddedStyle[]> {
    const done = this.turn.then(async () => {
      const styles = await change(await this.read());
      await this.write(LIST, `${JSON.stringify({ styles }, null, 2)}\n`);
      return styles;
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Writes a file into the folder. @throws OptionError `STYLES_KEPT`. */
  async write(file: string, contents: Uint8Array | string): Promise<void> {
    const path = join(this.folder, file);
    await writeFileAtomically(path, contents).catch((cause) => {
      throw unusable(path, cause);
    });
  }
}

/** A title after a file's name, in words. */
export function titleOf(file: string): string {
  const name = file.split(/[\\/]/).at(-1) ?? '';
  const words = basename(name, extname(name)).replaceAll(/[-_\p{Cc}\s]+/gu, ' ');
  const title = words.trim().slice(0, 50).trim();
  return title === '' ? 'Picture' : title.charAt(0).toUpperCase() + title.slice(1);
}

/** The name of a style after its title; for titles without Latin letters a plain one. */
export function nameFor(title: string): string {
  return styleNameOf(`${title}.jpg`) || 'picture';
}

/** A name that is not taken: with a number behind it where it is. */
export function free(name: string, taken: ReadonlySet<string>, joint: string): string {
  for (let n = 1; ; n++) {
    const one = n === 1 ? name : `${name}${joint}${n}`;
    if (!taken.has(one)) return one;
  }
}

/** Checks a title from outside. @throws OptionError `STYLE_TITLE`. */
export function checkTitle(title: unknown): string {
  if (typeof title === 'string' && TITLE.test(title) && title.trim() !== '') return title.trim();
  const shown = (JSON.stringify(title) ?? 'nothing').slice(0, 60);
  throw new OptionError('STYLE_TITLE', `title is ${shown}; expected 1 to 60 characters.`, { hint: 'Correct title.' });
}

function unusable(path: string, cause: unknown): OptionError {
  return new OptionError('STYLES_KEPT', `${path} cannot be used: ${messageOf(cause)}`, {
    hint: 'Make room there, let stylecast write to that folder, or move a damaged file away to begin anew.',
    cause,
  });
}
