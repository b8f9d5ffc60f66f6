import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PresetError } from '../../errors.js';
import { manifestFile, readStyle, type Style } from '../../model/style.js';
import { openStyle } from '../../pipeline/style.js';
import { writeFileAtomically } from '../../write-file.js';
import { styleChecksum } from '../job/identity.js';

/** A style in a folder, and by what it is known. */
export interface SentStyle {
  readonly folder: string;
  readonly checksum: string;
}

/** Writes a style into a folder for other machines. A worker needs no presets of its own. */
export async function sendStyle(style: string | Style, folder: string): Promise<SentStyle> {
  const { manifest, model } = typeof style === 'string' ? await openStyle(style) : style;
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, manifest.model.file), model);
  await writeFileAtomically(join(folder, manifestFile), JSON.stringify(manifest));
  return { folder, checksum: styleChecksum(await readStyle(folder)) };
}

/** Opens a style that was sent. @throws PresetError `PRESET_CHECKSUM` where it is another, else as `readStyle` */
export async function receiveStyle({ folder, checksum }: SentStyle): Promise<Style> {
  const style = await readStyle(folder);
  if (styleChecksum(style) === checksum) return style;
  throw new PresetError('PRESET_CHECKSUM', `${folder} holds another style than the one that was handed out.`, {
    hint: 'Is --shared the same folder on all machines?',
  });
}
