import { readdir } from 'node:fs/promises';
import { MediaError, messageOf } from '../../errors.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { isPicture } from '../../media/files/pictures/image.js';
import type { Picture } from '../../quality/motion/warping.js';
import { domainDistance, type Gaussian, SampleStatistics } from '../../quality/style/frechet.js';
import { PatchStatistics } from '../../quality/style/patches.js';
import { type OnNote, readAll } from '../sources/scenes.js';

/** Most pictures of a domain used, spread evenly by name. */
const MOST_PICTURES = 64;

/** Compares results and sources with a body of work, by statistics of their patches. */
export class DomainComparison {
  private readonly seen = new Map<object, SampleStatistics>();

  private constructor(
    private readonly statistics: PatchStatistics,
    private readonly domain: Gaussian,
  ) {}

  /**
   * Reads the pictures of a folder, recursively, scaled down to a height; unreadable ones are left out.
   *
   * @throws MediaError `EVAL_DOMAIN` when there are none; as reading pictures.
   */
  static async open(
    folder: string,
    network: LossNetwork,
    {
      height,
      threads,
      signal,
      onNote,
    }: { height: number; threads: number; signal: AbortSignal | undefined; onNote: OnNote | undefined },
  ): Promise<DomainComparison> {
    const names = await readdir(folder, { recursive: true }).catch((cause) => {
      throw nothing(folder, messageOf(cause));
    });
    const pictures = names.filter(isPicture).sort();
    if (pictures.length === 0) throw nothing(folder, 'no JPEG, PNG or WebP files in it');
    const statistics = new PatchStatistics(network, threads);
    const step = Math.max(1, pictures.length / MOST_PICTURES);
    async function* chosen() {
      const names = Array.from(
        { length: Math.ceil(pictures.length / step) },
        (_, i) => pictures[Math.floor(i * step)]!,
      );
      for await (const [, picture] of readAll(folder, names, height, onNote)) {
        signal?.throwIfAborted();
        yield picture;
      }
    }
    try {
      return new DomainComparison(statistics, await statistics.gaussian(chosen()));
    } catch (error) {
      await statistics.close();
      throw error;
    }
  }

  /**
   * Adds a picture to the statistics of an owner: the measurements of a style, or of the sources. @param owner key of
   * the statistics.
   */
  async add(owner: object, picture: Picture): Promise<void> {
    const { rows, size } = await this.statistics.patches(picture);
    const samples = this.seen.get(owner) ?? new SampleStatistics(size);
    this.seen.set(owner, samples);
    samples.add(rows);
  }

  /** Distance of an owner's pictures from the domain. */
  distance(owner: object): number {
    return domainDistance(this.seen.get(owner)!.gaussian(), this.domain);
  }

  /** Ends the session. */
  close(): Promise<void> {
    return this.statistics.close();
  }
}

function nothing(folder: string, why: string): MediaError {
  return new MediaError('EVAL_DOMAIN', `no pictures of the domain in ${folder}: ${why}`, {
    hint: 'Give a folder of pictures with --domain.',
  });
}
