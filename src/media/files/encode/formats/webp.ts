import { promises as fs } from 'node:fs';

/** Of a frame of an animation: where its duration lies, after name and length of the chunk. */
const DURATION = 8 + 12;
const LONGEST = 2 ** 24 - 1;

/**
 * Sets how long an animated WebP lasts, in place: its encoder is not told how long the last frame is shown. Source: the container
 * specification, https://developers.google.com/speed/webp/docs/riff_container#animation
 */
export async function setLength(path: string, seconds: number): Promise<void> {
  const file = await fs.open(path, 'r+');
  try {
    const head = Buffer.alloc(8);
    const duration = Buffer.alloc(3);
    let before = 0;
    const { size } = await file.stat();
    let last: number | undefined;
    for (let at = 12; at + 8 <= size; at += 8 + head.readUInt32LE(4) + (head.readUInt32LE(4) % 2)) {
      await file.read(head, 0, 8, at);
      if (head.toString('latin1', 0, 4) !== 'ANMF') continue;
      if (last !== undefined) before += duration.readUIntLE(0, 3);
      last = at;
      await file.read(duration, 0, 3, at + DURATION);
    }
    if (last === undefined) return;
    duration.writeUIntLE(Math.min(LONGEST, Math.max(1, Math.round(seconds * 1000) - before)), 0, 3);
    await file.write(duration, 0, 3, last + DURATION);
  } finally {
    await file.close();
  }
}
