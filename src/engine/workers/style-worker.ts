// The thread of a style: one network, one picture at a time. onnxruntime-node's run() blocks the thread that it is
// called on. A live style is prepared here too, so that the show goes on meanwhile.
import { workerData } from 'node:worker_threads';
import { RecurrentState } from '../analysis/recurrent-state.js';
import { prepareLive } from '../open.js';
import { LookStabilizer } from '../painter/look-stabilizer.js';
import type { LiveStyle, PaintRequest, PictureBytes, StyleReady, StyleSpec } from '../painter/protocol.js';
import { OrtTensor } from '../runtime/ort.js';
import { openSession } from '../runtime/session.js';
import { serveWorker, type WorkerHandler } from '../threads/serve-worker.js';
import { colourMatrix, FULL, lookFeeds } from '../wrap/look.js';
import { noiseFeeds } from '../wrap/noise.js';
import { placementFeeds, UNALIGNED } from '../wrap/sampling-grid.js';
import type { Tile } from '../wrap/tiles.js';

const given = workerData as StyleSpec | LiveStyle;

/**
 * The buffer for the next result. After each run the input's buffer takes its place, so that no new one is allocated.
 */
let spare: PictureBytes | undefined;

async function start(): Promise<WorkerHandler<PaintRequest, PictureBytes, StyleReady>> {
  const { spec, chosen } = 'style' in given ? await prepareLive(given) : { spec: given, chosen: undefined };
  const { width, height, tiles, canvas, compare, look: manifest } = spec;
  const outWidth = compare ? 2 * width : width;
  const paint = await openSession(spec.paint);
  const statistics = spec.statistics && (await openSession(spec.statistics));
  const tile = tiles?.tile ?? { width, height };
  const scratch = tiles || compare ? new Uint8Array(tile.width * tile.height * 3) : undefined;
  const recurrent = spec.states && new RecurrentState(spec.states);
  const stabilizer = manifest && new LookStabilizer(spec);
  const whole: Tile = { x: 0, y: 0, core: { x: 0, y: 0, width, height } };

  const run = async (request: PaintRequest): Promise<PictureBytes> => {
    const { data, reset = false, look = FULL } = request;
    const frame = new OrtTensor('uint8', data, [1, height, width, 3]);
    const result = take(outWidth * height * 3);
    const known = statistics ? await statistics.run({ frame }) : {};
    const placement = stabilizer?.placementFor(request.place, look.mirror) ?? request.placement ?? UNALIGNED;
    const placed = canvas && placementFeeds(canvas.working, canvas, placement);
    const matrix = manifest && colourMatrix(manifest, look);
    const shown = matrix && lookFeeds(manifest, width, look, matrix);
    for (const part of tiles?.tiles ?? [whole]) {
      const at = tiles && { at: new OrtTensor('int64', BigInt64Array.of(BigInt(part.y), BigInt(part.x)), [2]) };
      const noise = spec.noise && noiseFeeds(spec.noise, tiles ? part : placement.corner);
      const target = new OrtTensor('uint8', scratch ?? result, [1, tile.height, tile.width, 3]);
      const states = recurrent?.feeds(reset);
      const results = await paint.run(
        { frame, ...known, ...at, ...placed, ...noise, ...states, ...shown },
        { result: target, ...recurrent?.fetches },
      );
      recurrent?.update(results);
      if (scratch) copy(scratch, tile.width, part, result, outWidth, outWidth - width);
    }
    if (compare) copy(data, width, whole, result, outWidth, 0);
    if (matrix) stabilizer?.apply(result, request, look, matrix);
    return result;
  };

  // The first run of a live style allocates memory: not while its first picture waits.
  if (manifest) await run({ data: new Uint8Array(width * height * 3), reset: true });
  return {
    ready: { mixed: paint.mixed || (statistics?.mixed ?? false), ...(chosen ? { chosen } : {}) },
    async handle(request) {
      const response = await run(request);
      // The input's buffer is reused for the next result.
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

function take(bytes: number): PictureBytes {
  const buffer = spare?.length === bytes ? spare : new Uint8Array(bytes);
  spare = undefined;
  return buffer;
}

/** Copies the core of a tile into the result, row by row, `offset` pixels to the right. */
function copy(
  from: Uint8Array,
  fromWidth: number,
  { x, y, core }: Tile,
  to: Uint8Array,
  toWidth: number,
  offset: number,
): void {
  for (let row = 0; row < core.height; row++) {
    const source = ((core.y - y + row) * fromWidth + core.x - x) * 3;
    const target = ((core.y + row) * toWidth + offset + core.x) * 3;
    to.set(from.subarray(source, source + core.width * 3), target);
  }
}

await serveWorker(start);
