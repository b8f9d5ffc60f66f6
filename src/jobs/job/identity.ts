import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { checksum, type Style } from '../../model/style.js';
import type { VideoOptions } from '../../pipeline/stylize/video-options.js';

/** Bytes at each end of a file by which it is known again. */
const END = 2 ** 20;

/** What is written down of a file, to know it again: reading all of a film would take minutes. */
export const fileIdentity = z.strictObject({
  bytes: z.int().min(0),
  /** When it was changed last, in milliseconds. */
  modified: z.int().min(0),
  /** SHA-256 of its first and last megabyte. */
  ends: z.string(),
});

/** What a file is known by. */
export type FileIdentity = Readonly<z.infer<typeof fileIdentity>>;

/** What a file is known by. */
export async function identityOf(path: string): Promise<FileIdentity> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const hash = createHash('sha256');
    for (const at of [0, Math.max(0, size - END)]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(END), 0, END, at);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return { bytes: size, modified: Math.round(mtimeMs), ends: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** SHA-256 of a preset: of its manifest, which has those of its networks. */
export function styleChecksum({ manifest }: Style): string {
  return checksum(Buffer.from(JSON.stringify(manifest)));
}

/** The options that the picture depends on, and the file: all but how it is watched, and how fast it is made. */
const PICTURE_OPTIONS = [
  ...([
    'start',
    'duration',
    'size',
    'height',
    'denoise',
    'steady',
    'strength',
    'detail',
    'strokeScale',
    'keepColors',
  ] as const),
  ...(['blend', 'fineBlend', 'truncation', 'vary', 'varySeed', 'mask', 'maskFeather', 'compare'] as const),
  ...(['device', 'memory', 'codec', 'crf', 'encoderPreset', 'pixelFormat'] as const),
] as const satisfies readonly (keyof VideoOptions)[];

/** Options that the result depends on, as they are kept on disk; styles by name. */
export type PictureOptions = Pick<VideoOptions, (typeof PICTURE_OPTIONS)[number]> & {
  readonly style: string;
  readonly styleOutside?: string;
};

/** The options of a job that the result depends on. */
export function pictureOptions(options: VideoOptions): PictureOptions {
  const nameOf = (style: string | Style) => (typeof style === 'string' ? style : style.name);
  const { style, styleOutside } = options;
  const others = PICTURE_OPTIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]));
  return {
    style: nameOf(style),
    ...(styleOutside !== undefined && { styleOutside: nameOf(styleOutside) }),
    ...Object.fromEntries(others),
  };
}

/** The first thing by which two sets of values differ, in words; undefined where they are the same. */
export function firstDifference(now: object, begun: object): string | undefined {
  const [a, b] = [now, begun].map((values) => new Map(Object.entries(values)));
  const name = [...a!.keys(), ...b!.keys()].find((key) => say(a!.get(key)) !== say(b!.get(key)));
  return name && `${hyphened(name)} is ${say(a!.get(name))}, and was ${say(b!.get(name))}`;
}

const hyphened = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const say = (value: unknown) => (value === undefined ? 'not given' : JSON.stringify(value));
