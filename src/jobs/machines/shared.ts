import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf, OptionError } from '../../errors.js';

/** A folder that several machines see, each perhaps under another path. */
export class SharedFolder {
  private constructor(readonly root: string) {}

  /** @throws OptionError `SHARED_FOLDER` where it is not there */
  static async open(folder: string): Promise<SharedFolder> {
    const root = await realpath(folder).catch((cause) => {
      throw new OptionError('SHARED_FOLDER', `The shared folder ${folder} cannot be read: ${messageOf(cause)}`, {
        hint: 'Name the folder that all machines see, as it is called on this one.',
        cause,
      });
    });
    return new SharedFolder(root);
  }

  /** The name by which others find a file. @throws OptionError `SHARED_OUTSIDE` */
  async nameOf(path: string): Promise<string> {
    // What is not there yet has a folder that is.
    const real = await realpath(path).catch(async () =>
      join(await realpath(dirname(resolve(path))), basename(resolve(path))),
    );
    const name = relative(this.root, real);
    if (name === '' || name.startsWith('..') || isAbsolute(name)) {
      throw new OptionError('SHARED_OUTSIDE', `${path} does not lie in the shared folder ${this.root}.`, {
        hint: 'Put it there: other machines read and write it.',
      });
    }
    return name.split(sep).join('/');
  }

  /** Where a file of that name is on this machine. */
  pathOf(name: string): string {
    return join(this.root, ...name.split('/'));
  }
}

/** Whether a name stays inside the folder. */
export function isInside(name: string): boolean {
  return name !== '' && !/^[/\\]|\\|^[a-z]:|\0/i.test(name) && !name.split('/').includes('..');
}
