import { type Device, openPainter } from '../../engine/open.js';
import type { Painter } from '../../engine/painter/painter.js';
import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { Picture } from '../../quality/motion/warping.js';

/** Options of `TimedPainter`. */
export interface TimedPainterOptions {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  readonly steady?: boolean | undefined;
}

/** Number of warm-up pictures that are not timed. */
const WARM_UP = 2;
const NOW = { value: 0, timeBase: { num: 1, den: 1 } };

/** Paints pictures one after the other and measures the time. */
export class TimedPainter {
  /** Milliseconds of each picture after warm-up. */
  readonly times: number[] = [];
  private painted = 0;

  private constructor(
    private readonly painter: Painter,
    readonly device: string,
    readonly notes: readonly string[],
  ) {}

  /** @throws as `openPainter`. */
  static async open(
    style: Style,
    size: Size,
    { device, threads, steady = true }: TimedPainterOptions,
  ): Promise<TimedPainter> {
    const options = {
      mode: 'latency',
      steady,
      ...(device ? { device } : {}),
      ...(threads ? { threads } : {}),
    } as const;
    const opened = await openPainter(style, size, options);
    return new TimedPainter(opened.painter, opened.device, opened.notes);
  }

  /** Paints a copy of a picture. */
  async paint({ data, width, height }: Picture): Promise<Picture> {
    const copy = Uint8Array.from(data);
    const began = performance.now();
    const painted = await this.painter.paint({ data: copy, width, height, pts: NOW });
    if (this.painted++ >= WARM_UP) this.times.push(performance.now() - began);
    return painted;
  }

  /** Ends the painter's threads. */
  async close(): Promise<void> {
    await this.painter.close();
  }
}
