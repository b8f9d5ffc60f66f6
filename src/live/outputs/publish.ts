import { MediaError, OptionError } from '../../errors.js';
import { type Ffmpeg, helpOf } from '../../media/ffmpeg/binaries.js';
import { maskSecrets } from '../../media/ffmpeg/secret.js';
import { checkNumbers } from '../show/numbers.js';
import { h264 } from './h264.js';
import type { OutputPlan, PlanContext } from './plan.js';

/** Muxer and its options by protocol. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  rtmp: ['-flvflags', 'no_duration_filesize', '-f', 'flv'],
  rtmps: ['-flvflags', 'no_duration_filesize', '-f', 'flv'],
  srt: ['-f', 'mpegts'],
  rtsp: ['-rtsp_transport', 'tcp', '-f', 'rtsp'],
  udp: ['-f', 'mpegts'],
  tcp: ['-f', 'mpegts'],
  whip: ['-f', 'whip'],
  whips: ['-f', 'whip'],
};

/**
 * What WebRTC takes (RFC 9725, RFC 7742, RFC 7874): H.264 in the constrained baseline, parameter sets with each key frame,
 * and Opus.
 */
const WEBRTC = [
  '-profile:v',
  'baseline',
  '-bf',
  '0',
  '-bsf:v',
  'dump_extra',
  '-c:a',
  'libopus',
  '-ar',
  '48000',
  '-ac',
  '2',
];

/** Sends to a service or server. */
export interface PublishSpec {
  readonly kind: 'publish';
  /**
   * `rtmp://`, `rtmps://`, `srt://`, `rtsp://`, MPEG-TS by `udp://` or `tcp://`, or WebRTC by `whip://` (over http) or
   * `whips://` (over https), whose token is what stands before the `@`.
   */
  readonly url: string;
  /** Maximum video bit rate in kbit/s; default: by the size. */
  readonly kilobits?: number;
}

/** @throws OptionError `PUBLISH_URL`; MediaError `MEDIA_MUXER` where this ffmpeg cannot send so */
export async function planPublish({ url, kilobits }: PublishSpec, context: PlanContext): Promise<OutputPlan> {
  const protocol = /^([a-z]+):\/\/[^/]/i.exec(url)?.[1]?.toLowerCase() ?? '';
  const muxer = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
  const name = maskSecrets(url);
  if (!muxer) {
    throw new OptionError(
      'PUBLISH_URL',
      `${name} is nothing to publish to; expected a URL with ${Object.keys(PROTOCOLS).join(', ')}.`,
      { hint: 'Services show theirs beside the stream key: rtmp://host/app/key.' },
    );
  }
  checkNumbers({ kilobits });
  const codec = await h264(context, { prompt: true, ...(kilobits === undefined ? {} : { kilobits }) });
  if (muxer.includes('whip')) return whip(url, name, codec, context);
  // Services refuse a stream without a sound track.
  return { name, sound: 'always', target: url, options: () => [...codec, ...muxer], retries: true };
}

/** WebRTC by WHIP. */
async function whip(url: string, name: string, codec: readonly string[], { ffmpeg }: PlanContext): Promise<OutputPlan> {
  await checkWhip(ffmpeg, name);
  const { username, password, protocol, host, pathname, search } = new URL(url);
  const token = decodeURIComponent(password || username);
  const authorization = token === '' ? [] : ['-authorization', token];
  return {
    name,
    sound: 'always',
    target: `${protocol === 'whips:' ? 'https' : 'http'}://${host}${pathname}${search}`,
    // ffmpeg 8 counts this muxer among its experiments.
    options: () => [...codec, ...WEBRTC, ...authorization, '-strict', 'experimental', '-f', 'whip'],
    retries: true,
  };
}

async function checkWhip(ffmpeg: Ffmpeg, name: string): Promise<void> {
  if ((await helpOf(ffmpeg, 'muxer=whip')).startsWith('Muxer whip')) return;
  const message = `ffmpeg ${ffmpeg.version} cannot send to ${name}: it has no muxer "whip", which came with ffmpeg 8.0.`;
  throw new MediaError('MEDIA_MUXER', message, {
    hint: 'Install ffmpeg 8.0 or newer (FFMPEG_PATH names it), or publish by rtmp:// or srt://.',
  });
}
