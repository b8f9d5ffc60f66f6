import { EngineError } from '../../errors.js';
import type { RealDevice } from '../runtime/devices.js';
import type { Hand } from '../threads/worker-client.js';
import type { PictureAsk, StyleAsk, StyleReply } from './live-protocol.js';

/** A loaded style and how much of it. */
export interface WeightedStyle {
  readonly name: string;
  readonly weight: number;
  /** Its weight for edges and colours, among the styles of its network; as `weight` where absent. */
  readonly fine?: number;
}

/** A style that was loaded. */
export interface LoadedStyle {
  /** Where it runs. */
  readonly device: RealDevice;
  /** What the user should know of that. */
  readonly notes: readonly string[];
}

/** The thread of a network. */
export type StyleHand = Hand<StyleAsk, StyleReply>;

/** A style that can be painted with: the thread of its network and, of a network of many, its style vectors. */
export interface ReadyStyle {
  readonly hand: StyleHand;
  readonly loaded: LoadedStyle;
  /** What styles of one network at one size have in common. */
  readonly network: string;
  readonly vectors: Float32Array | undefined;
  /** The mean style vector of a network of many, half as long. */
  readonly mean: readonly number[] | undefined;
}

/** A network to run, how much of the result is its painting, and its style where it has many. */
export interface Run {
  readonly hand: StyleHand;
  readonly weight: number;
  readonly style: Pick<PictureAsk, 'vectors'>;
}

type Part = WeightedStyle & Pick<ReadyStyle, 'vectors' | 'mean'>;

/** The styles of a live painter by name. Those of one network share its thread, which ends with the last of them. */
export class LiveStyles {
  private readonly ready = new Map<string, ReadyStyle>();

  get names(): readonly string[] {
    return [...this.ready.keys()];
  }

  /** A style whose thread can paint another one of the same network as well. */
  sharing(network: string): ReadyStyle | undefined {
    return [...this.ready.values()].find((one) => one.vectors && one.network === network);
  }

  /** Puts a style in the place of the one of that name, or nothing. */
  async replace(name: string, by: ReadyStyle | undefined): Promise<void> {
    const before = this.ready.get(name)?.hand;
    if (by) this.ready.set(name, by);
    else this.ready.delete(name);
    if (before && ![...this.ready.values()].some(({ hand }) => hand === before)) await before.close();
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    const hands = new Set([...this.ready.values()].map(({ hand }) => hand));
    await Promise.all([...hands].map((hand) => hand.close()));
    this.ready.clear();
  }

  /**
   * The networks that are to run: the styles of one are one run, with their weighted mean as its style.
   *
   * @param truncation how far a style of a network of many is from the mean of all: 1 as it was learned, 0 the mean
   * @throws EngineError `ENGINE_STYLE` for a style that is not loaded
   */
  runs(styles: readonly WeightedStyle[], truncation = 1): Run[] {
    const parts = new Map<StyleHand, Part[]>();
    for (const style of styles.filter(({ weight, fine = 0 }) => weight > 0 || fine > 0)) {
      const { hand, vectors, mean } = this.find(style.name);
      parts.set(hand, [...(parts.get(hand) ?? []), { ...style, vectors, mean }]);
    }
    return [...parts]
      .map(([hand, all]) => {
        const weight = all.reduce((sum, each) => sum + each.weight, 0);
        return { hand, weight, style: all[0]!.vectors ? { vectors: blended(all, truncation) } : {} };
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
 * The weighted mean of style vectors, nearer to that of all styles by what truncation lacks to 1; the second half of each
 * by the weights for edges and colours.
 */
function blended(all: readonly Part[], truncation: number): Float32Array {
  const { vectors, mean = [] } = all[0]!;
  const { length } = vectors!;
  const sum = (of: (each: Part) => number) => all.reduce((total, each) => total + of(each), 0);
  const coarse = (each: Part) => each.weight;
  const own = (each: Part) => each.fine ?? each.weight;
  const fine = sum(own) > 0 ? own : coarse;
  return Float32Array.from({ length }, (_, i) => {
    const of = i < length / 2 ? coarse : fine;
    const style = all.reduce((total, each) => total + (of(each) / sum(of)) * each.vectors![i]!, 0);
    return truncation === 1 ? style : truncation * style + (1 - truncation) * mean[i % mean.length]!;
  });
}
