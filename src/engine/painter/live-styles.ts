import { EngineError } from '../../errors.js';
import { halves, mixVectors } from '../../model/style-vectors.js';
import type { RealDevice } from '../runtime/devices.js';
import type { StyleWorker } from './painter.js';

/** A loaded style and its weight. */
export interface LoadedStyleWeight {
  readonly name: string;
  readonly weight: number;
  /** Its weight in the fine layers (edges and colours) among the styles of its network; default: `weight`. */
  readonly fine?: number;
}

/** A loaded style. */
export interface LoadedStyle {
  /** Where it runs. */
  readonly device: RealDevice;
  /** Notes to the user. */
  readonly notes: readonly string[];
}

/** A style ready for painting: the thread of its network and, for a network of many, its style vectors. */
export interface ReadyStyle {
  readonly worker: StyleWorker;
  readonly loaded: LoadedStyle;
  /** Key shared by styles of one network at one size. */
  readonly network: string;
  readonly vectors: Float32Array | undefined;
  /** The mean style vector of a network of many, half as long. */
  readonly mean: readonly number[] | undefined;
}

/** A network to run, its weight in the result and, for a network of many, its style vectors. */
export interface NetworkRun {
  readonly worker: StyleWorker;
  readonly weight: number;
  readonly style: { readonly vectors?: Float32Array };
}

type Part = LoadedStyleWeight & Pick<ReadyStyle, 'vectors' | 'mean'>;

/** The styles of a live painter by name. Those of one network share its thread, which ends with the last of them. */
export class LiveStyles {
  private readonly ready = new Map<string, ReadyStyle>();

  get names(): readonly string[] {
    return [...this.ready.keys()];
  }

  /** A ready style of the same network, whose thread can be shared. */
  sharing(network: string): ReadyStyle | undefined {
    return [...this.ready.values()].find((one) => one.vectors && one.network === network);
  }

  /** Replaces the style of a name; undefined removes it. */
  async replace(name: string, by: ReadyStyle | undefined): Promise<void> {
    const before = this.ready.get(name)?.worker;
    if (by) this.ready.set(name, by);
    else this.ready.delete(name);
    if (before && ![...this.ready.values()].some(({ worker }) => worker === before)) await before.close();
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    const workers = new Set([...this.ready.values()].map(({ worker }) => worker));
    await Promise.all([...workers].map((worker) => worker.close()));
    this.ready.clear();
  }

  /**
   * The networks to run: styles of one network are one run with their weighted mean as style vector.
   *
   * @param truncation of the styles of a network of many: 1 as learned, 0 their mean
   * @throws EngineError `ENGINE_STYLE` for a style that is not loaded
   */
  runs(styles: readonly LoadedStyleWeight[], truncation = 1): NetworkRun[] {
    const parts = new Map<StyleWorker, Part[]>();
    for (const style of styles.filter(({ weight, fine = 0 }) => weight > 0 || fine > 0)) {
      const { worker, vectors, mean } = this.find(style.name);
      parts.set(worker, [...(parts.get(worker) ?? []), { ...style, vectors, mean }]);
    }
    return [...parts]
      .map(([worker, all]) => {
        const weight = all.reduce((sum, each) => sum + each.weight, 0);
        return { worker, weight, style: all[0]!.vectors ? { vectors: blendedVectors(all, truncation) } : {} };
      })
      .filter(({ weight }) => weight > 0);
  }

  private find(name: string): ReadyStyle {
    const ready = this.ready.get(name);
    if (ready) return ready;
    const there = this.ready.size > 0 ? this.names.map((one) => `"${one}"`).join(', ') : 'none';
    throw new EngineError('ENGINE_STYLE', `The style "${name}" is not loaded; loaded are: ${there}.`, {
      hint: 'Call load before painting with a style.',
    });
  }
}

/**
 * The mean of style vectors by weight, moved towards the mean of all styles by 1 − truncation; the second half of each
 * vector has the weights of the fine layers.
 */
function blendedVectors(all: readonly Part[], truncation: number): Float32Array {
  const own = (each: Part) => each.fine ?? each.weight;
  const coarse = (each: Part) => each.weight;
  const fine = all.some((each) => own(each) > 0) ? own : coarse;
  const mixed = [coarse, fine].map((of, half) => {
    const sum = all.reduce((total, each) => total + of(each), 0);
    const parts = all.map((each) => ({
      vector: halves(each.vectors!)[half]!,
      weight: (truncation * of(each)) / sum,
    }));
    return mixVectors(parts, all[0]!.mean!);
  });
  return Float32Array.from(mixed.flatMap((vector) => [...vector]));
}
