// The thread that mixes pictures: mirrors them, finds persons, weights and masks.
import { workerData } from 'node:worker_threads';
import { writeModel } from '../../graph/onnx/write.js';
import type { Model } from '../../graph/types.js';
import { coverageOf } from '../painter/mixer.js';
import { PersonMask } from '../painter/person-mask.js';
import type {
  CoveredMask,
  MixedPicture,
  MixerRequest,
  MixerSpec,
  MixRequest,
  PictureBytes,
} from '../painter/protocol.js';
import { OrtTensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import type { Session } from '../runtime/spec.js';
import { serveWorker, type WorkerHandler } from '../threads/serve-worker.js';
import { type Masking, mirrorModel, mixModel } from '../wrap/mix.js';
import { mirrorColumns } from '../wrap/picture-nodes.js';

const { picture, threads, compare = false, mixes, person } = workerData as MixerSpec;
const { width, height } = picture;
const pixels = width * height;
const bytes = (data: PictureBytes, { channels = 3, wide = width } = {}) =>
  new OrtTensor('uint8', data, [1, height, wide, channels]);
const plane = (data: Float32Array) => new OrtTensor('float32', data, [1, 1, height, width]);
const row = (values: readonly number[]) => new OrtTensor('float32', Float32Array.from(values), [1, values.length]);

/** Small models, created when first needed. They run on the CPU: they cost no more than copying a picture. */
const sessions = new Map<string, Promise<Session>>();

function session(name: string, model: () => Model): Promise<Session> {
  const known = sessions.get(name) ?? openSession({ model: writeModel(model()), provider: 'cpu', threads });
  sessions.set(name, known);
  return known;
}

const mixing = (count: number, masking: Masking) =>
  session(`${count} ${masking}`, () => mixModel(picture, count, masking, compare));

/** Opened at once, so that the first mask does not wait for it. */
const finder = person && PersonMask.open(picture, threads);
finder?.catch(() => undefined);

/** A picture that is no longer needed: the next result is written into it. */
let spare: PictureBytes | undefined;

async function mirrored(data: PictureBytes): Promise<PictureBytes> {
  const result = new Uint8Array(data.length);
  const mirror = await session('mirror', () => mirrorModel(picture));
  await mirror.run({ frame: bytes(data), ...mirrorColumns(width, true) }, { result: bytes(result) });
  return result;
}

/** The last given mask, and the same mirrored. */
let given: PictureBytes;
let turned: PictureBytes | undefined;
/** Whether the previous picture was mirrored, if a person was found in it: otherwise the smoothed mask is reset. */
let before: boolean | undefined;

type Mask = { readonly masking: Masking; readonly tensor: OrtTensor };

async function maskOf({ mask, mirror = false, alpha }: MixRequest, source?: PictureBytes): Promise<Mask | undefined> {
  if (mask instanceof Uint8Array) [given, turned] = [mask, undefined];
  if (mask instanceof Uint8Array || mask === 'same') {
    if (mirror) turned ??= await mirrored(given);
    return { masking: 'picture', tensor: bytes(mirror ? turned! : given) };
  }
  if (mask instanceof Float32Array) return { masking: 'plane', tensor: plane(mask) };
  const goesOn = before === mirror;
  before = mask && mirror;
  if (!mask) return undefined;
  const opened = (await finder)!;
  if (!goesOn) opened.reset();
  return { masking: alpha ? 'alpha' : 'plane', tensor: await opened.find(source!) };
}

async function mix(request: MixRequest): Promise<MixedPicture> {
  const { pictures, inside, outside = pictures.map(() => 0), mirror } = request;
  const source = request.source && mirror ? await mirrored(request.source) : request.source;
  const since = performance.now();
  const mask = await maskOf(request, source);
  const maskMs = mask && performance.now() - since;
  const divides = mask && mask.masking !== 'alpha';
  const rest = (weights: readonly number[]) => 1 - weights.reduce((sum, weight) => sum + weight, 0);
  const parts = [
    ...(source ? [{ data: source, inside: rest(inside), outside: rest(outside) }] : []),
    ...pictures.map((data, at) => ({ data, inside: inside[at]!, outside: outside[at]! })),
  ].filter((part) => part.inside !== 0 || (divides && part.outside !== 0));
  const [first] = parts;
  if (parts.length === 1 && first?.inside === 1 && !mask && !compare) {
    return { data: first.data, channels: 3, maskMs };
  }
  const { masking = 'none', tensor } = mask ?? {};
  const weights = divides
    ? { weights: row(parts.map((part) => part.outside)), change: row(parts.map((part) => part.inside - part.outside)) }
    : { weights: row(parts.map((part) => part.inside)) };
  const channels = masking === 'alpha' ? 4 : 3;
  const wide = compare ? 2 * width : width;
  const result = take(pixels * channels * (compare ? 2 : 1));
  const mixer = await mixing(parts.length, masking);
  await mixer.run(
    {
      ...Object.fromEntries(parts.map(({ data }, at) => [`picture_${at}`, bytes(data)])),
      ...weights,
      ...(tensor ? { mask: tensor } : {}),
      ...(compare ? { source: bytes(source!) } : {}),
    },
    { result: bytes(result, { channels, wide }) },
  );
  spare = first?.data;
  return { data: result, channels, maskMs };
}

function take(length: number): PictureBytes {
  const buffer = spare?.length === length ? spare : new Uint8Array(length);
  spare = undefined;
  return buffer;
}

const ends = person && { nothing: new Float32Array(pixels), everything: new Float32Array(pixels).fill(1) };

/** The person in a picture, smoothed over time. */
async function find(data: PictureBytes): Promise<CoveredMask> {
  const found = await (await finder)!.find(data);
  const mask = new Float32Array(found.data as Float32Array<ArrayBuffer>);
  return { mask, cover: coverageOf(mask, ends!) };
}

await serveWorker(async (): Promise<WorkerHandler<MixerRequest, MixedPicture | CoveredMask>> => {
  if (person === 'first') await finder;
  if (mixes) await mixing(mixes.pictures, mixes.masking);
  return {
    ready: undefined,
    async handle(request) {
      const response = 'find' in request ? await find(request.find) : await mix(request);
      return { response, transfer: [('mask' in response ? response.mask : response.data).buffer] };
    },
    async close() {
      for (const one of sessions.values()) await (await one).release();
      await finder?.then((opened) => opened.close()).catch(() => undefined);
    },
  };
});
