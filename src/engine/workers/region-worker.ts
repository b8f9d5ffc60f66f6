// The thread that puts two painted pictures together by a mask, and finds the mask where it is that of a person.
import { workerData } from 'node:worker_threads';
import { writeModel } from '../../graph/onnx/write.js';
import { PersonMask } from '../painter/person-mask.js';
import { coverOf, type RegionAsk, type RegionReply, type RegionSpec } from '../painter/region-protocol.js';
import { Tensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import { type Service, serve } from '../threads/serve-worker.js';
import { regionModel } from '../wrap/region-graph.js';

type Picture = Uint8Array<ArrayBuffer>;

const { picture, kind, compare, threads } = workerData as RegionSpec;
const { width, height } = picture;
const pixels = width * height;

async function start(): Promise<Service<RegionAsk, RegionReply>> {
  const person = kind === 'found' ? await PersonMask.open(picture, threads) : undefined;
  const model = writeModel(regionModel(picture, kind, compare));
  // It runs on the CPU: there is no more to it than to moving a picture.
  const session = await openSession({ model, provider: 'cpu', threads });
  const ends = { nothing: new Float32Array(pixels), everything: new Float32Array(pixels).fill(1) };
  const bytes = (data: Picture, wide = width) => new Tensor('uint8', data, [1, height, wide, 3]);
  let spare: Picture | undefined;

  const find = async (data: Picture) => {
    const found = await person!.find(data);
    const mask = new Float32Array(found.data as Float32Array<ArrayBuffer>);
    const reply = { mask, cover: coverOf(mask, ends) };
    return { reply, transfer: [mask.buffer] };
  };

  const put = async ({ mask, inside, outside, source }: Exclude<RegionAsk, { find: Picture }>) => {
    const result = spare ?? new Uint8Array(pixels * (compare ? 6 : 3));
    const masking = mask instanceof Float32Array ? new Tensor('float32', mask, [1, 1, height, width]) : bytes(mask);
    const feeds = { inside: bytes(inside), outside: bytes(outside), mask: masking };
    const further = compare ? { source: bytes(source!) } : {};
    await session.run({ ...feeds, ...further }, { result: bytes(result, compare ? 2 * width : width) });
    // A picture's buffer is the next result's: nothing is allocated anew.
    spare = compare ? undefined : inside;
    return { reply: result, transfer: [result.buffer] };
  };

  return {
    answer: (ask) => ('find' in ask ? find(ask.find) : put(ask)),
    async close() {
      await session.release();
      await person?.close();
    },
  };
}

await serve(start);
