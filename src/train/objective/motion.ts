import type { GraphBuilder, Value } from '../../graph/builder.js';
import { luminance } from '../../losses/terms/temporal.js';
import { Random } from '../../nets/parameters/random.js';

/** Control points of the elastic field along each axis. */
const ELASTIC = 5;
/** The noise picture is larger than the crop by this, so that it can be shifted from step to step. */
const NOISE_MARGIN = 64;

/** The two frames of each pair, and the known motion between them. */
export interface MotionPair {
  /** Earlier and later frames with sensor noise, [2n, 3, s, s]: first all the earlier ones. */
  readonly noisy: Value;
  /** The same without noise. */
  readonly clean: Value;
  /** Position of each pixel of the later frame in the earlier one: [n, s, s, 2], x then y, from −1 to 1. */
  readonly grid: Value;
  /** 1 where the motion is known, 0 outside the earlier frame and at occluders; [n, 1, s, s]. */
  readonly mask: Value;
  /** Change of luminance in the later frame, [n, 1, s, s]. */
  readonly change: Value;
}

/** Feeds of `motionPair` for a step: small tensors; all work on pixels is in the graph. */
export interface MotionFeeds {
  /** [n, 2, 3]: rows for x and y of (x, y, 1), in coordinates from −1 to 1. */
  readonly affine: Float32Array;
  /** [n, 2, 5, 5]: an elastic displacement at control points. */
  readonly elastic: Float32Array;
  /** [n, 4]: gain and offset of the exposure, amplitude of the noise in the earlier and the later frame. */
  readonly exposure: Float32Array;
  /** [n, 4]: centre x, y and radii x, y of an elliptic occluder; radii 0 for none. */
  readonly occluder: Float32Array;
  /** Offset of the noise, for the earlier frame (y, x) and the later one. */
  readonly noise: BigInt64Array;
}

/** Names, types and dims of the inputs that `motionPair` declares for `pairs` pairs. */
export function motionInputs(pairs: number) {
  return {
    affine: { type: 'float32', dims: [pairs, 2, 3] },
    elastic: { type: 'float32', dims: [pairs, 2, ELASTIC, ELASTIC] },
    exposure: { type: 'float32', dims: [pairs, 4] },
    occluder: { type: 'float32', dims: [pairs, 4] },
    noise: { type: 'int64', dims: [4] },
  } as const;
}

/**
 * Random motion for a step. A fifth of the pairs are still and differ in sensor noise alone. Two fifths shift by whole
 * pixels, as in a slow pan, without interpolation, so that all change comes from the network. The rest also rotate,
 * zoom and bend. The amount of motion is that between successive video frames, and covers every phase of the network's
 * grid of 8 pixels; demanding consistency over larger motion costs style for nothing.
 *
 * @param size side of the crop in pixels.
 */
export function randomMotion(random: Random, pairs: number, size: number): MotionFeeds {
  const affine = new Float32Array(pairs * 6);
  const elastic = new Float32Array(pairs * 2 * ELASTIC * ELASTIC);
  const exposure = new Float32Array(pairs * 4);
  const occluder = new Float32Array(pairs * 4);
  const pixel = 2 / (size - 1);
  for (let i = 0; i < pairs; i++) {
    const still = random.chance(0.2);
    const shiftOnly = still || random.chance(0.5);
    const shift = () => (still ? 0 : shiftOnly ? Math.round(random.between(-5, 5)) : random.between(-6, 6)) * pixel;
    const angle = shiftOnly ? 0 : random.between(-0.02, 0.02);
    const zoom = shiftOnly ? 1 : random.between(0.98, 1.02);
    const [cos, sin] = [zoom * Math.cos(angle), zoom * Math.sin(angle)];
    affine.set([cos, -sin, shift(), sin, cos, shift()], i * 6);
    const bend = shiftOnly || random.chance(0.5) ? 0 : 2 * pixel;
    for (let k = 0; k < 2 * ELASTIC * ELASTIC; k++)
      elastic[i * 2 * ELASTIC * ELASTIC + k] = bend * random.normal() * 0.5;
    const exposed = !still && random.chance(0.5);
    exposure[i * 4] = exposed ? random.between(0.8, 1.25) : 1;
    exposure[i * 4 + 1] = exposed ? random.between(-0.05, 0.05) : 0;
    const speckle = () => (still ? random.between(0.01, 0.04) : random.chance(0.5) ? random.between(0, 0.04) : 0);
    exposure[i * 4 + 2] = speckle();
    exposure[i * 4 + 3] = speckle();
    if (random.chance(0.25)) {
      occluder.set(
        [random.between(-1, 1), random.between(-1, 1), random.between(0.1, 0.4), random.between(0.1, 0.4)],
        i * 4,
      );
    }
  }
  const noise = BigInt64Array.from({ length: 4 }, () => BigInt(random.below(NOISE_MARGIN)));
  return { affine, elastic, exposure, occluder, noise };
}

/**
 * Makes a second frame for each photograph: moved by a known flow, with an occluder passing, another exposure and
 * sensor noise.
 *
 * @param photographs [n, 3, s, s], RGB in [0, 1].
 */
