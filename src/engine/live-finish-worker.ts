// The thread that finishes live pictures: mirrors, mixes styles, masks.
import { workerData } from 'node:worker_threads';
import { writeModel } from '../graph/onnx-write.js';
import type { Model } from '../graph/types.js';
import { type Masking, mirrorModel, mixModel } from './live-mix.js';
import type { FinishAsk, Finished, FinishSpec, Picture } from './live-protocol.js';
import { columns } from './live-wrap.js';
import { Tensor } from './runtime.js';
import { type Service, serve } from './serve.js';
import { openSession, type Session } from './session.js';

const { picture, threads } = workerData as FinishSpec;
const { width, height } = picture;
const bytes = (data: Picture, channels = 3) => new Tensor('uint8', data, [1, height, width, channels]);
const vector = (values: readonly number[], dims: readonly number[]) =>
  new Tensor('float32', Float32Array.from(values), dims);

/** Small models, made when they are first needed. They run on the CPU: there is no more to them than to moving a picture. */
const sessions = new Map<string, Promise<Session>>();

function session(name: string, model: () => Model): Promise<Session> {
  const known = sessions.get(name) ?? openSession({ model: writeModel(model()), provider: 'cpu', threads });
  sessions.set(name, known);
  return known;
}

async function mirrored(data: Picture): Promise<Picture> {
  const result = new Uint8Array(data.length);
  const feeds = Object.entries(columns(width, true)).map(([name, value]) => {
    return [name, new Tensor('int64', BigInt64Array.of(value), [1])] as const;
  });
  const mirror = await session('mirror', () => mirrorModel(picture));
  await mirror.run({ frame: bytes(data), ...Object.fromEntries(feeds) }, { result: bytes(result) });
  return result;
}

async function finish({ data, mirror, painted }: FinishAsk): Promise<Finished> {
  const frame = mirror ? await mirrored(data) : data;
  if (painted.length === 0) return { data: frame, channels: 3, maskMs: undefined };
  const masking: Masking = 'none';
  const mix = await session(`${painted.length} ${masking}`, () => mixModel(picture, painted.length, masking));
  const rest = 1 - painted.reduce((sum, { weight }) => sum + weight, 0);
  const feeds: Record<string, Tensor> = {
    frame: bytes(frame),
    weights: vector([rest, ...painted.map(({ weight }) => weight)], [1, painted.length + 1]),
  };
  painted.forEach((one, at) => {
    feeds[`painted_${at}`] = bytes(one.data);
  });
  const result = new Uint8Array(width * height * 3);
  await mix.run(feeds, { result: bytes(result) });
  return { data: result, channels: 3, maskMs: undefined };
}

await serve(
  async (): Promise<Service<FinishAsk, Finished>> => ({
    async answer(ask) {
      const reply = await finish(ask);
      return { reply, transfer: [reply.data.buffer] };
    },
    async close() {
      for (const one of sessions.values()) await (await one).release();
    },
  }),
);
