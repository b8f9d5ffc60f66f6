import type { AudioTap } from './audio-tap.js';
import type { FrameQueue } from './frame-queue.js';

/** `connecting` until the first frame, told with a reason where it is waited for; `lost` while it tries to come back; `ended` for good. */
export type SourceState = 'connecting' | 'live' | 'lost' | 'ended';

/** How to take a source. */
export interface LiveSourceOptions {
  /** Height of the frames in pixels, at most; default: that of the source. */
  readonly height?: number;
  /** Frames a second, at most; default: those of the source. A camera is asked for as many (default 30). */
  readonly fps?: number;
  /** Take the noise off over time; not for a browser's camera, whose pictures come as files; default false. */
  readonly denoise?: boolean;
  /** Take its sound too; default false. */
  readonly audio?: boolean;
  /** Wait for a stream that is not on air yet, instead of failing; default false. */
  readonly wait?: boolean;
  /** Aborting while it opens gives up; later it closes. */
  readonly signal?: AbortSignal;
  /** Told of each change, with a sentence where something went wrong. It holds no passwords. */
  readonly onState?: (state: SourceState, reason?: string) => void;
}

/** What gives the frames of a source. */
export interface Feed {
  readonly frames: FrameQueue;
  readonly fps: number;
  readonly audio: AudioTap | undefined;
  readonly state: SourceState;
  feed?(jpeg: Uint8Array, capturedAt: number): void;
  close(): Promise<void>;
}
