// The thread that finishes live pictures: mirrors them, mixes styles, applies masks.
import { workerData } from 'node:worker_threads';
import { writeModel } from '../../graph/onnx/write.js';
import type { Model } from '../../graph/types.js';
import type {
  FinishedPicture,
  FinishRequest,
  FinishSpec,
  PictureBytes,
  WeightedPicture,
} from '../painter/live-protocol.js';
import { PersonMask } from '../painter/person-mask.js';
import { Tensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import type { Session } from '../runtime/spec.js';
import { serveWorker, type WorkerHandler } from '../threads/serve-worker.js';
import { greyModel, type Masking, mirrorModel, mixModel } from '../wrap/live-mix.js';
import { mirrorColumns } from '../wrap/live-wrap.js';

const { picture, threads } = workerData as FinishSpec;
const { width, height } = picture;
const bytes = (data: PictureBytes, channels = 3) => new Tensor('uint8', data, [1, height, width, channels]);
const vector = (values: readonly number[], dims: readonly number[]) =>
  new Tensor('float32', Float32Array.from(values), dims);

/** Small models, created when first needed. They run on the CPU: they cost no more than copying a picture. */
const sessions = new Map<string, Promise<Session>>();

function session(name: string, model: () => Model): Promise<Session> {
  const known = sessions.get(name) ?? openSession({ model: writeModel(model()), provider: 'cpu', threads });
  sessions.set(name, known);
  return known;
}

async function mirrored(data: PictureBytes): Promise<PictureBytes> {
  const result = new Uint8Array(data.length);
  const feeds = Object.entries(mirrorColumns(width, true)).map(([name, value]) => {
    return [name, new Tensor('int64', BigInt64Array.of(value), [1])] as const;
  });
  const mirror = await session('mirror', () => mirrorModel(picture));
  await mirror.run({ frame: bytes(data), ...Object.fromEntries(feeds) }, { result: bytes(result) });
  return result;
}

/** Opened at once, so that the first masked picture does not wait for it. */
const opening = PersonMask.open(picture, threads).then(
  (person) => ({ person }),
  (error: unknown) => ({ error }),
);
/** Mask and mirror mode of the previous picture: after a change the smoothed mask is reset. */
let before = '';

/** The last given mask, as received and as a tensor; converted again when mirroring changes. */
let given: PictureBytes | undefined;
let grey: { readonly tensor: Tensor; readonly mirror: boolean } | undefined;

async function givenMask(mirror: boolean): Promise<Tensor> {
  if (grey?.mirror === mirror) return grey.tensor;
  const model = await session('grey', () => greyModel(picture));
  const { mask } = await model.run({ frame: bytes(mirror ? await mirrored(given!) : given!) });
  grey = { tensor: mask as Tensor, mirror };
  return grey.tensor;
}

async function maskOf(frame: PictureBytes, request: FinishRequest) {
  const { mask, mirror } = request;
  if (request.given) {
    given = request.given;
    grey = undefined;
  }
  if (mask === 'picture') {
    const since = performance.now();
    const tensor = await givenMask(mirror);
    return { tensor, ms: performance.now() - since };
  }
  const now = mask === 'none' ? '' : `mask ${mirror}`;
  const goesOn = now === before;
  before = now;
  if (mask === 'none') return undefined;
  const opened = await opening;
  if ('error' in opened) throw opened.error;
  if (!goesOn) opened.person.reset();
  const since = performance.now();
  const tensor = await opened.person.find(frame);
  return { tensor, ms: performance.now() - since };
}

/** How each mask mode is mixed, with slope and offset of the painting's weight. */
const MASKS = {
  none: { masking: 'none' },
  person: { masking: 'within', slope: 1, offset: 0 },
  background: { masking: 'within', slope: -1, offset: 1 },
  picture: { masking: 'within', slope: 1, offset: 0 },
  cutout: { masking: 'alpha' },
} as const satisfies Record<FinishRequest['mask'], { masking: Masking; slope?: number; offset?: number }>;

type Mask = { readonly tensor: Tensor; readonly ms: number };
type How = (typeof MASKS)[keyof typeof MASKS];

async function mixed(
  frame: PictureBytes,
  painted: readonly WeightedPicture[],
  how: How,
  mask?: Mask,
): Promise<PictureBytes> {
  const mix = await session(`${painted.length} ${how.masking}`, () => mixModel(picture, painted.length, how.masking));
  const rest = 1 - painted.reduce((sum, { weight }) => sum + weight, 0);
  const feeds: Record<string, Tensor> = {
    frame: bytes(frame),
    weights: vector([rest, ...painted.map(({ weight }) => weight)], [1, painted.length + 1]),
    ...(mask ? { mask: mask.tensor } : {}),
    ...(how.masking === 'within' ? { slope: vector([how.slope], []), offset: vector([how.offset], []) } : {}),
  };
  painted.forEach((one, at) => {
    feeds[`painted_${at}`] = bytes(one.data);
  });
  const channels = how.masking === 'alpha' ? 4 : 3;
  const result = new Uint8Array(width * height * channels);
  await mix.run(feeds, { result: bytes(result, channels) });
  return result;
}

/** Mixes painted pictures and their source into one picture. */
async function blended(frame: PictureBytes, painted: readonly WeightedPicture[]): Promise<PictureBytes> {
  const [first] = painted;
  if (!first) return frame;
  return painted.length === 1 && first.weight === 1 ? first.data : mixed(frame, painted, MASKS.none);
}

async function finish(request: FinishRequest): Promise<FinishedPicture> {
  const { data, mirror, painted, elsewhere } = request;
  const frame = mirror ? await mirrored(data) : data;
  const mask = await maskOf(frame, request);
  const how = MASKS[request.mask];
  const maskMs = mask?.ms;
  if (painted.length === 0 && !mask) return { data: frame, channels: 3, maskMs };
  if (elsewhere.length === 0) {
    const channels = how.masking === 'alpha' ? 4 : 3;
    return { data: await mixed(frame, painted, how, mask), channels, maskMs };
  }
  const inside = { data: await blended(frame, painted), weight: 1 };
  return { data: await mixed(await blended(frame, elsewhere), [inside], how, mask), channels: 3, maskMs };
}

await serveWorker(
  async (): Promise<WorkerHandler<FinishRequest, FinishedPicture>> => ({
    async handle(request) {
      const response = await finish(request);
      return { response, transfer: [response.data.buffer] };
    },
    async close() {
      for (const one of sessions.values()) await (await one).release();
      const opened = await opening;
      if ('person' in opened) await opened.person.close();
    },
  }),
);
