import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { findFfprobe } from '../ffmpeg/binaries.js';
import { ffmpegInput, isUrl } from '../ffmpeg/path.js';
import { type Clock, ClockReader, type PacketTime } from './clock.js';
import { FileCache } from './file-cache.js';
import type { MediaInfo } from './info.js';

/** Formats whose time stamps may restart in the middle: broadcasts, discs, playlists, and what was joined of them. */
const JUMPING = ['mpegts', 'mpeg', 'hls', 'flv'];
/** Seconds before the end from which on the last frames are looked for. */
const TAIL = 2;
/** Packets of sound among which the earliest is looked for. */
const HEAD = 8;

const clocks = new FileCache<readonly [clock: Clock, hiddenSound: number]>();

/**
 * Reads how the clock of a file runs, without decoding: all packets of formats whose clocks jump, the last ones of
 * others. A file that stays as it is is read once; of URLs nothing is read twice. Returns what is known of the file with
 * its clock.
 */
export async function readClock(info: MediaInfo): Promise<MediaInfo> {
  const { video } = info;
  if (isUrl(info.path) || !info.timed) return info;
  const jumping = info.format.split(',').some((name) => JUMPING.includes(name));
  const steady = new Set([video.index, ...info.others.flatMap(({ type, index }) => (type === 'audio' ? index : []))]);
  const reader = new ClockReader(steady, video.index);
  const end = info.startTime + (info.duration ?? 0);
  const options = jumping
    ? []
    : ['-select_streams', String(video.index), '-read_intervals', `${Math.max(0, end - TAIL)}%`];
  const read = async () => {
    for await (const packet of packetTimes(info.path, options)) reader.packet(packet);
    return reader.read();
  };
  const both = () => Promise.all([read(), hiddenSound(info)]);
  const [clock, hidden] = await clocks.get(info.path, await findFfprobe(), both);
  if (jumping) return { ...info, duration: clock.duration ?? info.duration, clock };
  return {
    ...info,
    clock: { ...clock, stretches: [], duration: undefined, lastFrame: lastFrame(info, clock) },
    hiddenSound: hidden,
  };
}

/** Seconds of sound before the beginning: the edit lists of MP4 hide what was trimmed off without encoding it anew. */
async function hiddenSound({ path, format, startTime, others }: MediaInfo): Promise<number> {
  if (!format.split(',').includes('mov') || !others.some(({ type }) => type === 'audio')) return 0;
  let first = startTime;
  for await (const { pts } of packetTimes(path, ['-select_streams', 'a', '-read_intervals', `%+#${HEAD}`])) {
    first = Math.min(first, pts ?? first);
  }
  return startTime - first;
}

/** How long the last frame is shown: what its packet says, else what the stream's length leaves. */
function lastFrame({ video }: MediaInfo, { lastFrame: told, stretches }: Clock): number | undefined {
  if (told !== undefined && told > 0) return told;
  const begin = stretches.at(-1)?.streams.get(video.index)?.end;
  const left = (video.endTime ?? Number.NaN) - (begin ?? Number.NaN);
  return left > 0 ? left : undefined;
}

async function* packetTimes(path: string, options: readonly string[]): AsyncGenerator<PacketTime> {
  const { source, options: before } = ffmpegInput(path);
  const entries = 'packet=stream_index,pts_time,dts_time,duration_time';
  const child = spawn(
    await findFfprobe(),
    ['-v', 'quiet', ...options, '-show_entries', entries, '-of', 'csv=p=0', ...before, '-i', source],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const gone = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      // Packets with more beside them take further lines.
      if (!/^\d+,/.test(line)) continue;
      const [stream, pts, dts, duration] = line.split(',').map(Number);
      yield { stream: stream!, pts: known(pts), dts: known(dts), duration: known(duration) };
    }
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

/** ffprobe writes `N/A` for what it does not know. */
function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value;
}
