import { readdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { messageOf, OptionError } from '../../errors.js';
import type { Frame, Size } from '../../frame.js';
import { isPicture, readImage } from '../../media/files/pictures/image.js';
import { sharp } from '../../media/sharp.js';
import type { GivenPaintings } from '../options.js';
import type { EvaluationPhotograph } from './scenes.js';

/** A folder of paintings. */
export class PaintingFolder {
  private constructor(
    readonly name: string,
    readonly folder: string,
    /** File names by what they are called without their ending. */
    private readonly files: ReadonlyMap<string, string>,
  ) {}

  /** @throws OptionError `EVAL_PAINTINGS` when the folder cannot be read or has no painting of any of the photographs. */
  static async open(
    { name, folder }: GivenPaintings,
    photographs: readonly EvaluationPhotograph[],
  ): Promise<PaintingFolder> {
    const names = await readdir(folder).catch((cause) => {
      const isFile = (cause as NodeJS.ErrnoException).code === 'ENOTDIR';
      throw wrong(
        `The paintings ${folder} cannot be read: ${isFile ? 'it is no folder' : messageOf(cause)}.`,
        isFile ? 'To judge single pictures, name what they were painted from with --sources.' : undefined,
        cause,
      );
    });
    const files = new Map(names.filter(isPicture).map((file) => [basename(file, extname(file)), file]));
    if (!photographs.some((photograph) => files.has(photograph.name))) {
      const [first] = photographs;
      throw wrong(
        `${folder} has no painting of any of the ${photographs.length} photographs; expected pictures named as they are, such as ${first!.name}.jpg.`,
      );
    }
    return new PaintingFolder(name ?? basename(resolve(folder)), folder, files);
  }

  /** Whether there is a painting of a photograph. */
  has(photograph: string): boolean {
    return this.files.has(photograph);
  }

  /** The painting of a photograph, scaled to its size. @throws MediaError as `readImage`. */
  async read(photograph: string, { width, height }: Size): Promise<Frame> {
    return (await readImage(join(this.folder, this.files.get(photograph)!), { width, height })).frame;
  }

  /** Those of the photographs whose painting has another size, so that its strokes are judged at another one. */
  async scaled(photographs: readonly EvaluationPhotograph[]): Promise<string[]> {
    const others: string[] = [];
    for (const { name, frame } of photographs) {
      const file = this.files.get(name);
      // What cannot be read is said when it is.
      const facts =
        file &&
        (await sharp(join(this.folder, file))
          .metadata()
          .catch(() => undefined));
      if (facts && (facts.width !== frame.width || facts.height !== frame.height)) others.push(name);
    }
    return others;
  }
}

function wrong(message: string, hint = 'Check the folders given with --paintings.', cause?: unknown): OptionError {
  return new OptionError('EVAL_PAINTINGS', message, { hint, cause });
}
