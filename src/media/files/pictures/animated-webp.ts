import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaError, messageOf } from '../../../errors.js';
import { findFfmpeg, passthrough } from '../../ffmpeg/binaries.js';
import { ffmpegError } from '../../ffmpeg/failure.js';
import { ffmpegUrl, isUrl } from '../../ffmpeg/path.js';
import { FfmpegProcess } from '../../ffmpeg/process.js';
import { ivfFrameHeader, ivfHeader } from '../../raw/ivf.js';
import { sharp } from '../../sharp.js';
import { partialFiles } from '../output.js';

/** Bytes of pictures that are decoded at a time. */
const AT_ONCE = 2 ** 27;
const MILLISECONDS = { num: 1, den: 1000 };
/** What browsers make of frames without a duration, in milliseconds. */
const USUAL = 100;

/** An animated WebP as a file that ffmpeg reads. */
export interface AnimationCopy {
  /** Matroska with FFV1 in a folder of the system's, without loss; to be removed. */
  readonly path: string;
  /** Seconds that the last frame is shown. */
  readonly lastFrame: number;
}

/** Whether a file is a WebP that moves: ffmpeg before 8 reads none of its frames. */
export async function isAnimatedWebp(path: string): Promise<boolean> {
  // A pipe would be read only once.
  const isFile = !isUrl(path) && (await fs.stat(path).catch(() => undefined))?.isFile();
  const file = isFile ? await fs.open(path).catch(() => undefined) : undefined;
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(21), 0, 21, 0);
    const kind = buffer.toString('latin1', 0, 4) + buffer.toString('latin1', 8, 16);
    return bytesRead === 21 && kind === 'RIFFWEBPVP8X' && (buffer[20]! & 2) !== 0;
  } finally {
    await file.close();
  }
}

/**
 * Copies an animated WebP into a file that ffmpeg reads.
 *
 * @throws MediaError `MEDIA_UNREADABLE`
 */
export async function copyAnimation(path: string): Promise<AnimationCopy> {
  const { width = 0, pageHeight, height = 0, pages = 1, delay = [] } = await unreadable(path, sharp(path).metadata());
  const size = { width, height: pageHeight ?? height };
  const bytes = size.width * size.height * 4;
  const folder = await fs.mkdtemp(join(tmpdir(), 'stylecast-webp-'));
  const copy = join(folder, 'animation.mkv');
  partialFiles.add(copy);
  const ffmpeg = await findFfmpeg();
  const child = new FfmpegProcess(ffmpeg, {
    inputs: [{ source: 'pipe:0', options: ['-f', 'ivf', '-c:v', 'rawvideo'] }],
    output: ffmpegUrl(copy),
    outputOptions: [
      ...['-c:v', 'ffv1', '-pix_fmt', 'bgra', '-f', 'matroska', '-enc_time_base', '1:1000'],
      ...passthrough(ffmpeg),
    ],
  });
  const stdin = await child.stdin();
  stdin?.write(ivfHeader(size.width, size.height, MILLISECONDS, 'RGBA'));
  const batch = Math.max(1, Math.floor(AT_ONCE / bytes));
  let time = 0;
  try {
    for (let page = 0; page < pages; page += batch) {
      const image = sharp(path, { page, pages: Math.min(batch, pages - page) });
      const all = await unreadable(path, image.toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer());
      for (let n = page; n < Math.min(pages, page + batch); n++) {
        stdin?.write(ivfFrameHeader(bytes, time));
        await new Promise(
          (done) => stdin?.write(all.subarray((n - page) * bytes, (n - page + 1) * bytes), done) ?? done(0),
        );
        time += delay[n] || USUAL;
      }
    }
  } catch (error) {
    child.kill();
    await child.exited;
    await removeCopy({ path: copy });
    throw error;
  }
  stdin?.end();
  const exit = await child.exited;
  if (exit.failure) throw ffmpegError(exit, `reading ${path}`);
  return { path: copy, lastFrame: (delay[pages - 1] || USUAL) / 1000 };
}

/** Removes a copy and its folder. */
export async function removeCopy({ path }: Pick<AnimationCopy, 'path'>): Promise<void> {
  await fs.rm(join(path, '..'), { recursive: true, force: true });
  partialFiles.delete(path);
}

function unreadable<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((cause) => {
    throw new MediaError('MEDIA_UNREADABLE', `${path} is not an animation that can be read: ${messageOf(cause)}`, {
      hint: 'Expected a whole WebP file.',
      cause,
    });
  });
}
