import { OptionError } from '../../errors.js';
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
};

/** Sends to a service or server. */
export interface PublishSpec {
  readonly kind: 'publish';
  /** `rtmp://`, `rtmps://`, `srt://`, `rtsp://`, or MPEG-TS by `udp://` or `tcp://`. */
  readonly url: string;
  /** Maximum video bit rate in kbit/s; default: by the size. */
  readonly kilobits?: number;
}

/** @throws OptionError `PUBLISH_URL` */
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
  // Services refuse a stream without a sound track.
  return { name, sound: 'always', target: url, options: () => [...codec, ...muxer], retries: true };
}
