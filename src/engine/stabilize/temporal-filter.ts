import type { Size } from '../../frame.js';
import type { ScenePosition } from './camera-motion.js';
import { MotionField } from './motion-field.js';
import { type Kernel, KernelMemory, openKernel, VECTOR, wholeVectors } from './webassembly.js';

/** Pictures with a smaller side are left as they are. */
const SMALLEST = 16;
/** Sides of the blocks in which changes are detected, and of the cells in which detail is measured. */
const [BLOCK, CELL] = [4, 16];

/** Rows of RGB24, perhaps part of wider ones. */
export interface PaintedRows {
  readonly data: Uint8Array;
  /** Bytes from row to row. */
  readonly stride: number;
  /** Bytes to the first row. */
  readonly from: number;
}

/** Luma of a picture, one byte per pixel, rows padded to whole vectors. */
export type Luma = Uint8Array;

type Place =
  | 'before'
  | 'now'
  | 'lumaBefore'
  | 'lumaNow'
  | 'band'
  | 'weights'
  | 'shares'
  | 'room'
  | 'painted'
  | 'cells'
  | 'line'
  | 'previous';

/**
 * Filters successive painted pictures over time: what was painted follows what moves. Where the scene has not changed,
 * seven tenths of the previous output are kept, moved as each block of 4×4 pixels has moved; where it has, nothing is.
 * This exponential moving average suppresses flicker, as temporal anti-aliasing does in games (Karis 2014, "High-Quality
 * Temporal Supersampling").
 *
 * Change is detected in the source, not in the painting: by the mean luma of blocks of 4×4 pixels, moved in the same way,
 * which changes little with noise and much with what comes into view. Single blocks may agree by chance, so at least half
 * of the blocks around must agree too. Means are softer than what they are made of: the detail that is lost is added again.
 */
export class TemporalFilter {
  private readonly kernel: Kernel;
  private readonly memory: Uint8Array;
  private readonly motion: MotionField;
  /** Bytes from row to row of a picture and of its luma. */
  private readonly stride: number;
  private readonly lumaStride: number;
  private readonly places: Record<Place, number>;
  private before: ScenePosition | undefined;

  /** @param size of the pictures in pixels */
  constructor(private readonly size: Size) {
    const { width, height } = size;
    this.stride = wholeVectors(3 * width);
    this.lumaStride = wholeVectors(width);
    const memory = new KernelMemory();
    this.kernel = openKernel();
    this.motion = new MotionField(this.kernel, memory, size, this.lumaStride);
    const [picture, luma] = [this.stride * height, this.lumaStride * height];
    const blocks = this.lumaStride * Math.ceil(height / BLOCK);
    const cells = BLOCK * Math.ceil(this.stride / (3 * CELL)) * (Math.floor(height / CELL) + 1);
    const bytes: Record<Place, number> = {
      before: picture,
      now: picture,
      lumaBefore: luma,
      lumaNow: luma,
      // The last row of blocks has what remains of the picture too.
      band: (this.stride + VECTOR) * 4 * this.motion.side,
      weights: this.stride,
      shares: blocks,
      room: blocks,
      painted: cells,
      cells,
      line: this.stride,
      previous: this.stride,
    };
    const entries = Object.entries(bytes).map(([name, count]) => [name, memory.reserve(count)] as const);
    this.places = Object.fromEntries(entries) as Record<Place, number>;
    this.memory = memory.provide(this.kernel);
  }

  /**
   * The luma of a source; must be computed before its buffer is transferred.
   *
   * @param source RGB24 of the filter's size
   * @param mirror whether the painting is mirrored
   */
  lumaOf(source: Uint8Array, mirror = false): Luma {
    const { memory, lumaStride, places } = this;
    const { width, height } = this.size;
    if (this.tooSmall) return new Uint8Array();
    // Between two calls of `apply`, the buffer of the next picture is free.
    memory.set(source, places.now);
    this.kernel.luma(places.now, places.lumaNow, lumaStride, width, height, Number(mirror));
    return memory.slice(places.lumaNow, places.lumaNow + lumaStride * height);
  }

  /**
   * Filters the next picture in place.
   *
   * @param rows of the filter's size
   * @param luma luma of its source
   * @param place position of the scene; after a cut nothing is kept
   * @returns whether the result is the previous one, byte for byte: where the painting, its source and the place are the
   * same as before too, it will stay so
   */
  apply({ data, stride, from }: PaintedRows, luma: Luma, place: ScenePosition): boolean {
    if (this.tooSmall) return true;
    const { memory, places, before } = this;
    const { width, height } = this.size;
    const rows = (each: (given: Uint8Array, at: number) => void) => {
      for (let y = 0; y < height; y++) {
        const start = from + y * stride;
        each(data.subarray(start, start + 3 * width), places.now + y * this.stride);
      }
    };
    rows((given, at) => memory.set(given, at));
    memory.set(luma, places.lumaNow);
    this.motion.take(places.lumaNow);
    const filters = before !== undefined && !place.cut;
    if (filters) {
      const zoom = before.zoom / place.zoom;
      this.motion.estimate({ x: (before.x - place.x) * zoom, y: (before.y - place.y) * zoom, zoom });
      this.filter();
      rows((given, at) => given.set(memory.subarray(at, at + given.length)));
    }
    const settled = filters && this.isSame(places.before, places.now);
    this.before = place;
    [places.before, places.now] = [places.now, places.before];
    [places.lumaBefore, places.lumaNow] = [places.lumaNow, places.lumaBefore];
    return settled;
  }

  /** Whether two pictures are the same, whatever lies between their rows. */
  private isSame(one: number, other: number): boolean {
    const memory = Buffer.from(this.memory.buffer);
    const bytes = 3 * this.size.width;
    for (let y = 0; y < this.size.height; y++) {
      const [a, b] = [one + y * this.stride, other + y * this.stride];
      if (memory.compare(memory, a, a + bytes, b, b + bytes) !== 0) return false;
    }
    return true;
  }

  /** Filters the picture at `now` with that at `before`. */
  private filter(): void {
    const { kernel, motion, places, stride, lumaStride } = this;
    const { width, height } = this.size;
    const { before, now, lumaBefore, lumaNow, band, weights, shares, room, painted, cells, line, previous } = places;
    kernel.openField(motion.field, motion.costs, motion.columns, motion.rows, motion.side, width, height);
    kernel.compare(lumaBefore, lumaNow, lumaStride, band, shares, room, width, height);
    kernel.measureDetail(now, stride, height, painted);
    kernel.blend(before, now, stride, band, weights, shares, lumaStride, width, height);
    kernel.restoreDetail(now, stride, height, painted, cells, line, previous);
  }

  private get tooSmall(): boolean {
    return Math.min(this.size.width, this.size.height) < SMALLEST;
  }
}
