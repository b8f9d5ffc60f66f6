import type { Tensor } from 'onnxruntime-common';

/** A runtime that executes ONNX graphs. */
export type EngineName = 'onnx' | 'tfjs';

/** A model and how its session is to run. Buffers travel by transfer or copy, never shared: ONNX Runtime refuses that. */
export interface SessionSpec {
  /** An ONNX file. Input `frame`: uint8 `[1, H, W, 3]`; output `result`: uint8 `[1, h, w, 3]`. */
  readonly model: Uint8Array;
  /** Default `onnx`. */
  readonly engine?: EngineName;
  /** Execution provider as ONNX Runtime names it, or backend as the table of tfjs names it. */
  readonly provider: string;
  /** Compute in half precision; not on the CPU. */
  readonly half?: boolean;
  readonly threads: number;
  /** Outputs that are to stay on the device, where it can: they are only fed back. */
  readonly keep?: readonly string[];
}

/** What places a picture in its canvas: amounts of padding, and for devices that must not be told those a place to cut. */
export const PLACING = { pads: 'pads', from: 'laidFrom', to: 'laidTo' } as const;

/** A network under execution. Tensors are those of onnxruntime-common, whichever engine runs. */
export interface Session {
  /**
   * Runs once, and may block the thread that calls until it is done.
   *
   * @param fetches outputs to compute; where a tensor is given, the result is written into its data
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: Readonly<Record<string, Tensor | null>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
  /** Frees what it holds. */
  release(): Promise<void>;
  /** True when a part of the network runs on the CPU because the device lacks it. */
  readonly mixed: boolean;
}
