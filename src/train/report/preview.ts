import type { GraphSession } from '../../engine/threads/graph-session.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import { pictureOf } from '../../losses/terms/picture.js';
import { sharp } from '../../media/sharp.js';
import type { Building, Norm } from '../../nets/layers.js';
import { styleLength } from '../../nets/modulation.js';
import { styleNetwork } from '../../nets/network.js';
import { TrainedParameters } from '../../nets/parameters/parameters.js';
import type { NetworkWidths } from '../../nets/tiers.js';
import { writeRunFile } from '../../write-file.js';
import { previewModulation } from '../objective/modulated-terms.js';

/** Photographs in the preview strip. */
export const PREVIEW_PHOTOGRAPHS = 3;

/**
 * A model that paints with the network under training: `photographs` and `parameters` in, bytes `painted` out; with
 * many styles also `code`, one a photograph.
 */
export function previewModel(tier: NetworkWidths, norm: Norm, count: number, size: number, many = false): Model {
  const b = new GraphBuilder('preview');
  const photographs = pictureOf(b, b.input('photographs', 'uint8', [count, size, size, 3]));
  const parameters = new TrainedParameters(b);
  const modulated = many ? { modulation: previewModulation(b, parameters, count, styleLength(tier)) } : {};
  const net: Building = { b, parameters, norm, seen: new Map(), ...modulated };
  const { picture } = styleNetwork(net, photographs, tier);
  const bytes = b.op('Mul', [picture, b.scalar('float32', 255)]);
  const rounded = b.op('Round', [b.op('Clip', [bytes, b.scalar('float32', 0), b.scalar('float32', 255)])]);
  b.output('painted', b.op('Transpose', [b.op('Cast', [rounded], { to: 2 })], { perm: [0, 2, 3, 1] }));
  return b.build();
}

/** A strip that shows how photographs are painted during training: one row each, time running to the right. */
export class PreviewStrip {
  readonly #size: number;
  /** Number of photographs. */
  readonly count: number;
  readonly #columns: Uint8Array[];
  /** Path of the strip. */
  readonly path: string;

  /** @param photographs bytes [count, size, size, 3], the first column. */
  constructor(path: string, photographs: Uint8Array, count: number, size: number) {
    this.path = path;
    this.count = count;
    this.#size = size;
    this.#columns = [photographs];
  }

  /** Reads the strip on disk, so that a resumed training adds to it; one of another size is ignored. */
  async resume(): Promise<void> {
    const found = await sharp(this.path)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
      .catch(() => undefined);
    const { width = 0, height = 0 } = found?.info ?? {};
    const [size, row] = [this.#size, this.#size * 3];
    if (found === undefined || height !== size * this.count || width % size !== 0) return;
    for (let x = 1; x < width / size; x++) {
      const column = new Uint8Array(height * row);
      for (let y = 0; y < height; y++) {
        const start = y * width * 3 + x * row;
        column.set(found.data.subarray(start, start + row), y * row);
      }
      this.#columns.push(column);
    }
  }

  /** Paints the photographs with the current network and writes the strip. Returns its path. */
  async add(session: GraphSession, parameters: Float32Array): Promise<string> {
    const dims = [this.count, this.#size, this.#size, 3];
    const { painted } = await session.run(
      {
        photographs: { type: 'uint8', dims, data: this.#columns[0]! },
        parameters: { type: 'float32', dims: [parameters.length], data: parameters },
      },
      ['painted'],
    );
    this.#columns.push(painted!.data as Uint8Array);
    await writeRunFile(this.path, await this.#png());
    return this.path;
  }

  async #png(): Promise<Buffer> {
    const [size, count, columns] = [this.#size, this.count, this.#columns];
    const [width, height] = [size * columns.length, size * count];
    const data = new Uint8Array(width * height * 3);
    const row = size * 3;
    columns.forEach((column, x) => {
      for (let y = 0; y < height; y++) data.set(column.subarray(y * row, (y + 1) * row), y * width * 3 + x * row);
    });
    return sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  }
}
