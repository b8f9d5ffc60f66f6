import { workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType } from '../../graph/types.js';
import type { GraphSessionRequest, GraphSessionSpec, SentTensor } from './graph-session.js';
import { serveWorker, type WorkerHandler } from './serve-worker.js';

// One session in its own thread, because onnxruntime-node's run() blocks.

const { model, threads, provider, feedback } = workerData as GraphSessionSpec;
type Sent = Record<string, SentTensor>;

async function start(): Promise<WorkerHandler<GraphSessionRequest, Sent>> {
  const session = await InferenceSession.create(model, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  });
  const kept = new Map<string, Tensor>();
  const handle = async (request: GraphSessionRequest): Promise<Sent> => {
    if (request === 'kept') return Object.fromEntries([...kept].map(([name, tensor]) => [name, sent(tensor)]));
    if ('keep' in request) {
      for (const [name, tensor] of Object.entries(request.keep)) kept.set(name, received(tensor));
      return {};
    }
    const { feeds, fetch } = request;
    const given = Object.entries(feeds).map(([name, tensor]) => [name, received(tensor)]);
    const outputs = await session.run({ ...Object.fromEntries(given), ...Object.fromEntries(kept) }, [
      ...fetch,
      ...Object.values(feedback),
    ]);
    const numbers = Object.fromEntries(fetch.map((name) => [name, sent(outputs[name] as Tensor)]));
    for (const [input, output] of Object.entries(feedback)) kept.set(input, outputs[output] as Tensor);
    return numbers;
  };
  return {
    ready: undefined,
    handle: async (request) => ({ response: await handle(request), transfer: [] }),
    close: () => session.release(),
  };
}

function received({ type, dims, data }: SentTensor): Tensor {
  return new Tensor(type as 'float32', data as Float32Array, dims);
}

function sent({ type, dims, data }: Tensor): SentTensor {
  return { type: type as ElementType, dims: [...dims], data: data as Float32Array };
}

await serveWorker(start);
