import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MediaError, messageOf } from '../../errors.js';
import { sharp } from '../../media/sharp.js';
import type { LiveFrame } from './types.js';

/**
 * Writes a frame, with its alpha, as a PNG named after the time. Returns the path; an existing file is not overwritten.
 *
 * @throws MediaError `SNAPSHOT`
 */
export async function saveSnapshot(frame: LiveFrame, folder = '.'): Promise<string> {
  const { data, width, height, channels } = frame;
  const time = new Date().toISOString().slice(0, 23).replace('T', '-').replaceAll(/[:.]/g, '');
  const path = join(folder, `stylecast-${time}.png`);
  try {
    const png = await sharp(data, { raw: { width, height, channels } }).png().toBuffer();
    await writeFile(path, png, { flag: 'wx' });
    return path;
  } catch (cause) {
    throw new MediaError('SNAPSHOT', `The snapshot ${path} cannot be written (${messageOf(cause)}).`, {
      hint: 'Start stylecast in a folder that you may write to.',
      cause,
    });
  }
}
