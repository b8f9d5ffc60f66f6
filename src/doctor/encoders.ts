import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, StylecastError } from '../errors.js';
import { type Ffmpeg, findFfmpeg, findFfprobe } from '../media/ffmpeg/binaries.js';
import { canEncode } from '../media/files/encode/encoder.js';

const run = promisify(execFile);

/** ffmpeg on this machine. */
export interface FfmpegCheck {
  readonly usable: boolean;
  readonly path?: string;
  readonly version?: string;
  readonly ffprobe?: string;
  /** Encoders that stylecast knows and this build lists, each tried on one frame. */
  readonly encoders: readonly { readonly name: string; readonly usable: boolean }[];
  /** Why it cannot be used. */
  readonly reason?: string;
  readonly advice?: string;
}

/** Encoders of the codecs that stylecast offers. */
const ENCODERS = ['h264', 'hevc', 'av1', 'vp9'].flatMap((codec) => [
  ...(({ h264: ['libx264', 'libopenh264'], hevc: ['libx265'], vp9: ['libvpx-vp9'] } as Record<string, string[]>)[
    codec
  ] ?? []),
  ...['nvenc', 'videotoolbox', 'qsv', 'amf'].map((kind) => `${codec}_${kind}`),
]);

/** Finds ffmpeg and ffprobe and encodes a frame with every encoder of interest. */
export async function checkFfmpeg(): Promise<FfmpegCheck> {
  try {
    const ffmpeg = await findFfmpeg();
    const ffprobe = await findFfprobe();
    const listed = await listedEncoders(ffmpeg);
    const encoders = [];
    for (const name of ENCODERS.filter((encoder) => listed.has(encoder))) {
      encoders.push({ name, usable: await canEncode(ffmpeg, name) });
    }
    const { path, version } = ffmpeg;
    const usable = encoders.some((encoder) => encoder.usable);
    return {
      usable,
      path,
      version,
      ffprobe,
      encoders,
      ...(usable ? {} : { reason: 'none of its encoders works', advice: 'Install an ffmpeg with libx264.' }),
    };
  } catch (error) {
    const hint = error instanceof StylecastError ? error.hint : undefined;
    return { usable: false, encoders: [], reason: messageOf(error), ...(hint ? { advice: hint } : {}) };
  }
}

async function listedEncoders(ffmpeg: Ffmpeg): Promise<Set<string>> {
  const { stdout } = await run(ffmpeg.path, ['-hide_banner', '-encoders'], { maxBuffer: 2 ** 22 });
  return new Set([...stdout.matchAll(/^ [A-Z.]{6} (\S+)/gm)].map(([, name]) => name!));
}
