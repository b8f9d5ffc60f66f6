import { Writable } from 'node:stream';
import type { Size } from '../../frame.js';
import { type Ffmpeg, findFfmpeg, helpOf, passthrough } from '../ffmpeg/binaries.js';
import { ffmpegInput, isUrl } from '../ffmpeg/path.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import type { Cut } from '../probe/cut.js';
import type { MediaInfo } from '../probe/info.js';

/** Decoders that read the alpha plane, where the usual ones leave it out. */
const DECODERS: Readonly<Record<string, string>> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

/** Seconds by which a plane of alpha is earlier than its picture, so that rounding never makes it late. */
const EARLY = 0.0003;

/** ffmpeg input options that make it read a picture's transparency. */
export function alphaDecoder({ video, transparent }: MediaInfo): string[] {
  const decoder = transparent ? DECODERS[video.codec] : undefined;
  return decoder ? [`-c:${video.index}`, decoder] : [];
}

/**
 * Looks whether something in a picture is transparent: reads it until something is, and so opaque pictures to their
 * end. Of URLs nothing is read twice: there the format decides.
 */
export async function findTransparency(info: MediaInfo): Promise<MediaInfo> {
  const { video, path } = info;
  // Tone mapping drops transparency.
  if (!video.alpha || video.hdr) return info;
  const ffmpeg = await findFfmpeg();
  const decoder = DECODERS[video.codec];
  if (decoder && !(await helpOf(ffmpeg, `decoder=${decoder}`))) return info;
  const marked = { ...info, transparent: true };
  return isUrl(path) || (await isClear(ffmpeg, marked)) ? marked : { ...info, transparent: false };
}

async function isClear(ffmpeg: Ffmpeg, info: MediaInfo): Promise<boolean> {
  const { source, options } = ffmpegInput(info.path);
  const opaque = Buffer.alloc(2 ** 16, 255);
  let clear = false;
  const output = new Writable({
    emitClose: false,
    write: (chunk: Buffer, _, done) => {
      for (let at = 0; at < chunk.length && !clear; at += opaque.length) {
        const part = chunk.subarray(at, at + opaque.length);
        clear = !part.equals(opaque.subarray(0, part.length));
      }
      if (clear) child.kill();
      done();
    },
  });
  const child = new FfmpegProcess(ffmpeg, {
    inputs: [{ source, options: [...alphaDecoder(info), ...options] }],
    output,
    outputOptions: [
      ...['-map', `0:${info.video.index}`, '-vf', 'alphaextract,format=gray'],
      ...['-f', 'rawvideo', ...passthrough(ffmpeg)],
    ],
  });
  await child.exited;
  return clear;
}

/**
 * Filters that lay a picture in RGBA over white, and leave RGB24.
 *
 * @param kept whether its transparency is kept beside it: then only what cannot be seen at all becomes white, and edges
 * keep their colours
 */
export function overWhite(kept: boolean): string[] {
  return [
    'format=rgba',
    ...(kept ? ["lutrgb=a='255*gt(val,0)'"] : []),
    'split[over],lutrgb=r=255:g=255:b=255:a=255[under];[under][over]overlay=format=gbrp',
    'format=rgb24',
  ];
}

/** A filter graph that gives painted frames the transparency of their source, as `[picture]`. */
export function withAlpha({ video }: MediaInfo, cut: Cut, { width, height }: Size, after: readonly string[]): string {
  const alpha = [
    'settb=1/1000000',
    ...(cut.asked ? [`trim=start=-${EARLY}`] : []),
    `setpts=PTS-${EARLY}/TB`,
    `alphaextract,scale=${width}:${height}`,
  ];
  return `[1:${video.index}]${alpha.join(',')}[alpha];[0:v:0][alpha]alphamerge,${after.join(',')}[picture]`;
}
