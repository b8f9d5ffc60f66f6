import type { Tensor } from 'onnxruntime-common';
import type { EngineName, SessionSpec } from '../threads/protocol.js';

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

/** The runtimes, each loaded only when a network runs on it. */
const ENGINES: Readonly<Record<EngineName, (spec: SessionSpec) => Promise<Session>>> = {
  onnx: async (spec) => (await import('./onnx/session.js')).openOnnx(spec),
  tfjs: async (spec) => (await import('./tfjs/session.js')).openTfjs(spec),
};

/** Opens a session on the thread that calls, whose `run` blocks that thread. */
export function openSession(spec: SessionSpec): Promise<Session> {
  return ENGINES[spec.engine ?? 'onnx'](spec);
}
