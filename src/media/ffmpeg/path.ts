import { access } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Bytes that file systems allow in one name. */
const LONGEST_NAME = 255;

/** Extensions that ffmpeg's image sequences know: in their names `%03d` is a number that counts. */
const SEQUENCES = /\.(png|jpe?g|webp|bmp|tiff?|gif|pgm|ppm|pnm|tga|jp2|exr|dpx|sgi)$/i;

/** Whether a path is a URL that ffmpeg opens itself, not a file. */
export function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path) && !/^file:/i.test(path);
}

/** The path that a `file:` URL means; other paths as they are. */
export function localPath(path: string): string {
  if (!/^file:\/\//i.test(path)) return path;
  try {
    return fileURLToPath(path);
  } catch {
    return path;
  }
}

/**
 * A file or URL as ffmpeg is told about it: no file's name is a protocol (`concat:a.mp4`, `12:30.mp4`), an option
 * (`-dash.mp4`) or a drive.
 */
export function ffmpegUrl(path: string): string {
  return isUrl(path) || path.startsWith('pipe:') ? path : `file:${path}`;
}

/** A file or URL as an input of ffmpeg or ffprobe, and the options before it: no name is a pattern (`%03d.png`). */
export function ffmpegInput(path: string): { readonly source: string; readonly options: readonly string[] } {
  const pattern = !isUrl(path) && basename(path).includes('%') && SEQUENCES.test(path);
  return { source: ffmpegUrl(path), options: pattern ? ['-f', 'image2', '-pattern_type', 'none'] : [] };
}

/** ffmpeg's words about a file, with the name that the user gave it. */
export function inUsersWords(text: string, path: string): string {
  return isUrl(path) ? text : text.replaceAll(`file:${path}`, path);
}

/**
 * The path of a file beside another, with a word before its extension: `clip.mp4` and `partial` give
 * `clip.partial.mp4`. Names that would be too long are cut.
 */
export function besidePath(path: string, word: string): string {
  const extension = extname(path);
  const tail = `.${word}${extension}`;
  let stem = [...basename(path, extension)];
  while (Buffer.byteLength(stem.join('') + tail) > LONGEST_NAME) stem = stem.slice(0, -1);
  return join(dirname(path), stem.join('') + tail);
}

/** An unused path of `besidePath`: an older one may hold the result of an interrupted run. */
export async function freePath(path: string, word: string): Promise<string> {
  for (let n = 1; ; n++) {
    const free = besidePath(path, n === 1 ? word : `${word}-${n}`);
    if (!(await exists(free))) return free;
  }
}

/** Whether something of that name is there. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
