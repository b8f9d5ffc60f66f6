import type { Writable } from 'node:stream';
import type { Size } from '../../../frame.js';
import { type Ffmpeg, passthrough } from '../../../media/ffmpeg/binaries.js';
import type { FfmpegExit } from '../../../media/ffmpeg/process.js';
import { FfmpegProcess } from '../../../media/ffmpeg/process.js';
import { CHANNELS, SAMPLE_RATE, type Sound } from '../../../media/live/audio-tap.js';
import { ivfFrameHeader, ivfHeader } from '../../../media/raw/ivf.js';
import { SoundTrack } from './sound-track.js';

/** Ticks a second. */
const CLOCK = 90_000;
/** Milliseconds after which an encoder that accepts no frame is ended. */
const STALL_MS = 10_000;
/** Seconds that a source's sound may lag behind its pictures before silence is inserted. */
const MAX_SOUND_LAG = 0.5;

/** Read without probing ahead. */
const NO_PROBING = ['-fpsprobesize', '0', '-probesize', '32', '-analyzeduration', '0'];

/** What ffmpeg tells of its progress, a line each. */
const PROGRESS =
  /^(frame|fps|stream_\w+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)=\s*(.*)$/;

/** Options of one encoder run. */
export interface EncodingJob {
  readonly size: Size;
  readonly target: string;
  readonly options: readonly string[];
  /** Whether the output has a sound track, and whether the source has sound. */
  readonly track: boolean;
  readonly heard: boolean;
  /** Time of the first frame in seconds, which is zero in the output. */
  readonly origin: number;
  /** Called when the target has been opened and its header written. */
  readonly onLive: () => void;
}

/** One run of ffmpeg that encodes frames and sound into an output. */
export class Encoding {
  /** Whether it was ended because it accepted no frame for too long. */
  stalled = false;
  /** Bytes that were written so far, where ffmpeg knows. */
  bytes: number | undefined;
  readonly exited: Promise<FfmpegExit>;
  private readonly child: FfmpegProcess;
  private lastTicks = -1;

  private constructor(
    ffmpeg: Ffmpeg,
    private readonly job: EncodingJob,
  ) {
    const sound = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', String(CHANNELS), ...NO_PROBING];
    this.child = new FfmpegProcess(ffmpeg, {
      inputs: [
        { source: 'pipe:0', options: ['-f', 'ivf', '-c:v', 'rawvideo', ...NO_PROBING, '-thread_queue_size', '4'] },
        ...(job.track ? [{ source: 'pipe:3', options: [...sound, '-thread_queue_size', '512'] }] : []),
      ],
      pipes: job.track ? 1 : 0,
      output: job.target,
      outputOptions: [
        ...['-map', '0:v', ...(job.track ? ['-map', '1:a'] : [])],
        ...job.options,
        ...[...passthrough(ffmpeg), '-enc_time_base:v', `1:${CLOCK}`, '-max_muxing_queue_size', '9999'],
        ...['-flush_packets', '1', '-progress', 'pipe:2'],
      ],
      onLine: (line) => {
        if (line.startsWith('Output #0')) job.onLive();
        const [, key, value] = PROGRESS.exec(line) ?? [];
        if (key === 'total_size' && value !== 'N/A') this.bytes = Number(value);
        return key !== undefined;
      },
    });
    this.exited = this.child.exited;
  }

  private video: Writable | undefined;
  private track: SoundTrack | undefined;
  private audio: Writable | undefined;

  /** Starts ffmpeg. */
  static async start(ffmpeg: Ffmpeg, job: EncodingJob): Promise<Encoding> {
    const encoding = new Encoding(ffmpeg, job);
    encoding.video = await encoding.child.stdin();
    encoding.audio = job.track ? await encoding.child.pipe(3) : undefined;
    if (encoding.audio) encoding.track = new SoundTrack(encoding.audio, job.origin);
    encoding.video?.write(ivfHeader(job.size.width, job.size.height, { num: 1, den: CLOCK }));
    return encoding;
  }

  /** Adds sound. */
  writeSound(sound: Sound): void {
    this.track?.push(sound);
  }

  /** Adds a frame of RGB24; resolves when ffmpeg has read it or is gone. */
  async write(data: Uint8Array, pts: number): Promise<void> {
    const video = this.video;
    if (!video || video.destroyed) return;
    const ticks = Math.max(Math.round((pts - this.job.origin) * CLOCK), this.lastTicks + 1);
    this.lastTicks = ticks;
    this.track?.fillTo(this.job.heard ? pts - MAX_SOUND_LAG : pts);
    const watchdog = setTimeout(() => {
      this.stalled = true;
      this.kill();
    }, STALL_MS);
    video.write(ivfFrameHeader(data.length, ticks));
    const written = new Promise<void>((done) => video.write(data, () => done()));
    await Promise.race([written, this.exited]);
    clearTimeout(watchdog);
  }

  /** Ends both tracks; ffmpeg finishes what it has and exits, or is killed after some milliseconds. */
  async finish(patience: number): Promise<FfmpegExit> {
    this.video?.end();
    this.audio?.end();
    const watchdog = setTimeout(() => this.kill(), patience);
    const exit = await this.exited;
    clearTimeout(watchdog);
    return exit;
  }

  /** Ends ffmpeg at once. */
  kill(): void {
    this.child.kill();
  }
}
