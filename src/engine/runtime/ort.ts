import { createRequire } from 'node:module';
import type * as Common from 'onnxruntime-common';
import type { InferenceSession } from 'onnxruntime-common';

/**
 * Tensors as ONNX Runtime itself makes them. Its Node package loads the CommonJS build of this module; a tensor of the
 * other build is no tensor to it, and outputs that were given a place would be written elsewhere.
 */
export const { Tensor } = createRequire(import.meta.url)('onnxruntime-common') as typeof Common;
/** One of them. */
export type Tensor = Common.Tensor;
export type { InferenceSession };

/** ONNX Runtime's sessions. It is loaded when the first is opened: most of what stylecast does needs none. */
export async function loadRuntime(): Promise<typeof InferenceSession> {
  const runtime = await import('onnxruntime-node');
  // The runtime logs to stderr past everybody; what goes wrong is told once, by the error.
  runtime.env.logLevel = 'fatal';
  return runtime.InferenceSession;
}
