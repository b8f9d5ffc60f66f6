import { Tensor } from 'onnxruntime-common';
import type { Size } from '../../frame.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { NetworkInput } from '../../model/manifest/types.js';
import { PLACING } from '../runtime/spec.js';
import type { Axes } from './picture-nodes.js';

/** A canvas in which a picture can lie at any place of a network's sampling grid. */
export interface Canvas extends Size {
  /** Pixels between the samples of the network's coarsest layer. */
  readonly stride: number;
}

/** Pixels from the canvas's corner to the picture's, below the stride. */
export interface Offset {
  readonly x: number;
  readonly y: number;
}

/** Where a picture and its scene lie in a canvas. */
export interface Laid extends Offset {
  /** Where the canvas's corner lies in the scene, in pixels: whole strides. */
  readonly corner: { readonly x: number; readonly y: number };
}

/** Smaller pictures are not worth it, and too small to be reflected far enough. */
const SMALLEST = 64;

/**
 * The canvas for pictures of one size; undefined for networks that look the same wherever their grid lies, or take one
 * size only.
 */
export function canvasFor({ width, height }: Size, input: NetworkInput, stride: number): Canvas | undefined {
  if (stride < 2 || stride > SMALLEST / 2 || input.size || Math.min(width, height) < SMALLEST) return undefined;
  const up = (side: number) => Math.ceil((side + stride - 1) / input.multiple) * input.multiple;
  return { width: up(width), height: up(height), stride };
}

/** Lays a picture into its canvas, reflected around it, as the inputs {@link PLACING} of {@link offsetFeeds} say. */
export function intoCanvas(graph: GraphBuilder, value: Value, canvas: Canvas, axes: Axes): Value {
  for (const name of [PLACING.from, PLACING.to]) graph.input(name, 'int64', [2]);
  const grown = graph.op('Pad', [value, graph.input(PLACING.pads, 'int64', [8])], { mode: 'reflect' });
  return graph.op('Reshape', [grown, graph.ints(resized(value, canvas, axes))]);
}

/** Takes the picture out of its canvas again, as the inputs `takenFrom` and `takenTo` say. */
export function outOfCanvas(graph: GraphBuilder, value: Value, picture: Size, axes: Axes): Value {
  const [from, to] = ['takenFrom', 'takenTo'].map((name) => graph.input(name, 'int64', [2]));
  const taken = graph.op('Slice', [value, from, to, graph.ints([axes.y, axes.x])]);
  return graph.op('Reshape', [taken, graph.ints(resized(value, picture, axes))]);
}

function resized(value: Value, { width, height }: Size, axes: Axes): number[] {
  return value.dims.map((dim, axis) => (axis === axes.y ? height : axis === axes.x ? width : (dim as number)));
}

/** What the nodes of {@link intoCanvas} and {@link outOfCanvas} are fed with. */
export function offsetFeeds(picture: Size, canvas: Size, { x, y }: Offset, axes: Axes): Record<string, Tensor> {
  const [high, wide] = [canvas.height - picture.height, canvas.width - picture.width];
  const pads = new Array(8).fill(0);
  pads[axes.y] = y;
  pads[axes.x] = x;
  pads[4 + axes.y] = high - y;
  pads[4 + axes.x] = wide - x;
  return {
    [PLACING.pads]: ints(pads),
    [PLACING.from]: ints([high - y, wide - x]),
    [PLACING.to]: ints([high - y + canvas.height, wide - x + canvas.width]),
    takenFrom: ints([y, x]),
    takenTo: ints([y + picture.height, x + picture.width]),
  };
}

function ints(values: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
}

/** Past a pixel by more than this, the scene lies at the next one: it must not waver in between. */
const PAST = 0.6;

/**
 * Where a picture must lie in its canvas so that the scene stays on the same points of the grid while the camera moves:
 * what is painted then moves with the scene and does not flicker (aliasing of the strides).
 */
export class GridFollower {
  private x = 0;
  private y = 0;

  constructor(private readonly stride: number) {}

  /** @param place of the scene in the picture, in pixels, to the fraction */
  offset(place: { readonly x: number; readonly y: number }): Laid {
    this.x = nearest(place.x, this.x);
    this.y = nearest(place.y, this.y);
    const [x, y] = [modulo(-this.x, this.stride), modulo(-this.y, this.stride)];
    return { x, y, corner: { x: 0 - this.x - x, y: 0 - this.y - y } };
  }
}

/** Where nothing is followed. */
export const CORNER: Laid = { x: 0, y: 0, corner: { x: 0, y: 0 } };

const nearest = (to: number, before: number) => (Math.abs(to - before) > PAST ? Math.round(to) : before);
const modulo = (value: number, divisor: number) => ((value % divisor) + divisor) % divisor;
