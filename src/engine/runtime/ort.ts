import { env, InferenceSession, Tensor } from 'onnxruntime-node';

// The runtime logs to stderr past everybody; what goes wrong is told once, by the error.
env.logLevel = 'fatal';

export { InferenceSession, Tensor };
