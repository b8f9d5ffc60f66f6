import type { Size } from '../../frame.js';
import { type Kernel, type KernelMemory, wholeVectors } from './webassembly.js';

/** Motion is found in pictures whose longer side is at most this, in pixels: larger ones are halved, again and again. */
const LARGEST = 1000;
/** Smallest side of a level of the pyramid in pixels, and number of levels. */
const SMALLEST_LEVEL = 16;
const LEVELS = 4;
/** Pixels between the middles of blocks on the finest level, and on the others. */
const BLOCK = { finest: 8, other: 4 } as const;
/** Bytes of a motion, and of an int32. */
const BYTES = 4;

/** The motion of a camera from a picture to the previous one: from the middle, in pixels, and the zoom. */
export interface CameraShift {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

interface Level extends Size {
  readonly stride: number;
  /** Places of the luma of this picture and of the previous one. */
  now: number;
  before: number;
  readonly columns: number;
  readonly rows: number;
  readonly field: number;
}

/**
 * The motion of blocks of 8×8 pixels between successive pictures: for each, where it was in the previous picture.
 *
 * On a pyramid of luma, from 1/8 of the size to all of it, windows of 8×8 pixels are matched by their sum of absolute
 * differences: on the coarsest level among all motions within reach, on the others among those of the coarser level, of
 * the blocks around, of the camera and none at all (de Haan 1993, "True-motion estimation with 3-D recursive search block
 * matching"), then by steps of a pixel downhill. Each block then takes that motion among its own and its neighbours' which
 * fits both the picture and the neighbours. On the finest level fractions of pixels come from the two sums beside the
 * least one, and blocks that move alike are averaged. Of two blocks from one place, the worse one was hidden before.
 */
export class MotionField {
  /** Place of the field, in sixteenths of a pixel, in blocks of `side` pixels. */
  readonly field: number;
  readonly columns: number;
  readonly rows: number;
  readonly side: number;
  /** Place of one int32 for each four of the blocks: −1 where they were hidden. */
  readonly costs: number;
  private readonly levels: readonly Level[];
  /** Number of the level on which motion ends. */
  private readonly finest: number;
  /** Places: the field of the finest level and what it is made from, and who else comes from a block's place. */
  private readonly found: number;
  private readonly rough: number;
  private readonly owners: number;

  /** @param memory in which it reserves its places @param luma strides of the pictures' luma in bytes */
  constructor(
    private readonly kernel: Kernel,
    memory: KernelMemory,
    size: Size,
    lumaStride: number,
  ) {
    let { width, height } = size;
    const [longer, shorter] = [Math.max(width, height), Math.min(width, height)];
    let finest = 0;
    while (longer >> finest > LARGEST && shorter >> (finest + 1) >= SMALLEST_LEVEL) finest++;
    this.finest = finest;
    const levels: Level[] = [];
    while (levels.length <= finest || isLevel(width, height, levels.length - finest)) {
      const stride = levels.length === 0 ? lumaStride : wholeVectors(width);
      const block = levels.length <= finest ? BLOCK.finest : BLOCK.other;
      const [columns, rows] = [Math.floor(width / block), Math.floor(height / block)];
      const [now, before] = levels.length === 0 ? [0, 0] : [0, 0].map(() => memory.reserve(stride * height));
      const field = memory.reserve(columns * rows * BYTES);
      levels.push({ width, height, stride, now: now!, before: before!, columns, rows, field });
      [width, height] = [width >> 1, height >> 1];
    }
    this.levels = levels;
    const { columns, rows, field } = levels[finest]!;
    const blocks = columns * rows * BYTES;
    [this.columns, this.rows] = [2 * columns, 2 * rows];
    this.side = (BLOCK.finest / 2) * 2 ** finest;
    this.found = field;
    this.rough = memory.reserve(blocks);
    this.costs = memory.reserve(blocks);
    this.owners = memory.reserve(blocks);
    this.field = memory.reserve(4 * blocks);
  }

  /** Takes a picture: it becomes the one that motion leads from. @param luma its place; kept until the next but one */
  take(luma: number): void {
    for (const level of this.levels) [level.now, level.before] = [level.before, level.now];
    this.levels[0]!.now = luma;
    for (const [n, { now, stride, width, height }] of this.levels.entries()) {
      const above = this.levels[n - 1];
      if (above) this.kernel.halve(above.now, above.stride, now, stride, width, height);
    }
  }

  /** Estimates the field between the last two pictures that were taken. */
  estimate({ x, y, zoom }: CameraShift): void {
    const { kernel, finest, levels } = this;
    const camera = (n: number) => [x / 2 ** n, y / 2 ** n, zoom - 1] as const;
    const pictures = ({ now, before, stride, width, height }: Level) => [now, before, stride, width, height] as const;
    for (let n = levels.length - 1; n > finest; n--) {
      const [level, above] = [levels[n]!, levels[n + 1]];
      const field = [level.field, level.columns, level.rows] as const;
      const parents = above ? ([above.field, above.columns, above.rows] as const) : ([0, 0, 0] as const);
      kernel.search(...pictures(level), ...parents, ...field, ...camera(n));
      kernel.smooth(...pictures(level), ...field);
    }
    const [level, above] = [levels[finest]!, levels[finest + 1]];
    const { columns, rows } = level;
    const { found, rough, costs, owners } = this;
    kernel.refine(...pictures(level), above?.field ?? 0, rough, costs, found, columns, rows, ...camera(finest));
    kernel.markOccluded(found, costs, owners, columns, rows);
    kernel.upsample(found, columns, rows, this.field, 2 ** finest);
  }
}

function isLevel(width: number, height: number, depth: number): boolean {
  return depth < LEVELS && Math.min(width, height) >= SMALLEST_LEVEL;
}
