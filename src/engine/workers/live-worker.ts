// The thread of one live style: reads and checks the network, opens its session, paints picture after picture.
import { workerData } from 'node:worker_threads';
import { EngineError } from '../../errors.js';
import { writeModel } from '../../graph/onnx/write.js';
import { vectorsOf } from '../../model/blend.js';
import { checkMemory, examine, megabytes } from '../analysis/analyze.js';
import { Memory, STATE } from '../analysis/recurrent-state.js';
import { pickDevice } from '../open.js';
import type { Picture, PictureAsk, Placed, StyleAsk, StyleReply, StyleSpec } from '../painter/live-protocol.js';
import { DEVICE_TABLE, meant } from '../runtime/devices.js';
import { Tensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import { Settler } from '../stabilize/temporal-filter.js';
import { type Service, serve } from '../threads/serve-worker.js';
import { CORNER, canvasFor, GridFollower, type Offset, offsetFeeds } from '../wrap/grid.js';
import { type ColourMatrix, colourMatrix, columns, PLANAR, wrapLive } from '../wrap/live-wrap.js';
import { noiseAsked, noiseFeeds } from '../wrap/noise.js';

const { style, picture, working, memory, device, steady, threads } = workerData as StyleSpec;
const { manifest } = style;
/** A change of a look by this share from one picture to the next is sudden. */
const SUDDEN = 0.1;
const dims = [1, picture.height, picture.width, 3];

/** What changes from picture to picture beside strength and colours. */
type Turning = Pick<PictureAsk, 'mirror' | 'vectors' | 'place' | 'fresh'>;

/** Where to run: measured where there is a choice. */
async function place(): Promise<Placed> {
  const there = meant(device).filter((name) => DEVICE_TABLE[name].absent() === undefined);
  if (there.length === 1 && there[0] === 'cpu') return { device: 'cpu', notes: [] };
  const options = { device, threads, steady, aim: 'latency', ...(memory === undefined ? {} : { memory }) } as const;
  return pickDevice(style, working, options);
}

async function start(): Promise<Service<StyleAsk, StyleReply>> {
  const { network, facts, states } = await examine(style, working);
  checkMemory(facts.peakBytes, 0, 'picture');
  if (memory !== undefined && facts.peakBytes > memory) {
    const needed = `${megabytes(facts.peakBytes)} for a picture of ${working.width}x${working.height}`;
    throw new EngineError('ENGINE_MEMORY', `The network needs ${needed}; expected at most ${megabytes(memory)}.`, {
      hint: 'Try a smaller --height, or more --memory.',
    });
  }
  const placed = await place();
  const canvas = steady && states.length === 0 ? canvasFor(working, manifest.input, facts.stride) : undefined;
  const grid = canvas && new GridFollower(canvas.stride);
  const bytes = placed.device === 'cpu' ? 'moved' : 'cast';
  const noise = canvas && noiseAsked(manifest);
  const period = noise && { rows: noise.dims[1]!, columns: noise.dims[2]!, stride: facts.stride };
  const model = writeModel(wrapLive(network, manifest, picture, working, bytes, canvas, states));
  const { engine, provider } = DEVICE_TABLE[placed.device];
  const session = await openSession({ model, engine, provider, threads, keep: states.map((_, n) => STATE.after(n)) });
  const past = states.length > 0 ? new Memory(states) : undefined;
  const settler = steady && states.length === 0 ? new Settler(picture) : undefined;
  /** How the picture before looked. */
  let before: Look | undefined;
  // The first run lays out memory: it must not be the first frame's.
  const spare = new Uint8Array(picture.width * picture.height * 3);
  const paint = async (
    data: Picture,
    result: Picture,
    matrix: ColourMatrix,
    { mirror, vectors, place, fresh }: Turning,
  ) => {
    const { colours, shift } = matrix;
    const at = grid?.offset(shown(place ?? CORNER, mirror)) ?? CORNER;
    const feeds: Record<string, Tensor> = {
      frame: new Tensor('uint8', data, dims),
      colours: new Tensor('float32', colours, [3, 6]),
      ...(canvas ? offsetFeeds(working, canvas, at, PLANAR) : {}),
      ...(period ? noiseFeeds(period, at.corner) : {}),
      ...(shift ? { shift: new Tensor('float32', shift, [3, 1]) } : {}),
    };
    const { modulation } = manifest;
    const chosen = vectors ?? vectorsOf(manifest);
    if (modulation && chosen) feeds[modulation.input] = new Tensor('float32', chosen, [2, modulation.mean.length]);
    for (const [name, value] of Object.entries(columns(picture.width, mirror))) {
      feeds[name] = new Tensor('int64', BigInt64Array.of(value), [1]);
    }
    const remembered = past?.feeds(fresh);
    const wanted = new Tensor('uint8', result, dims);
    const results = await session.run({ ...feeds, ...remembered }, { result: wanted, ...past?.fetches });
    past?.keep(results);
    const look = { mirror, colours, vectors: chosen ?? colours };
    if (settler && place) {
      const across = mirror ? -place.x : place.x;
      const seen = { ...place, x: across, cut: fresh || !before || another(before, look) };
      settler.settle({ data: result, stride: 3 * picture.width, from: 0 }, settler.lightOf(data, mirror), seen);
    }
    before = look;
  };
  let target = new Uint8Array(spare.length);
  await paint(spare, target, colourMatrix(manifest, 1, false), { mirror: false, place: undefined, fresh: true });
  return {
    mixed: session.mixed,
    async answer(ask) {
      if (ask === 'where') return { reply: { device: placed.device, notes: placed.notes }, transfer: [] };
      const { data, strength, keepColors } = ask;
      const result = target;
      await paint(data, result, colourMatrix(manifest, strength, keepColors), ask);
      // The picture's buffer is the next result's: nothing is allocated anew.
      target = data;
      return { reply: result, transfer: [result.buffer] };
    },
    async close() {
      past?.forget();
      await session.release();
    },
  };
}

/** What a picture looks like, apart from what is to be seen. */
interface Look {
  readonly mirror: boolean;
  readonly colours: Float32Array;
  readonly vectors: Float32Array;
}

/** Has the look changed at once, and not little by little, as it fades? */
function another(before: Look, now: Look): boolean {
  const far = (a: Float32Array, b: Float32Array) => {
    const most = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    return b.some((value, i) => Math.abs(value - a[i]!) > SUDDEN * most);
  };
  return before.mirror !== now.mirror || far(before.colours, now.colours) || far(before.vectors, now.vectors);
}

/** Where the scene is in what the network sees. */
function shown({ x, y }: Offset, mirror: boolean): Offset {
  const across = (x * working.width) / picture.width;
  return { x: mirror ? -across : across, y: (y * working.height) / picture.height };
}

await serve(start);
