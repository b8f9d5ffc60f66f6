import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType } from '../../graph/types.js';
import type { SentTensor, SessionRequest, SessionResponse } from './session.js';

// One session in its own thread, because onnxruntime-node's run() blocks.

const port = parentPort!;
let session: InferenceSession | undefined;
let loop: Readonly<Record<string, string>> = {};
const kept = new Map<string, Tensor>();

const HANDLERS: {
  [K in SessionRequest['kind']]: (request: Extract<SessionRequest, { kind: K }>) => Promise<Record<string, SentTensor>>;
} = {
  open: async ({ model, threads, provider = 'cpu', feedback }) => {
    loop = feedback;
    session = await InferenceSession.create(model, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
    });
    return {};
  },
  keep: async ({ tensors }) => {
    for (const [name, tensor] of Object.entries(tensors)) kept.set(name, received(tensor));
    return {};
  },
  kept: async () => Object.fromEntries([...kept].map(([name, tensor]) => [name, sent(tensor)])),
  run: async ({ feeds, fetch }) => {
    const given = Object.entries(feeds).map(([name, tensor]) => [name, received(tensor)]);
    const outputs = await session!.run({ ...Object.fromEntries(given), ...Object.fromEntries(kept) }, [
      ...fetch,
      ...Object.values(loop),
    ]);
    const numbers = Object.fromEntries(fetch.map((name) => [name, sent(outputs[name] as Tensor)]));
    for (const [input, output] of Object.entries(loop)) kept.set(input, outputs[output] as Tensor);
    return numbers;
  },
  close: async () => {
    await session?.release();
    port.close();
    return {};
  },
};

function received({ type, dims, data }: SentTensor): Tensor {
  return new Tensor(type as 'float32', data as Float32Array, dims);
}

function sent({ type, dims, data }: Tensor): SentTensor {
  return { type: type as ElementType, dims: [...dims], data: data as Float32Array };
}

port.on('message', async (request: SessionRequest) => {
  try {
    const tensors = await HANDLERS[request.kind](request as never);
    port.postMessage({ id: request.id, tensors } satisfies SessionResponse);
  } catch (error) {
    port.postMessage({
      id: request.id,
      failure: error instanceof Error ? error.message : String(error),
    } satisfies SessionResponse);
  }
});
