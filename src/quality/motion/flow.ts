import { createRequire } from 'node:module';
import { EngineError, messageOf } from '../../errors.js';
import type { Motion } from './motion.js';
import type { Picture } from './warping.js';

/** Position of every pixel of one frame in another: `data` holds [x, y] in pixels for each pixel, row by row. */
export interface Flow {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** The part of OpenCV that is used; its own types cover less than it has. */
interface OpenCv {
  Mat: new (rows?: number, columns?: number, type?: number) => Mat;
  CV_8UC1: number;
  CV_8UC3: number;
  COLOR_RGB2GRAY: number;
  cvtColor(from: Mat, to: Mat, code: number): void;
  calcOpticalFlowFarneback(
    earlier: Mat,
    later: Mat,
    flow: Mat,
    pyramidScale: number,
    levels: number,
    window: number,
    iterations: number,
    neighbourhood: number,
    deviation: number,
    flags: number,
  ): void;
  onRuntimeInitialized?: () => void;
}

interface Mat {
  readonly data: Uint8Array;
  readonly data32F: Float32Array;
  delete(): void;
}

/** Half the size from level to level, five of them: motions of up to about 60 pixels. */
const SEARCH = { pyramidScale: 0.5, levels: 5, window: 21, iterations: 5, neighbourhood: 7, deviation: 1.5 } as const;

let loading: Promise<{ readonly cv: OpenCv }> | undefined;

/** An optional peer: large, and needed here alone. Its newest version by npm's tag is an old one. */
const PACKAGE = '@techstark/opencv-js';
const VERSION = '4.12.0-release.1';

/**
 * Loads OpenCV, once. Wrapped in an object, because the module has a `then` that returns itself: awaiting it would
 * never end.
 */
function load(): Promise<{ readonly cv: OpenCv }> {
  loading ??= new Promise((resolve, reject) => {
    try {
      const cv: OpenCv = createRequire(import.meta.url)(PACKAGE);
      if (cv.Mat) resolve({ cv });
      else cv.onRuntimeInitialized = () => resolve({ cv });
    } catch (cause) {
      reject(unloadable(cause));
    }
  });
  return loading;
}

function unloadable(cause: unknown): EngineError {
  const { code } = cause as { code?: unknown };
  const [reason] = code === 'MODULE_NOT_FOUND' ? ['it is not installed'] : messageOf(cause).split('\n');
  const text = `The motion of clips is measured by OpenCV, whose package ${PACKAGE} cannot be loaded: ${reason}.`;
  const hint = `Measure photographs alone with --photos, or run "npm install ${PACKAGE}@${VERSION}", with -g where stylecast was installed with it.`;
  return new EngineError('EVAL_OPENCV', text, { hint, cause });
}

/**
 * Estimates optical flow on luminance with Farneback's polynomial expansion (2003), in OpenCV.
 *
 * On pans and zooms of one or two pixels a frame its median error is below 0.1 px. About 0.15 s a pair at 640×360.
 */
export class OpticalFlow {
  private constructor(private readonly cv: OpenCv) {}

  /** @throws EngineError `EVAL_OPENCV` when OpenCV cannot be loaded. */
  static async open(): Promise<OpticalFlow> {
    return new OpticalFlow((await load()).cv);
  }

  /** The motion from one frame to another of the same size, in both directions. */
  between(earlier: Picture, later: Picture): { readonly forward: Flow; readonly backward: Flow } {
    const grey = [earlier, later].map((picture) => this.grey(picture)) as [Mat, Mat];
    try {
      return { forward: this.flow(grey[0], grey[1], earlier), backward: this.flow(grey[1], grey[0], earlier) };
    } finally {
      for (const mat of grey) mat.delete();
    }
  }

  private grey({ data, width, height }: Picture): Mat {
    const { cv } = this;
    const colour = new cv.Mat(height, width, cv.CV_8UC3);
    const grey = new cv.Mat();
    colour.data.set(data);
    cv.cvtColor(colour, grey, cv.COLOR_RGB2GRAY);
    colour.delete();
    return grey;
  }

  private flow(from: Mat, to: Mat, { width, height }: Picture): Flow {
    const { pyramidScale, levels, window, iterations, neighbourhood, deviation } = SEARCH;
    const found = new this.cv.Mat();
    try {
      this.cv.calcOpticalFlowFarneback(
        ...([from, to, found, pyramidScale, levels, window, iterations, neighbourhood, deviation, 0] as const),
      );
      return { data: found.data32F.slice(), width, height };
    } finally {
      found.delete();
    }
  }
}

/** A flow as a motion, for whole pixels. */
export function flowMotion({ data, width }: Flow): Motion {
  return (x, y) => {
    const i = (y * width + x) * 2;
    return [x + data[i]!, y + data[i + 1]!];
  };
}

/** A motion as a flow. */
export function motionFlow(motion: Motion, width: number, height: number): Flow {
  const data = new Float32Array(width * height * 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [toX, toY] = motion(x, y);
      data.set([toX - x, toY - y], (y * width + x) * 2);
    }
  }
  return { data, width, height };
}
