import { GraphSession, type SentTensor, type Tensors } from '../../engine/threads/graph-session.js';
import type { Model } from '../../graph/types.js';
import { Random } from '../../nets/parameters/random.js';
import type { CropSource } from './synthetic-pictures.js';

/** How often each crop is shown. What is compared of it is made once: at each step it would cost half as much as the rest. */
const ROUNDS = 4;
/** Most steps whose crops are kept at once. */
const CAPACITY = 128;
/** Most memory for what is kept, in bytes. */
const MEMORY = 288 * 2 ** 20;

/** Options of a pool. */
export interface PoolSize {
  readonly seed: number;
  /** Crops a step. */
  readonly count: number;
  /** Their side in pixels. */
  readonly size: number;
  readonly threads: number;
}

/** How many steps' crops a pool keeps, with what a model tells of them. */
export function capacityOf({ count, size }: Pick<PoolSize, 'count' | 'size'>, { graph }: Model): number {
  const elements = graph.outputs.map(({ dims }) => dims.reduce<number>((product, dim) => product * Number(dim), 1));
  const bytes = 4 * elements.reduce((sum, each) => sum + each, 0) + 3 * count * size ** 2;
  return Math.max(1, Math.min(CAPACITY, Math.floor(MEMORY / bytes)));
}

/**
 * Crops of photographs step by step, with what is compared of them. The crops of up to 128 steps, as many as 288 MiB
 * hold, are shown four times, in a new order each time; then come others. All depends only on the seed and the step.
 */
export class CropPool {
  readonly #kept = new Map<number, Tensors>();
  #ahead: { readonly crop: number; readonly bytes: Promise<Uint8Array> } | undefined;

  private constructor(
    private readonly source: CropSource,
    private readonly settings: PoolSize,
    private readonly capacity: number,
    private readonly subject?: { readonly session: GraphSession; readonly outputs: readonly string[] },
  ) {}

  /**
   * Opens a pool.
   *
   * @param subject a model of what is compared: input `photographs` uint8 [count, size, size, 3]; without one each crop is
   * shown once. @throws TrainError TRAIN_SESSION.
   */
  static async open(source: CropSource, settings: PoolSize, subject?: Model): Promise<CropPool> {
    if (!subject) return new CropPool(source, settings, 1);
    const session = await GraphSession.open(subject, { threads: settings.threads });
    const outputs = subject.graph.outputs.map(({ name }) => name);
    return new CropPool(source, settings, capacityOf(settings, subject), { session, outputs });
  }

  /**
   * The feeds of a step: `photographs` and what is compared of them. Those of the next one are read meanwhile.
   *
   * @throws TrainError TRAIN_NO_PHOTOS, TRAIN_SESSION.
   */
  async feeds(step: number): Promise<Tensors> {
    const crop = this.#cropOf(step);
    const feeds = this.#kept.get(crop) ?? (await this.#make(crop));
    const next = this.#cropOf(step + 1);
    if (!this.#kept.has(next)) this.#read(next);
    return feeds;
  }

  async close(): Promise<void> {
    await this.subject?.session.close();
  }

  /** Which crops a step shows. */
  #cropOf(step: number): number {
    const { capacity } = this;
    const rounds = this.subject ? ROUNDS : 1;
    const round = Math.floor(step / capacity);
    const order = new Random(this.settings.seed, round, 12).permutation(capacity);
    return Math.floor(round / rounds) * capacity + order[step % capacity]!;
  }

  async #make(crop: number): Promise<Tensors> {
    const { count, size } = this.settings;
    const data = await this.#read(crop);
    const photographs: SentTensor = { type: 'uint8', dims: [count, size, size, 3], data: data as Uint8Array };
    const seen = this.subject && (await this.subject.session.run({ photographs }, this.subject.outputs));
    const feeds = { photographs, ...seen };
    const block = (one: number) => Math.floor(one / this.capacity);
    for (const old of this.#kept.keys()) if (block(old) !== block(crop)) this.#kept.delete(old);
    this.#kept.set(crop, feeds);
    return feeds;
  }

  #read(crop: number): Promise<Uint8Array> {
    if (this.#ahead?.crop === crop) return this.#ahead.bytes;
    const { seed, count, size } = this.settings;
    const bytes = this.source.crops(seed, crop, count, size);
    // A failed prefetch is handled when it is awaited.
    bytes.catch(() => undefined);
    this.#ahead = { crop, bytes };
    return bytes;
  }
}
