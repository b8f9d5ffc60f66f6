import type { Size } from '../../frame.js';
import type { Ffmpeg } from '../../media/ffmpeg/binaries.js';

/** How ffmpeg writes an output. */
export interface OutputPlan {
  /** Name of the output in statistics and messages; without secrets. */
  readonly name: string;
  /** Whether it has a sound track: always (silent where the source has none), if the source has sound, or never. */
  readonly sound: 'always' | 'source' | 'never';
  /** What ffmpeg writes to. */
  readonly target: string;
  /** Options of the video encoder and the muxer. @param again whether it has been written to before */
  readonly options: (again: boolean) => readonly string[];
  /** Whether it is restarted when it fails. */
  readonly retries: boolean;
  /** Called once after ffmpeg has succeeded or was never started; returns the path of a finished file. */
  readonly finish?: (written: boolean) => Promise<string | undefined>;
  /** Bytes that are on disk; absent where ffmpeg counts what it writes. */
  readonly bytes?: () => Promise<number>;
  /** Path of the incomplete file after a failure. */
  readonly remains?: () => string;
}

/** What a plan depends on. */
export interface PlanContext {
  readonly ffmpeg: Ffmpeg;
  /** Even size of the pictures in pixels. */
  readonly size: Size;
  readonly fps: number;
}
