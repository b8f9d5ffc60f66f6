import type { AudioTap } from './audio-tap.js';
import type { FrameQueue } from './frame-queue.js';

/** `connecting` until the first frame, with a reason while it waits; `lost` while it reconnects; `ended` for good. */
export type SourceState = 'connecting' | 'live' | 'lost' | 'ended';

/** Options of `LiveSource`. */
export interface LiveSourceOptions {
  /** Height of the frames in pixels, at most; default: that of the source. */
  readonly height?: number;
  /** Frames a second, at most; default: those of the source. A camera is asked for as many (default 30). */
  readonly fps?: number;
  /** Temporal denoising; not for a browser's camera, whose frames arrive as JPEG files; default false. */
  readonly denoise?: boolean;
  /** Capture its sound too; default false. */
  readonly audio?: boolean;
  /** Wait for a stream that is not live yet instead of failing; default false. */
  readonly wait?: boolean;
  /** Aborting while it opens gives up; later it closes. */
  readonly signal?: AbortSignal;
  /** Called on each change, with a sentence where something went wrong. It contains no passwords. */
  readonly onState?: (state: SourceState, reason?: string) => void;
}

/** Delivers the frames of a live source. */
export interface Feed {
  readonly frames: FrameQueue;
  readonly fps: number;
  readonly audio: AudioTap | undefined;
  readonly state: SourceState;
  feed?(jpeg: Uint8Array, capturedAt: number): void;
  close(): Promise<void>;
}
