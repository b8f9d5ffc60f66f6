import type { InferenceSession } from 'onnxruntime-common';

export { Tensor } from 'onnxruntime-common';
export type { InferenceSession };

/** ONNX Runtime's sessions. It is loaded when the first is opened: most of what stylecast does needs none. */
export async function loadRuntime(): Promise<typeof InferenceSession> {
  const runtime = await import('onnxruntime-node');
  // The runtime logs to stderr past everybody; what goes wrong is told once, by the error.
  runtime.env.logLevel = 'fatal';
  return runtime.InferenceSession;
}
