import type { EngineName, Session, SessionSpec } from './spec.js';

/** The runtimes, each loaded only when a network runs on it. */
const ENGINES: Readonly<Record<EngineName, (spec: SessionSpec) => Promise<Session>>> = {
  onnx: async (spec) => (await import('./onnx/session.js')).openOnnx(spec),
  tfjs: async (spec) => (await import('./tfjs/session.js')).openTfjs(spec),
};

/** Opens a session on the calling thread; its `run` blocks that thread. */
export function openSession(spec: SessionSpec): Promise<Session> {
  return ENGINES[spec.engine ?? 'onnx'](spec);
}
