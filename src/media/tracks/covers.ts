import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import { ffmpegInput, ffmpegUrl } from '../ffmpeg/path.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import type { MediaInfo, OtherStream } from '../probe/info.js';

/** Extensions and media types by ffmpeg's names of picture codecs. */
const TYPES: Readonly<Record<string, readonly [extension: string, mimetype: string]>> = {
  mjpeg: ['jpg', 'image/jpeg'],
  png: ['png', 'image/png'],
  gif: ['gif', 'image/gif'],
  bmp: ['bmp', 'image/bmp'],
  webp: ['webp', 'image/webp'],
  tiff: ['tiff', 'image/tiff'],
};

/** Covers as files, for formats that have them as attachments. */
export class CoverFiles {
  private constructor(
    private readonly folder: string | undefined,
    /** ffmpeg output options that attach them. */
    readonly options: readonly string[],
    /** Those that could not be read. */
    readonly notes: readonly string[],
  ) {}

  /** @param before number of attachments that are there already */
  static async take(
    ffmpeg: Ffmpeg,
    file: MediaInfo,
    covers: readonly OtherStream[],
    before: number,
  ): Promise<CoverFiles> {
    if (covers.length === 0) return new CoverFiles(undefined, [], []);
    const folder = await fs.mkdtemp(join(tmpdir(), 'stylecast-cover-'));
    const options: string[] = [];
    const notes: string[] = [];
    for (const cover of covers) {
      const picture = await read(ffmpeg, file.path, cover.index);
      if (picture.length === 0) {
        notes.push(`cover stream ${cover.index} (${cover.codec}) is left out: it cannot be read.`);
        continue;
      }
      const [extension, mimetype] = TYPES[cover.codec] ?? ['bin', 'application/octet-stream'];
      const path = join(folder, `${cover.index}.${extension}`);
      await fs.writeFile(path, picture);
      const number = before + options.length / 6;
      const name = cover.tags?.filename ?? (number === before ? `cover.${extension}` : `cover-${number}.${extension}`);
      options.push('-attach', ffmpegUrl(path));
      options.push(`-metadata:s:t:${number}`, `mimetype=${mimetype}`, `-metadata:s:t:${number}`, `filename=${name}`);
    }
    return new CoverFiles(folder, options, notes);
  }

  /** Removes the files. */
  async remove(): Promise<void> {
    if (this.folder) await fs.rm(this.folder, { recursive: true, force: true });
  }
}

async function read(ffmpeg: Ffmpeg, path: string, stream: number): Promise<Buffer> {
  const { source, options } = ffmpegInput(path);
  const chunks: Buffer[] = [];
  const output = new Writable({
    emitClose: false,
    write: (chunk, _, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const outputOptions = ['-map', `0:${stream}`, '-c', 'copy', '-frames:v', '1', '-f', 'data'];
  const child = new FfmpegProcess(ffmpeg, { inputs: [{ source, options }], output, outputOptions });
  const { failure } = await child.exited;
  return failure ? Buffer.alloc(0) : Buffer.concat(chunks);
}
