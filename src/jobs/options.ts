import type { VideoOptions, VideoResult } from '../pipeline/stylize/video-options.js';

/** Options of `stylizeLongVideo`. */
export interface LongVideoOptions extends Omit<VideoOptions, 'input' | 'output'> {
  /** A file, or a URL that ffmpeg opens. */
  readonly input: string;
  /** A file, as for `stylizeVideo`. */
  readonly output: string;
  /**
   * Whether finished segments are kept beside the output until it is whole, so that the same call goes on where it was.
   * Default: for what will take longer than a minute, and where there are such segments.
   */
  readonly resume?: boolean | undefined;
  /** Other machines, which paint the segments; this one plans and joins. */
  readonly machines?: Machines | undefined;
}

/** Where workers are found. */
export interface Machines {
  /** Redis: `redis://[user:password@]host[:port]`, or `rediss://` for TLS. */
  readonly redis: string;
  /** A folder that all machines see, with the input and the output, as it is called on this one. */
  readonly shared: string;
}

/** The result. */
export interface LongVideoResult extends VideoResult {
  /** The segments that are kept, where it was interrupted. */
  readonly kept?: {
    /** The folder they are in. */
    readonly folder: string;
    readonly done: number;
    readonly of: number;
  };
}
