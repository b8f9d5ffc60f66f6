import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { exists, isUrl, localPath } from '../../media/ffmpeg/path.js';
import { splitName } from '../../model/blend.js';
import { presetFolders } from '../../model/folders.js';
import { choosesStyle } from '../../pipeline/auto/candidates.js';
import { pictureNamed } from '../../pipeline/predict.js';
import type { LongVideoOptions } from '../options.js';
import type { QueuedVideo } from './entry.js';

/** Options of a queued video: what can be written down. */
export type QueuedOptions = Omit<
  LongVideoOptions,
  'style' | 'styleOutside' | 'machines' | 'onProgress' | 'onFrame' | 'onNote' | 'signal'
> & {
  readonly style: string;
  readonly styleOutside?: string;
};

/** What is written down of a video: its files and styles are found from any folder. */
export async function toBeQueued({ input, output, ...options }: QueuedOptions): Promise<QueuedVideo> {
  const path = (name: string) => (isUrl(name) ? name : resolve(localPath(name)));
  const { mask, style, styleOutside } = options;
  return {
    input: path(input),
    output: path(output),
    options: {
      ...options,
      style: fromAnywhere(style),
      ...(styleOutside !== undefined && { styleOutside: fromAnywhere(styleOutside) }),
      ...(mask !== undefined && (await exists(mask)) && { mask: resolve(mask) }),
    },
  };
}

/** A style as it is found from any folder: presets, networks and pictures of the current one by their whole path. */
function fromAnywhere(style: string): string {
  if (choosesStyle(style)) {
    const [auto, ...named] = style.split(':');
    const names = named
      .join(':')
      .split(',')
      .map((name) => fromAnywhere(name.trim()));
    return named.length === 0 ? style : `${auto}:${names.join(',')}`;
  }
  const picture = pictureNamed(style);
  if (picture) {
    const { preset } = picture;
    return `${preset === undefined ? '' : `${fromAnywhere(preset)}:`}${resolve(picture.picture)}`;
  }
  if (/[\\/]|\.onnx$/i.test(style)) return resolve(style);
  const [preset = style] = splitName(style) ?? [];
  const found = [...presetFolders(), '.'].find((folder) => existsSync(join(folder, preset, 'preset.json')));
  const isHere = found === '.' || found === join(process.cwd(), 'presets');
  return found !== undefined && isHere && !isAbsolute(style) ? resolve(found, style) : style;
}
