import type { PictureTensor } from '../model/manifest/types.js';

/** A photograph: RGB24, rows top to bottom, no padding, range 0–255. */
export interface BytePhotograph {
  readonly data: Uint8Array;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** A picture tensor of a network: row-major, in its layout and range, as floats. */
export interface PictureValues {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A picture as three planes (red, green, blue), 0 black, 1 white, not clipped. */
export interface LightPlanes {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Strides between pixels and between channels in a picture tensor. */
function steps({ layout }: PictureTensor, pixels: number): [pixel: number, channel: number] {
  return layout === 'nchw' ? [1, pixels] : [3, 1];
}

/** Converts a photograph to a network's input tensor, repeated `batch` times. */
export function toNumbers(photograph: BytePhotograph, tensor: PictureTensor, batch = 1): PictureValues {
  const { data, width, height } = photograph;
  const pixels = width * height;
  const [pixel, channel] = steps(tensor, pixels);
  const [low, high] = tensor.range;
  const one = new Float32Array(3 * pixels);
  for (let c = 0; c < 3; c++) {
    const colour = tensor.channels === 'rgb' ? c : 2 - c;
    const scale = (high - low) / 255 / (tensor.std?.[c] ?? 1);
    const shift = (low - (tensor.mean?.[c] ?? 0)) / (tensor.std?.[c] ?? 1);
    for (let p = 0; p < pixels; p++) one[p * pixel + c * channel] = data[3 * p + colour]! * scale + shift;
  }
  const all = new Float32Array(batch * one.length);
  for (let i = 0; i < batch; i++) all.set(one, i * one.length);
  return { dims: tensor.layout === 'nchw' ? [batch, 3, height, width] : [batch, height, width, 3], data: all };
}

/** Converts a network's output to planes, the first picture of a batch; undefined for dims of another rank. */
export function fromNumbers({ dims, data }: PictureValues, tensor: PictureTensor): LightPlanes | undefined {
  const planar = tensor.layout === 'nchw';
  const [height, width, channels] = planar ? [dims[2], dims[3], dims[1]] : [dims[1], dims[2], dims[3]];
  if (dims.length !== 4 || channels !== 3 || !height || !width || data.length < 3 * width * height) return undefined;
  const pixels = width * height;
  const [pixel, channel] = steps(tensor, pixels);
  const [low, high] = tensor.range;
  const light = new Float32Array(3 * pixels);
  for (let c = 0; c < 3; c++) {
    const colour = tensor.channels === 'rgb' ? c : 2 - c;
    const scale = (tensor.std?.[c] ?? 1) / (high - low);
    const shift = ((tensor.mean?.[c] ?? 0) - low) / (high - low);
    for (let p = 0; p < pixels; p++) light[colour * pixels + p] = data[p * pixel + c * channel]! * scale + shift;
  }
  return { data: light, width, height };
}
