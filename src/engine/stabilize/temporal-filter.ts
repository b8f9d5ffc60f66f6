import { readFileSync } from 'node:fs';
import type { Size } from '../../frame.js';
import type { ScenePlace } from './camera-motion.js';

/** Pictures with a smaller side are left as they are. */
const SMALLEST = 16;
/** Bytes of a vector, and of a page of memory. */
const [VECTOR, PAGE] = [16, 65_536];

/** As every JavaScript engine has it; TypeScript's declarations come with those of browsers alone. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What kernel/temporal-filter.ts exports. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  readonly light: (...places: number[]) => void;
  readonly settle: (...places: number[]) => void;
}

let compiled: object | undefined;

function kernel(): Kernel {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel/temporal-filter.wasm', import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { abort: () => undefined } }).exports as Kernel;
}

/** Rows of RGB24, perhaps part of wider ones. */
export interface Painted {
  readonly data: Uint8Array;
  /** Bytes from row to row. */
  readonly stride: number;
  /** Bytes to the first row. */
  readonly from: number;
}

/** How light a picture is, a byte for each pixel, rows of whole vectors. */
export type Light = Uint8Array;

/**
 * Settles painted pictures that follow each other. Where the scene has not changed, half of what was shown before stays,
 * moved as the camera has moved; where it has, nothing does. Such an exponential mean over time takes off what flickers,
 * as temporal anti-aliasing does in games (Karis 2014, "High-Quality Temporal Supersampling").
 *
 * Whether the scene has changed is seen in the source, not in the painting: by the mean light of blocks of 4×4 pixels,
 * of each the largest change among it and its neighbours. That is little for noise, and much for what moves.
 */
export class Settler {
  private readonly kernel: Kernel;
  private readonly memory: Uint8Array;
  /** Bytes from row to row of a picture and of its light. */
  private readonly stride: number;
  private readonly lightStride: number;
  private readonly places: Record<
    'before' | 'now' | 'lightBefore' | 'lightNow' | 'line' | 'shown' | 'weights' | 'shares' | 'room',
    number
  >;
  private before: ScenePlace | undefined;

  /** @param size of the pictures in pixels */
  constructor(private readonly size: Size) {
    const { width, height } = size;
    const vectors = (bytes: number) => Math.ceil(bytes / VECTOR) * VECTOR;
    this.stride = vectors(3 * width);
    this.lightStride = vectors(width);
    const [picture, light] = [this.stride * height, this.lightStride * height];
    const blocks = this.lightStride * Math.ceil(height / 4);
    let end = PAGE;
    // A vector before and two behind may be read.
    const room = (bytes: number) => {
      const at = end + VECTOR;
      end = at + bytes + 2 * VECTOR;
      return at;
    };
    this.places = {
      before: room(picture),
      now: room(picture),
      lightBefore: room(light),
      lightNow: room(light),
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
   * How light a source is; to be asked for before its buffer goes elsewhere.
   *
   * @param source RGB24 of the settler's size
   * @param mirror the painting has left and right exchanged
   */
  lightOf(source: Uint8Array, mirror = false): Light {
    const { memory, lightStride, places } = this;
    const { width, height } = this.size;
    if (this.tooSmall) return new Uint8Array();
    // Between two paintings, the room of the next one is free.
    memory.set(source, places.now);
    this.kernel.light(places.now, places.lightNow, lightStride, width, height, Number(mirror));
    return memory.slice(places.lightNow, places.lightNow + lightStride * height);
  }

  /**
   * Settles the next picture in place.
   *
   * @param painted of the settler's size
   * @param light of its source
   * @param place of the scene in it; at a cut nothing stays
   */
  settle({ data, stride, from }: Painted, light: Light, place: ScenePlace): void {
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
    memory.set(light, places.lightNow);
    if (before && !place.cut) {
      const zoom = before.zoom / place.zoom;
      this.kernel.settle(
        places.before,
        places.now,
        this.stride,
        places.lightBefore,
        places.lightNow,
        this.lightStride,
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
    [places.lightBefore, places.lightNow] = [places.lightNow, places.lightBefore];
  }

  private get tooSmall(): boolean {
    return Math.min(this.size.width, this.size.height) < SMALLEST;
  }
}
