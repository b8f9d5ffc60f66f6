// The thread that combines two pictures by a mask and, for persons, finds the mask.
import { workerData } from 'node:worker_threads';
import { writeModel } from '../../graph/onnx/write.js';
import { PersonMask } from '../painter/person-mask.js';
import { coverageOf, type RegionRequest, type RegionResponse, type RegionSpec } from '../painter/region-protocol.js';
import { Tensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import { serveWorker, type WorkerHandler } from '../threads/serve-worker.js';
import { regionModel } from '../wrap/region-graph.js';

type Picture = Uint8Array<ArrayBuffer>;

const { picture, kind, compare, threads } = workerData as RegionSpec;
const { width, height } = picture;
const pixels = width * height;

async function start(): Promise<WorkerHandler<RegionRequest, RegionResponse>> {
  const person = kind === 'found' ? await PersonMask.open(picture, threads) : undefined;
  const model = writeModel(regionModel(picture, kind, compare));
  // It runs on the CPU: it costs no more than copying a picture.
  const session = await openSession({ model, provider: 'cpu', threads });
  const ends = { nothing: new Float32Array(pixels), everything: new Float32Array(pixels).fill(1) };
  const bytes = (data: Picture, wide = width) => new Tensor('uint8', data, [1, height, wide, 3]);
  let spare: Picture | undefined;

  const find = async (data: Picture) => {
    const found = await person!.find(data);
    const mask = new Float32Array(found.data as Float32Array<ArrayBuffer>);
    const response = { mask, cover: coverageOf(mask, ends) };
    return { response, transfer: [mask.buffer] };
  };

  const put = async ({ mask, inside, outside, source }: Exclude<RegionRequest, { find: Picture }>) => {
    const result = spare ?? new Uint8Array(pixels * (compare ? 6 : 3));
    const masking = mask instanceof Float32Array ? new Tensor('float32', mask, [1, 1, height, width]) : bytes(mask);
    const feeds = { inside: bytes(inside), outside: bytes(outside), mask: masking };
    const further = compare ? { source: bytes(source!) } : {};
    await session.run({ ...feeds, ...further }, { result: bytes(result, compare ? 2 * width : width) });
    // The input's buffer is reused for the next result.
    spare = compare ? undefined : inside;
    return { response: result, transfer: [result.buffer] };
  };

  return {
    handle: (request) => ('find' in request ? find(request.find) : put(request)),
    async close() {
      await session.release();
      await person?.close();
    },
  };
}

await serveWorker(start);
