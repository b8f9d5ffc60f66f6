import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { besidePath } from '../media/ffmpeg/path.js';
import { chooseCodec } from '../media/tracks/container.js';
import { clearFolder } from './job/disk.js';
import type { LongVideoOptions } from './options.js';

/** Version of stylecast. */
export const VERSION: string = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
).version;

/** The folder beside an output in which its job lies until it is whole. */
export function jobFolder(output: string): string {
  return `${output}.stylecast-job`;
}

const PARTIAL = 'partial';

/** The files in the folder of a job. */
export class JobFiles {
  private readonly extension: string;
  private made = 0;

  /** @param alpha whether segments keep transparency */
  constructor(
    readonly folder: string,
    private readonly output: string,
    options: Pick<LongVideoOptions, 'codec'>,
    alpha: boolean,
  ) {
    const codec = chooseCodec(output, options.codec);
    this.extension = segmentExtension(codec, alpha, output);
  }

  /** The picture of a segment. */
  segment(number: number): string {
    return join(this.folder, `${String(number).padStart(4, '0')}${this.extension}`);
  }

  /** Where the shot had got to before the lead-in of a segment. */
  shot(number: number): string {
    return join(this.folder, `${String(number).padStart(4, '0')}.shot`);
  }

  /** A name that is of this process alone: what a killed one has begun may still be written to for a moment. */
  making(path: string): string {
    return besidePath(path, `${PARTIAL}-${process.pid}-${this.made++}`);
  }

  /** Removes what killed processes have left unfinished. */
  async clear(): Promise<void> {
    await clearFolder(this.folder, (name) => !name.includes(`.${PARTIAL}-`));
  }

  /** Whether times in its segments are rounded to milliseconds. */
  get rounds(): boolean {
    return /^\.(mkv|webm)$/i.test(this.extension);
  }

  /** The result until it has its name. */
  get joined(): string {
    return join(this.folder, `joined${extname(this.output)}`);
  }
}

/** MP4 keeps times exactly. It holds no transparency of VP9, and neither ProRes nor QuickTime's RLE. */
function segmentExtension(codec: string, alpha: boolean, output: string): string {
  if (codec === 'vp9' && alpha) return extname(output);
  return codec === 'prores' || codec === 'qtrle' ? '.mov' : '.mp4';
}
