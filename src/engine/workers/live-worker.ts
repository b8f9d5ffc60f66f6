// The thread of one live style: checks the network, opens its session, and paints pictures.
import { workerData } from 'node:worker_threads';
import { EngineError } from '../../errors.js';
import { writeModel } from '../../graph/onnx/write.js';
import { vectorsOf } from '../../model/blend.js';
import { analyze, checkMemory, megabytes } from '../analysis/analyze.js';
import { RecurrentState, STATE } from '../analysis/recurrent-state.js';
import { pickDevice } from '../open.js';
import type {
  LivePaintRequest,
  PictureBytes,
  StyleDevice,
  StyleRequest,
  StyleResponse,
  StyleSpec,
} from '../painter/live-protocol.js';
import { DEVICE_TABLE, devicesFor } from '../runtime/devices.js';
import { Tensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import { TemporalFilter } from '../stabilize/temporal-filter.js';
import { serveWorker, type WorkerHandler } from '../threads/serve-worker.js';
import { type ColourMatrix, colourMatrix, mirrorColumns, PLANAR, wrapLive } from '../wrap/live-wrap.js';
import { activeNoiseInput, noiseFeeds } from '../wrap/noise.js';
import {
  type PlacementOffset,
  paddedCanvas,
  placementFeeds,
  SamplingGridAligner,
  UNALIGNED,
} from '../wrap/sampling-grid.js';

const { style, picture, working, memory, device, steady, threads } = workerData as StyleSpec;
const { manifest } = style;
/** Change from one picture to the next from which on it counts as sudden. */
const SUDDEN_CHANGE = 0.1;
const dims = [1, picture.height, picture.width, 3];

/** Inputs that change from picture to picture, besides strength and colours. */
type FrameInputs = Pick<LivePaintRequest, 'mirror' | 'vectors' | 'place' | 'reset'>;

/** Chooses the device, by measuring where there is a choice. */
async function chooseDevice(): Promise<StyleDevice> {
  const there = devicesFor(device).filter((name) => DEVICE_TABLE[name].absent() === undefined);
  if (there.length === 1 && there[0] === 'cpu') return { device: 'cpu', notes: [] };
  const options = { device, threads, steady, mode: 'latency', ...(memory === undefined ? {} : { memory }) } as const;
  return pickDevice(style, working, options);
}

async function start(): Promise<WorkerHandler<StyleRequest, StyleResponse>> {
  const { network, facts, states } = await analyze(style, working);
  checkMemory(facts.peakBytes, 0, 'picture');
  if (memory !== undefined && facts.peakBytes > memory) {
    const needed = `${megabytes(facts.peakBytes)} for a picture of ${working.width}x${working.height}`;
    throw new EngineError('ENGINE_MEMORY', `The network needs ${needed}; expected at most ${megabytes(memory)}.`, {
      hint: 'Try a smaller --height, or more --memory.',
    });
  }
  const placed = await chooseDevice();
  const canvas = steady && states.length === 0 ? paddedCanvas(working, manifest.input, facts.stride) : undefined;
  const grid = canvas && new SamplingGridAligner(canvas.stride);
  const bytes = placed.device === 'cpu' ? 'moved' : 'cast';
  const noise = canvas && activeNoiseInput(manifest);
  const period = noise && { rows: noise.dims[1]!, columns: noise.dims[2]!, stride: facts.stride };
  const model = writeModel(wrapLive(network, manifest, picture, working, bytes, canvas, states));
  const { engine, provider } = DEVICE_TABLE[placed.device];
  const session = await openSession({ model, engine, provider, threads, keep: states.map((_, n) => STATE.after(n)) });
  const recurrent = states.length > 0 ? new RecurrentState(states) : undefined;
  const settler = steady && states.length === 0 ? new TemporalFilter(picture) : undefined;
  /** The look of the previous picture. */
  let before: AppliedLook | undefined;
  // Warm-up: the first run allocates memory.
  const spare = new Uint8Array(picture.width * picture.height * 3);
  const paint = async (
    data: PictureBytes,
    result: PictureBytes,
    matrix: ColourMatrix,
    { mirror, vectors, place, reset }: FrameInputs,
  ) => {
    const { colours, shift } = matrix;
    const at = grid?.placementFor(shown(place ?? UNALIGNED, mirror)) ?? UNALIGNED;
    const feeds: Record<string, Tensor> = {
      frame: new Tensor('uint8', data, dims),
      colours: new Tensor('float32', colours, [3, 6]),
      ...(canvas ? placementFeeds(working, canvas, at, PLANAR) : {}),
      ...(period ? noiseFeeds(period, at.corner) : {}),
      ...(shift ? { shift: new Tensor('float32', shift, [3, 1]) } : {}),
    };
    const { modulation } = manifest;
    const chosen = vectors ?? vectorsOf(manifest);
    if (modulation && chosen) feeds[modulation.input] = new Tensor('float32', chosen, [2, modulation.mean.length]);
    for (const [name, value] of Object.entries(mirrorColumns(picture.width, mirror))) {
      feeds[name] = new Tensor('int64', BigInt64Array.of(value), [1]);
    }
    const stateFeeds = recurrent?.feeds(reset);
    const wanted = new Tensor('uint8', result, dims);
    const results = await session.run({ ...feeds, ...stateFeeds }, { result: wanted, ...recurrent?.fetches });
    recurrent?.update(results);
    const look = { mirror, colours, vectors: chosen ?? colours };
    if (settler && place) {
      const across = mirror ? -place.x : place.x;
      const seen = { ...place, x: across, cut: reset || !before || isSuddenChange(before, look) };
      settler.apply({ data: result, stride: 3 * picture.width, from: 0 }, settler.lumaOf(data, mirror), seen);
    }
    before = look;
  };
  let target = new Uint8Array(spare.length);
  await paint(spare, target, colourMatrix(manifest, 1, false), { mirror: false, place: undefined, reset: true });
  return {
    mixed: session.mixed,
    async handle(request) {
      if (request === 'where') return { response: { device: placed.device, notes: placed.notes }, transfer: [] };
      const { data, strength, keepColors } = request;
      const result = target;
      await paint(data, result, colourMatrix(manifest, strength, keepColors), request);
      // The input's buffer is reused for the next result.
      target = data;
      return { response: result, transfer: [result.buffer] };
    },
    async close() {
      recurrent?.reset();
      await session.release();
    },
  };
}

/** The parameters of a look that matter for the temporal filter. */
interface AppliedLook {
  readonly mirror: boolean;
  readonly colours: Float32Array;
  readonly vectors: Float32Array;
}

/** Whether the look changed suddenly, not gradually as in a fade. */
function isSuddenChange(before: AppliedLook, now: AppliedLook): boolean {
  const far = (a: Float32Array, b: Float32Array) => {
    const most = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    return b.some((value, i) => Math.abs(value - a[i]!) > SUDDEN_CHANGE * most);
  };
  return before.mirror !== now.mirror || far(before.colours, now.colours) || far(before.vectors, now.vectors);
}

/** Position of the scene in the network's input. */
function shown({ x, y }: PlacementOffset, mirror: boolean): PlacementOffset {
  const across = (x * working.width) / picture.width;
  return { x: mirror ? -across : across, y: (y * working.height) / picture.height };
}

await serveWorker(start);
