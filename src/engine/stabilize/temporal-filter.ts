import { readFileSync } from 'node:fs';
import type { Size } from '../../frame.js';
import type { ScenePosition } from './camera-motion.js';

/** Pictures with a smaller side are left as they are. */
const SMALLEST = 16;
/** Bytes of a vector, and of a page of memory. */
const [VECTOR, PAGE] = [16, 65_536];

/** Available in every JavaScript engine, but TypeScript declares it only with the DOM types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What kernel/temporal-filter.ts exports. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  readonly luma: (...places: number[]) => void;
  readonly filter: (...places: number[]) => void;
}

let compiled: object | undefined;

function kernel(): Kernel {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel/temporal-filter.wasm', import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { abort: () => undefined } }).exports as Kernel;
}

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

/**
 * Filters successive painted pictures over time. Where the scene has not changed, half of the previous output is kept,
 * shifted by the camera motion; where it has, nothing is. This exponential moving average suppresses flicker, as
 * temporal anti-aliasing does in games (Karis 2014, "High-Quality Temporal Supersampling").
 *
 * Change is detected in the source, not in the painting: by the mean luma of blocks of 4×4 pixels, for each block the
 * largest change among it and its neighbours, which is small for noise and large for motion.
 */
export class TemporalFilter {
  private readonly kernel: Kernel;
  private readonly memory: Uint8Array;
  /** Bytes from row to row of a picture and of its luma. */
  private readonly stride: number;
  private readonly lumaStride: number;
  private readonly places: Record<
    'before' | 'now' | 'lumaBefore' | 'lumaNow' | 'line' | 'shown' | 'weights' | 'shares' | 'room',
    number
  >;
  private before: ScenePosition | undefined;

  /** @param size of the pictures in pixels */
  constructor(private readonly size: Size) {
    const { width, height } = size;
    const vectors = (bytes: number) => Math.ceil(bytes / VECTOR) * VECTOR;
    this.stride = vectors(3 * width);
    this.lumaStride = vectors(width);
    const [picture, luma] = [this.stride * height, this.lumaStride * height];
    const blocks = this.lumaStride * Math.ceil(height / 4);
    let end = PAGE;
    // One vector before and two after the data may be read.
    const room = (bytes: number) => {
      const at = end + VECTOR;
      end = at + bytes + 2 * VECTOR;
      return at;
    };
    this.places = {
      before: room(picture),
      now: room(picture),
      lumaBefore: room(luma),
      lumaNow: room(luma),
      line: room(this.stride),
      shown: room(this.stride),
      weights: room(this.stride),
      shares: room(blocks),
      room: room(blocks),
    };
    this.kernel = kernel();
    this.kernel.memory.grow(Math.ceil(end / PAGE));
    this.memory = new Uint8Array(this.kernel.memory.buffer);
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
   */
  apply({ data, stride, from }: PaintedRows, luma: Luma, place: ScenePosition): void {
    if (this.tooSmall) return;
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
    if (before && !place.cut) {
      const zoom = before.zoom / place.zoom;
      this.kernel.filter(
        places.before,
        places.now,
        this.stride,
        places.lumaBefore,
        places.lumaNow,
        this.lumaStride,
        places.line,
        places.shown,
        places.weights,
        places.shares,
        places.room,
        width,
        height,
        (before.x - place.x) * zoom,
        (before.y - place.y) * zoom,
        zoom,
      );
      rows((given, at) => given.set(memory.subarray(at, at + given.length)));
    }
    this.before = place;
    [places.before, places.now] = [places.now, places.before];
    [places.lumaBefore, places.lumaNow] = [places.lumaNow, places.lumaBefore];
  }

  private get tooSmall(): boolean {
    return Math.min(this.size.width, this.size.height) < SMALLEST;
  }
}
