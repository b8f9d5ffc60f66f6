import type { LiveSettings } from '../../show/types.js';

/** Duration of the cross-fade between styles in milliseconds. */
export const FADE_MS = 300;

/** Weight of each style by name; the source has the rest to 1. */
export type StyleWeights = Readonly<Record<string, number>>;

/** The weights that settings ask for; none without a first style: the source is shown as it is then. */
export function weightsOf({ style, second, blend }: Pick<LiveSettings, 'style' | 'second' | 'blend'>): StyleWeights {
  const weights: Record<string, number> = {};
  if (style === null) return weights;
  const add = (name: string | null, weight: number) => {
    if (name !== null && weight > 0) weights[name] = (weights[name] ?? 0) + weight;
  };
  add(style, second === null ? 1 : 1 - blend);
  add(second, second === null ? 0 : blend);
  return weights;
}

/** The weights outside the mask that settings ask for; none where the mask leaves nothing to be painted. */
export function outsideWeightsOf({
  style,
  outside,
  mask,
}: Pick<LiveSettings, 'style' | 'outside' | 'mask'>): StyleWeights {
  return style === null || outside === null || mask === 'none' || mask === 'cutout' ? {} : { [outside]: 1 };
}

/** The styles that settings need, whatever their weight. */
export function stylesOf(settings: Pick<LiveSettings, 'style' | 'second' | 'outside' | 'mask'>): string[] {
  const { style, second } = settings;
  if (style === null) return [];
  return [style, second, ...Object.keys(outsideWeightsOf(settings))].filter((name) => name !== null);
}

/** Style weights of the fine layers (edges and colours) among the styles of one network. */
export function fineWeightsOf(settings: Pick<LiveSettings, 'style' | 'second' | 'blend' | 'fine'>): StyleWeights {
  return weightsOf({ ...settings, blend: settings.fine ?? settings.blend });
}

/**
 * Cross-fades from one set of weights to another over {@link FADE_MS} or a given time; a new target during a fade
 * starts from the current weights.
 */
export class Fade {
  private from: StyleWeights = {};
  private to: StyleWeights = {};
  private began = Number.NEGATIVE_INFINITY;
  private lasts = FADE_MS;

  /** Styles with a weight now or at the end of the fade. */
  get names(): string[] {
    return Object.keys({ ...this.from, ...this.to });
  }

  /** Whether a fade is running at a time. */
  fading(at: number): boolean {
    return at - this.began < this.lasts;
  }

  /** @param at milliseconds of `performance.now()` @param lasts duration of the fade in milliseconds */
  fadeTo(to: StyleWeights, at: number, lasts = FADE_MS): void {
    this.from = lasts === 0 ? to : this.weights(at);
    this.to = to;
    this.began = at;
    this.lasts = lasts;
  }

  /** The weights at a time. */
  weights(at: number): StyleWeights {
    const done = this.lasts === 0 ? 1 : Math.min(1, (at - this.began) / this.lasts);
    if (done === 1) {
      this.from = this.to;
      return this.to;
    }
    const mixed: Record<string, number> = {};
    for (const name of this.names) {
      const weight = (this.from[name] ?? 0) * (1 - done) + (this.to[name] ?? 0) * done;
      if (weight > 0) mixed[name] = weight;
    }
    return mixed;
  }
}
