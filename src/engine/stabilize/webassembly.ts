import { readFileSync } from 'node:fs';

/** Bytes of a vector. */
export const VECTOR = 16;
/** Bytes of a page of memory. */
const PAGE = 65_536;

/** Available in every JavaScript engine, but TypeScript declares it only with the DOM types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

type KernelFunction = (...values: number[]) => void;

/** What kernel/index.ts exports. */
export interface Kernel extends Readonly<Record<KernelFunctionName, KernelFunction>> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
}

type KernelFunctionName =
  | 'luma'
  | 'halve'
  | 'search'
  | 'smooth'
  | 'refine'
  | 'markOccluded'
  | 'upsample'
  | 'openField'
  | 'compare'
  | 'blend'
  | 'measureDetail'
  | 'restoreDetail';

let compiled: object | undefined;

/** A new instance of the kernel, with a memory of its own. */
export function openKernel(): Kernel {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel/stabilize.wasm', import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { abort: () => undefined } }).exports as Kernel;
}

/** Lays out a kernel's memory: places are reserved first, then memory is provided for all of them. */
export class KernelMemory {
  private end = PAGE;

  /** Reserves bytes, with a vector before and two after them that may be read. */
  reserve(bytes: number): number {
    const at = this.end + VECTOR;
    this.end = at + wholeVectors(bytes) + 2 * VECTOR;
    return at;
  }

  /** Provides the memory. */
  provide(kernel: Kernel): Uint8Array {
    kernel.memory.grow(Math.ceil(this.end / PAGE));
    return new Uint8Array(kernel.memory.buffer);
  }
}

/** Bytes rounded up to whole vectors. */
export function wholeVectors(bytes: number): number {
  return Math.ceil(bytes / VECTOR) * VECTOR;
}
