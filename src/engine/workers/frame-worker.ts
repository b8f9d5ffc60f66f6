// A worker thread: one network, one picture at a time. onnxruntime-node's run() blocks the thread that it is called on.
import { workerData } from 'node:worker_threads';
import { RecurrentState } from '../analysis/recurrent-state.js';
import type { FrameWorkerSpec, PaintRequest } from '../painter/protocol.js';
import { Tensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import { serveWorker, type WorkerHandler } from '../threads/serve-worker.js';
import { noiseFeeds } from '../wrap/noise.js';
import { placementFeeds, UNALIGNED } from '../wrap/sampling-grid.js';
import type { Tile } from '../wrap/tiles.js';

type Picture = Uint8Array<ArrayBuffer>;

const spec = workerData as FrameWorkerSpec;
const { width, height } = spec;
const outWidth = spec.compare ? 2 * width : width;

/**
 * The buffer for the next result. After each run the input's buffer takes its place, so that no new one is allocated.
 */
let spare: Picture | undefined;

async function start(): Promise<WorkerHandler<PaintRequest, Picture>> {
  const paint = await openSession(spec.paint);
  const statistics = spec.statistics && (await openSession(spec.statistics));
  const tile = spec.tiles?.tile ?? { width, height };
  const direct = !spec.tiles && !spec.compare;
  const scratch = direct ? undefined : new Uint8Array(tile.width * tile.height * 3);

  const recurrent = spec.states && new RecurrentState(spec.states);
  const whole: Tile = { x: 0, y: 0, core: { x: 0, y: 0, width, height } };

  const run = async ({ data, placement = UNALIGNED, reset = false }: PaintRequest): Promise<Picture> => {
    const frame = new Tensor('uint8', data, [1, height, width, 3]);
    const result = take(outWidth * height * 3);
    const known = statistics ? await statistics.run({ frame }) : {};
    const place = spec.canvas && placementFeeds(spec, spec.canvas, placement, spec.canvas.axes);
    for (const part of spec.tiles?.tiles ?? [whole]) {
      const at = spec.tiles && { at: new Tensor('int64', BigInt64Array.of(BigInt(part.y), BigInt(part.x)), [2]) };
      const noise = spec.noise && noiseFeeds(spec.noise, spec.tiles ? part : placement.corner);
      const target = new Tensor('uint8', scratch ?? result, [1, tile.height, tile.width, 3]);
      const states = recurrent?.feeds(reset);
      const results = await paint.run(
        { frame, ...known, ...at, ...place, ...noise, ...states },
        { result: target, ...recurrent?.fetches },
      );
      recurrent?.update(results);
      if (scratch) copy(scratch, tile.width, part, result);
    }
    if (spec.compare) copy(data, width, whole, result, 0);
    return result;
  };

  return {
    mixed: paint.mixed || (statistics?.mixed ?? false),
    async handle(request) {
      const response = await run(request);
      spare = request.data;
      return { response, transfer: [response.buffer] };
    },
    async close() {
      recurrent?.reset();
      await paint.release();
      await statistics?.release();
    },
  };
}

function take(bytes: number): Picture {
  const buffer = spare?.length === bytes ? spare : new Uint8Array(new ArrayBuffer(bytes));
  spare = undefined;
  return buffer;
}

/** Copies the core of a tile into the result, row by row. */
function copy(
  from: Uint8Array,
  fromWidth: number,
  { x, y, core }: Tile,
  to: Uint8Array,
  offset = outWidth - width,
): void {
  for (let row = 0; row < core.height; row++) {
    const source = ((core.y - y + row) * fromWidth + core.x - x) * 3;
    const target = ((core.y + row) * outWidth + offset + core.x) * 3;
    to.set(from.subarray(source, source + core.width * 3), target);
  }
}

await serveWorker(start);
