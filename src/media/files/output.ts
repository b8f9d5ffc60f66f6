import { constants, promises as fs, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MediaError, messageOf, OptionError } from '../../errors.js';
import { ExitCleanup } from '../../exit-cleanup.js';
import { replaceFile } from '../../write-file.js';
import { exists, freePath } from '../ffmpeg/path.js';

/** Files that are being written; removed when the process exits early. */
export const partialFiles = new ExitCleanup<string>((path) => rmSync(path, { force: true }));

/**
 * An output file that appears under its name only when it is whole: until then it grows as `name.partial.ext` in the
 * same folder.
 */
export class OutputFile {
  private constructor(
    /** The wanted path. */
    readonly path: string,
    /** The path to write to. */
    readonly partial: string,
    private readonly overwrite: boolean,
  ) {}

  /**
   * Checks everything that can be checked before the work starts. Nothing is created.
   *
   * @param inputs files that must not be the output
   * @param place what it is written as until it is whole; default: beside the output
   * @throws OptionError `OUTPUT_EXISTS`, `OUTPUT_IS_INPUT`, `OUTPUT_IS_FOLDER`, `OUTPUT_NOT_FILE`; MediaError
   * `OUTPUT_NO_FOLDER`, `OUTPUT_NOT_WRITABLE`
   */
  static async plan(path: string, inputs: readonly string[], overwrite = false, place?: string): Promise<OutputFile> {
    const folder = dirname(resolve(path));
    const there = await fs.stat(folder).catch(() => undefined);
    if (!there?.isDirectory()) {
      throw new MediaError(
        'OUTPUT_NO_FOLDER',
        `The output folder ${folder} ${there ? 'is a file' : 'does not exist'}.`,
        {
          hint: there ? 'Choose another -o.' : 'Create it first, or choose another -o.',
        },
      );
    }
    const existing = await fs.stat(path).catch(() => undefined);
    if (existing?.isDirectory()) {
      throw new OptionError('OUTPUT_IS_FOLDER', `The output ${path} is a folder; expected a file name.`, {
        hint: `For example -o ${join(path, 'stylized.mp4')}`,
      });
    }
    if (existing && !existing.isFile()) {
      throw new OptionError('OUTPUT_NOT_FILE', `The output ${path} is a pipe or a device; expected a file.`, {
        hint: 'A result gets its name when it is whole: write a file, and send that on.',
      });
    }
    for (const input of inputs) {
      const source = await fs.stat(input).catch(() => undefined);
      if (
        resolve(input) === resolve(path) ||
        (source && existing && source.dev === existing.dev && source.ino === existing.ino)
      ) {
        throw new OptionError('OUTPUT_IS_INPUT', `The output ${path} is the input itself.`, {
          hint: 'Choose another -o.',
        });
      }
    }
    if (existing && !overwrite) {
      throw new OptionError('OUTPUT_EXISTS', `The output ${path} exists already.`, {
        hint: 'Choose another -o, or add --overwrite.',
      });
    }
    await fs.access(folder, constants.W_OK).catch((cause) => {
      throw new MediaError('OUTPUT_NOT_WRITABLE', `The output folder ${folder} is not writable.`, {
        hint: 'Choose a folder that you may write to with -o.',
        cause,
      });
    });
    const partial = place ?? (await freePath(path, 'partial'));
    partialFiles.add(partial);
    return new OutputFile(path, partial, overwrite);
  }

  /** Gives the finished file its name, replacing what `overwrite` allowed to replace. Returns the path. */
  async commit(): Promise<string> {
    if (!this.overwrite && (await exists(this.path))) {
      this.keep();
      throw new OptionError('OUTPUT_EXISTS', `${this.path} appeared while the work went on.`, {
        hint: `The result is kept as ${this.partial}.`,
      });
    }
    await replaceFile(this.partial, this.path).catch((cause) => {
      this.keep();
      throw new MediaError('OUTPUT_NOT_NAMED', `${this.path} cannot be named so: ${messageOf(cause)}`, {
        hint: `The result is kept as ${this.partial}.`,
        cause,
      });
    });
    this.keep();
    return this.path;
  }

  /** Leaves the file under its partial name. Returns that. */
  keep(): string {
    partialFiles.delete(this.partial);
    return this.partial;
  }

  /** Removes what was written so far, unless it is to be kept. */
  async discard(): Promise<void> {
    if (!partialFiles.delete(this.partial)) return;
    await fs.rm(this.partial, { force: true });
  }
}