export function motionPair(b: GraphBuilder, photographs: Value, seed: number): MotionPair {
  const [pairs, , size] = photographs.dims.map(Number) as [number, number, number];
  const inputs = motionInputs(pairs);
  const input = (name: keyof typeof inputs) => b.input(name, inputs[name].type, inputs[name].dims);
  const [affine, elastic, exposure, occluder, noise] = [
    input('affine'),
    input('elastic'),
    input('exposure'),
    input('occluder'),
    input('noise'),
  ];
  const op = (name: string, x: Value, y: Value | number) =>
    b.op(name, [x, typeof y === 'number' ? b.scalar('float32', y) : y]);
  const column = (x: Value, start: number, end = start + 1) => {
    const cut = b.op('Slice', [x, b.ints([start]), b.ints([end]), b.ints([1])]);
    return b.op('Reshape', [cut, b.ints([pairs, end - start, 1, 1])]);
  };

  const places = b.constant('float32', [1, 3, size * size], coordinates(size));
  const straight = b.op('Reshape', [b.op('MatMul', [affine, places]), b.ints([pairs, 2, size, size])]);
  const smooth = b.constant('float32', [size, ELASTIC], splines(size));
  const across = b.op('MatMul', [elastic, b.op('Transpose', [smooth], { perm: [1, 0] })]);
  const bent = b.op('MatMul', [smooth, across]);
  const field = b.op('Add', [straight, bent]);
  const grid = b.op('Transpose', [field], { perm: [0, 2, 3, 1] });
  // Sharper than linear interpolation, so that the second frame is not a blurred first one.
  const moved = clipped(b, warp(b, photographs, grid, 'bicubic'));

  const position = b.constant('float32', [1, 2, size, size], coordinates(size).slice(0, 2 * size * size));
  const covers = (margin: number) => {
    const radii = op('Add', column(occluder, 2, 4), 1e-6);
    const grown = op('Add', radii, b.op('Mul', [op('Min', op('Mul', radii, 1e4), 1), b.scalar('float32', margin)]));
    const away = op('Div', op('Sub', position, column(occluder, 0, 2)), grown);
    return op('Less', b.op('ReduceSum', [op('Mul', away, away)], { axes: [1] }), 1);
  };
  // The occluder shows the photograph upside down, so that it has natural detail.
  const upside = b.op('Slice', [photographs, b.ints([-1]), b.ints([-(2 ** 31)]), b.ints([2]), b.ints([-1])]);
  const occluded = b.op('Where', [covers(0), upside, moved]);
  const lit = clipped(b, op('Add', op('Mul', occluded, column(exposure, 0)), column(exposure, 1)));

  const inside = op('LessOrEqual', b.op('ReduceMax', [b.op('Abs', [field])], { axes: [1] }), 1);
  const free = b.op('And', [inside, b.op('Not', [covers(16 / size)])]);

  const speckle = b.constant(
    'float32',
    [1, 3, size + NOISE_MARGIN, size + NOISE_MARGIN],
    gaussian(size + NOISE_MARGIN, seed),
  );
  const withNoise = (frame: Value, which: number) => {
    const from = b.op('Slice', [noise, b.ints([which * 2]), b.ints([which * 2 + 2]), b.ints([0])]);
    const to = b.op('Add', [from, b.ints([size, size])]);
    const cut = b.op('Reshape', [b.op('Slice', [speckle, from, to, b.ints([2, 3])]), b.ints([1, 3, size, size])]);
    return clipped(b, op('Add', frame, op('Mul', cut, column(exposure, 2 + which))));
  };
  return {
    noisy: b.op('Concat', [withNoise(photographs, 0), withNoise(lit, 1)], { axis: 0 }),
    clean: b.op('Concat', [photographs, lit], { axis: 0 }),
    grid,
    mask: b.op('Cast', [free], { to: 1 }),
    change: op('Sub', luminance(b, lit), luminance(b, moved)),
  };
}

/** Samples a picture [n, c, h, w] at the positions of a grid. */
export function warp(b: GraphBuilder, picture: Value, grid: Value, mode = 'bilinear'): Value {
  return b.op('GridSample', [picture, grid], { mode, padding_mode: 'border', align_corners: 1 });
}

function clipped(b: GraphBuilder, x: Value): Value {
  return b.op('Clip', [x, b.scalar('float32', 0), b.scalar('float32', 1)]);
}

/** Rows x, y and 1 for every pixel, coordinates from −1 to 1. */
function coordinates(size: number): Float32Array {
  const area = size * size;
  const rows = new Float32Array(3 * area).fill(1);
  for (let i = 0; i < area; i++) {
    rows[i] = (2 * (i % size)) / (size - 1) - 1;
    rows[area + i] = (2 * Math.floor(i / size)) / (size - 1) - 1;
  }
  return rows;
}

/** Cubic B-splines over the control points: a smooth field. */
function splines(size: number): Float32Array {
  const weights = new Float32Array(size * ELASTIC);
  for (let i = 0; i < size; i++) {
    const at = (i / (size - 1)) * (ELASTIC - 1);
    for (let k = 0; k < ELASTIC; k++) {
      const t = Math.abs(at - k);
      weights[i * ELASTIC + k] = t < 1 ? 2 / 3 - t * t + (t * t * t) / 2 : t < 2 ? (2 - t) ** 3 / 6 : 0;
    }
  }
  return weights;
}

function gaussian(size: number, seed: number): Float32Array {
  const random = new Random(seed, 2);
  return Float32Array.from({ length: 3 * size * size }, () => random.normal());
}
