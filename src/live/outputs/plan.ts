import type { Size } from '../../frame.js';
import type { Ffmpeg } from '../../media/ffmpeg/binaries.js';

/** How ffmpeg is to write an output. */
export interface OutputPlan {
  /** What the output is called in figures and messages; without secrets. */
  readonly name: string;
  /** Whether it has a track of sound: always (silent where the source has none), as the source, or never. */
  readonly sound: 'always' | 'source' | 'never';
  /** What ffmpeg writes to. */
  readonly target: string;
  /** Options of the video encoder and the muxer. @param again whether it has been written to before */
  readonly options: (again: boolean) => readonly string[];
  /** Whether it is started again when it fails. */
  readonly retries: boolean;
  /** Called once after ffmpeg has finished well, or was never started; gives the path of a finished file. */
  readonly finish?: (written: boolean) => Promise<string | undefined>;
  /** Where the incomplete file lies after a failure. */
  readonly remains?: () => string;
}

/** What a plan is made for. */
export interface PlanContext {
  readonly ffmpeg: Ffmpeg;
  /** Even size of the pictures in pixels. */
  readonly size: Size;
  readonly fps: number;
}
