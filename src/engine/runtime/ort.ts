import { createRequire } from 'node:module';
import type * as Common from 'onnxruntime-common';
import type { InferenceSession } from 'onnxruntime-common';

/**
 * Tensors as ONNX Runtime itself makes them. Its Node package loads the CommonJS build of this module; a tensor of the
 * other build is no tensor to it, and outputs that were given a place would be written elsewhere.
 */
export const { Tensor: OrtTensor } = createRequire(import.meta.url)('onnxruntime-common') as typeof Common;
/** One of them. */
export type OrtTensor = Common.Tensor;
export type { InferenceSession };

/** Loads ONNX Runtime on first use: most commands of stylecast do not need it. */
export async function loadRuntime(): Promise<typeof InferenceSession> {
  const runtime = await import('onnxruntime-node');
  // The runtime would log failures to stderr; they are reported once, by the error.
  runtime.env.logLevel = 'fatal';
  return runtime.InferenceSession;
}
