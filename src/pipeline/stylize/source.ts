import type { Frame, Size } from '../../frame.js';
import { VideoSource } from '../../media/files/decode.js';
import type { FrameFormat } from '../../media/files/encode/options.js';
import { inspectVideo } from '../../media/files/inspect.js';
import { removeCopy } from '../../media/files/pictures/animated-webp.js';
import type { MediaInfo } from '../../media/probe/info.js';
import { APPEARANCE_SIZE } from '../auto/appearance.js';
import type { FrameOrigin } from '../painting.js';
import { workingSize } from '../style.js';
import type { VideoOptions } from './video-options.js';

/** A source of frames and its properties. */
export interface Source {
  readonly size: Size;
  readonly total: number | undefined;
  readonly origin: MediaInfo | FrameFormat;
  readonly scene: FrameOrigin;
  /** Given whether the sink keeps transparency. */
  readonly frames: (pool: Uint8Array<ArrayBuffer>[], alphaKept?: boolean) => AsyncIterable<Frame>;
  readonly notes: () => readonly string[];
  /** Stops reading frames. */
  readonly close: () => Promise<unknown>;
}

/** Opens a file, or takes the first of the frames. @throws MediaError as `inspectVideo` */
export async function openSource(input: VideoOptions['input'], options: VideoOptions): Promise<Source> {
  if (typeof input === 'string') return fileSource(await inspectVideo(input), options);
  const iterator = input[Symbol.asyncIterator]();
  const first = await iterator.next();
  const { width, height, pts } = first.done ? { ...NOTHING } : first.value;
  async function* frames() {
    if (!first.done) yield first.value;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return {
    size: workingSize({ width, height }, {}),
    total: undefined,
    origin: { timeBase: pts.timeBase },
    scene: { shape: { width, height } },
    frames,
    notes: () => [],
    close: async () => iterator.return?.(),
  };
}

const NOTHING = { width: 2, height: 2, pts: { value: 0, timeBase: { num: 1, den: 90000 } } };

/** The frames of a file that was inspected. */
export function fileSource(info: MediaInfo, options: Omit<VideoOptions, 'input' | 'output'>): Source {
  const size = workingSize(info.video, options);
  let source: VideoSource | undefined;
  const { start = 0, duration = Number.POSITIVE_INFINITY } = options;
  const share = info.duration ? Math.min(Math.max(0, info.duration - start), duration) / info.duration : 1;
  const total = info.video.frames === undefined ? undefined : Math.max(1, Math.round(info.video.frames * share));
  return {
    size,
    total,
    origin: info,
    scene: {
      shape: info.video,
      startTime: info.startTime,
      readSmallFrames: () => new VideoSource(info, { ...options, size: APPEARANCE_SIZE }),
    },
    frames: (pool, alphaKept = false) => {
      const allocate = (bytes: number) => {
        const used = pool.pop();
        return used?.length === bytes ? used : new Uint8Array(new ArrayBuffer(bytes));
      };
      source = new VideoSource(info, { ...options, size, allocate, alphaKept });
      return source;
    },
    // Leaving the loop over a file's frames has ended ffmpeg already.
    close: async () => info.copy && removeCopy({ path: info.copy }),
    notes: () => {
      const { damage, frames } = source?.end ?? {};
      const some = total === undefined ? `${frames}` : `${frames} of ${total}`;
      return [
        ...(source?.notes ?? []),
        ...(damage ? [`${info.path} is damaged: ${some} frames could be read (${damage}).`] : []),
      ];
    },
  };
}
