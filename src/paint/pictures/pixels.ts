import { GraphSession } from '../../engine/threads/graph-session.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Random } from '../../nets/parameters/random.js';

/** A picture as planes: float32 [3, height, width], RGB in about [0, 1]. */
export interface PlanarPicture {
  readonly data: Float32Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** RGB bytes as a picture. */
export interface BytePicture {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** Bytes, rows of RGB, as planes. */
export function planesOf({ data, width, height }: BytePicture): PlanarPicture {
  const area = width * height;
  const planes = new Float32Array(area * 3);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) planes[c * area + i] = data[i * 3 + c]! / 255;
  return { data: planes, width, height };
}

/** Planes as bytes, cut to [0, 1] and rounded. */
export function bytesOf({ data, width, height }: PlanarPicture): BytePicture {
  const area = width * height;
  const bytes = new Uint8ClampedArray(area * 3);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) bytes[i * 3 + c] = data[c * area + i]! * 255;
  return { data: new Uint8Array(bytes.buffer), width, height };
}

/** Enlarges a picture by cubic interpolation, without clamping to [0, 1]. */
export async function enlarged(picture: PlanarPicture, factor: number): Promise<PlanarPicture> {
  if (factor === 1) return picture;
  const b = new GraphBuilder('enlarge');
  const dims = [1, 3, picture.height, picture.width];
  const scales = b.constant('float32', [4], [1, 1, factor, factor]);
  const cubic = { mode: 'cubic', cubic_coeff_a: -0.5 };
  b.output('larger', b.op('Resize', [b.input('picture', 'float32', dims), undefined, scales], cubic));
  const session = await GraphSession.open(b.build(), { threads: 1 });
  try {
    const { larger } = await session.run({ picture: { type: 'float32', dims, data: picture.data } }, ['larger']);
    const data = larger!.data as Float32Array<ArrayBuffer>;
    return { data, width: picture.width * factor, height: picture.height * factor };
  } finally {
    await session.close();
  }
}

/** The picture with noise from the normal distribution added. */
export function noisy({ data, ...size }: PlanarPicture, deviation: number, random: Random): PlanarPicture {
  return { data: data.map((value) => value + deviation * random.normal()), ...size };
}
