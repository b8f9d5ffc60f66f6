import { promises as fs } from 'node:fs';

/** The picture is the first track: its edit list lies this close to the beginning, before any table of samples. */
const HEAD = 4096;

/**
 * Makes the edit list of the first track of an MP4 longer, in place. ffmpeg 4 writes one that ends where the last frame
 * begins, so that players drop that frame. The index has to lie at the beginning (`-movflags +faststart`).
 *
 * @param seconds how long the last frame is to be shown
 */
export async function showLastFrame(path: string, seconds: number): Promise<void> {
  const file = await fs.open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const movie = buffer.indexOf('mvhd', 0, 'latin1');
    const list = buffer.indexOf('elst', 0, 'latin1');
    // Version 1 has wider fields; it is written only for films of many days.
    if (movie < 0 || list < 0 || buffer[movie + 4] !== 0 || buffer[list + 4] !== 0) return;
    const timescale = buffer.readUInt32BE(movie + 16);
    const last = list + 12 + 12 * (buffer.readUInt32BE(list + 8) - 1);
    buffer.writeUInt32BE(buffer.readUInt32BE(last) + Math.ceil(seconds * timescale), last);
    await file.write(buffer, last, 4, last);
  } finally {
    await file.close();
  }
}
