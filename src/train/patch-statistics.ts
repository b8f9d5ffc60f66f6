import type { Size } from '../frame.js';
import type { LossNetwork } from '../losses/network.js';
import { type Gaussian, Samples } from '../quality/frechet.js';
import { PATCH_SIDE, patchModel } from '../quality/patches.js';
import type { Picture } from '../quality/warping.js';
import { Session } from './session.js';

/** Sees pictures and keeps what their patches are like. Keeps one session, for the size last seen. */
export class PatchStatistics {
  private session: { readonly size: Size; readonly runs: Session } | undefined;

  constructor(
    private readonly network: LossNetwork,
    private readonly threads: number,
  ) {}

  /** Describes a picture's patches, [patches, c]; the middle of the picture, cut to whole ones. */
  async patches(picture: Picture): Promise<{ readonly rows: Float32Array; readonly size: number }> {
    const { data, width, height } = middle(picture);
    const runs = await this.sessionFor({ width, height });
    const found = await runs.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, ['patches']);
    const { dims, data: rows } = found.patches!;
    return { rows: rows as Float32Array, size: dims[1]! };
  }

  /** The distribution of the patches of pictures, each seen once. */
  async gaussian(pictures: AsyncIterable<Picture>): Promise<Gaussian> {
    let samples: Samples | undefined;
    for await (const picture of pictures) {
      const { rows, size } = await this.patches(picture);
      samples ??= new Samples(size);
      samples.add(rows);
    }
    return (samples ?? new Samples(1)).gaussian();
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session?.runs.close();
    this.session = undefined;
  }

  private async sessionFor({ width, height }: Size): Promise<Session> {
    const { size, runs } = this.session ?? {};
    if (runs && size?.width === width && size.height === height) return runs;
    await this.close();
    const opened = await Session.open(patchModel(this.network, width, height), { threads: this.threads });
    this.session = { size: { width, height }, runs: opened };
    return opened;
  }
}

/** The middle of a picture, both sides cut to a multiple of a patch's. */
function middle({ data, width, height }: Picture): Picture {
  const [columns, rows] = [width - (width % PATCH_SIDE), height - (height % PATCH_SIDE)];
  const [left, top] = [(width - columns) >> 1, (height - rows) >> 1];
  const cut = new Uint8Array(columns * rows * 3);
  for (let y = 0; y < rows; y++) {
    const start = ((y + top) * width + left) * 3;
    cut.set(data.subarray(start, start + columns * 3), y * columns * 3);
  }
  return { data: cut, width: columns, height: rows };
}
