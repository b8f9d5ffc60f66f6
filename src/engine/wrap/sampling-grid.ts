import { Tensor } from 'onnxruntime-common';
import type { Size } from '../../frame.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { NetworkInput } from '../../model/manifest/types.js';
import { PLACEMENT_INPUTS } from '../runtime/spec.js';
import { PLANAR } from './picture-nodes.js';

/** A padded canvas in which a picture can be placed at any phase of a network's sampling grid. */
export interface PaddedCanvas extends Size {
  /** Pixels between the samples of the network's coarsest layer. */
  readonly stride: number;
}

/** Offset of the picture in the canvas in pixels, less than the stride. */
export interface PlacementOffset {
  readonly x: number;
  readonly y: number;
}

/** Placement of a picture and its scene in a canvas. */
export interface Placement extends PlacementOffset {
  /** Position of the canvas's corner in the scene in pixels: whole strides. */
  readonly corner: { readonly x: number; readonly y: number };
}

/** Smaller pictures are not worth it, and too small for reflection padding. */
const SMALLEST = 64;

/**
 * The canvas for pictures of one size; undefined for networks without strides or of a fixed size.
 */
export function paddedCanvas({ width, height }: Size, input: NetworkInput, stride: number): PaddedCanvas | undefined {
  if (stride < 2 || stride > SMALLEST / 2 || input.size || Math.min(width, height) < SMALLEST) return undefined;
  const up = (side: number) => Math.ceil((side + stride - 1) / input.multiple) * input.multiple;
  return { width: up(width), height: up(height), stride };
}

/**
 * Lays a picture into its canvas, reflected around it, as the inputs {@link PLACEMENT_INPUTS} of {@link placementFeeds}
 * say.
 */
export function placeOnCanvas(graph: GraphBuilder, value: Value, canvas: PaddedCanvas): Value {
  for (const name of [PLACEMENT_INPUTS.from, PLACEMENT_INPUTS.to]) graph.input(name, 'int64', [2]);
  const grown = graph.op('Pad', [value, graph.input(PLACEMENT_INPUTS.pads, 'int64', [8])], { mode: 'reflect' });
  return graph.op('Reshape', [grown, graph.ints(resized(value, canvas))]);
}

/** Crops the picture from its canvas, at the inputs `takenFrom` and `takenTo`. */
export function cropFromCanvas(graph: GraphBuilder, value: Value, picture: Size): Value {
  const [from, to] = ['takenFrom', 'takenTo'].map((name) => graph.input(name, 'int64', [2]));
  const taken = graph.op('Slice', [value, from, to, graph.ints([PLANAR.y, PLANAR.x])]);
  return graph.op('Reshape', [taken, graph.ints(resized(value, picture))]);
}

function resized({ dims }: Value, { width, height }: Size): number[] {
  return [dims[0] as number, dims[1] as number, height, width];
}

/** What the nodes of {@link placeOnCanvas} and {@link cropFromCanvas} are fed with. */
export function placementFeeds(picture: Size, canvas: Size, { x, y }: PlacementOffset): Record<string, Tensor> {
  const [high, wide] = [canvas.height - picture.height, canvas.width - picture.width];
  return {
    [PLACEMENT_INPUTS.pads]: ints([0, 0, y, x, 0, 0, high - y, wide - x]),
    [PLACEMENT_INPUTS.from]: ints([high - y, wide - x]),
    [PLACEMENT_INPUTS.to]: ints([high - y + canvas.height, wide - x + canvas.width]),
    takenFrom: ints([y, x]),
    takenTo: ints([y + picture.height, x + picture.width]),
  };
}

function ints(values: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
}

/** Hysteresis in pixels: the position moves to the next pixel beyond this distance, so that it does not oscillate. */
const HYSTERESIS = 0.6;

/**
 * Places pictures in the canvas so that the scene stays at the same phase of the sampling grid while the camera moves:
 * the painting then moves with the scene instead of flickering (aliasing of the strides).
 */
export class SamplingGridAligner {
  private x = 0;
  private y = 0;

  /**
   * @param canvas the canvas; `working` is the size painted at
   * @param picture size of the pictures in pixels
   */
  constructor(
    private readonly canvas: Pick<PaddedCanvas, 'stride'> & { readonly working: Size },
    private readonly picture: Size,
  ) {}

  /** Where the scene lies, in whole pixels of the canvas; setting it goes on from there. */
  get position(): PlacementOffset {
    return { x: this.x, y: this.y };
  }

  set position({ x, y }: PlacementOffset) {
    this.x = x;
    this.y = y;
  }

  /** @param place position of the scene in the picture in pixels, with fractions */
  placementFor(place: { readonly x: number; readonly y: number }): Placement {
    const { working } = this.canvas;
    this.x = nearest((place.x * working.width) / this.picture.width, this.x);
    this.y = nearest((place.y * working.height) / this.picture.height, this.y);
    const [x, y] = [modulo(-this.x, this.canvas.stride), modulo(-this.y, this.canvas.stride)];
    return { x, y, corner: { x: 0 - this.x - x, y: 0 - this.y - y } };
  }
}

/** The placement without alignment. */
export const UNALIGNED: Placement = { x: 0, y: 0, corner: { x: 0, y: 0 } };

const nearest = (to: number, before: number) => (Math.abs(to - before) > HYSTERESIS ? Math.round(to) : before);
const modulo = (value: number, divisor: number) => ((value % divisor) + divisor) % divisor;
