import type { LiveSettings } from '../show/types.js';

/** How long one style takes to become another, in milliseconds. */
export const FADE_MS = 300;

/** How much of each style there is, by name. What is missing to 1 is the source. */
export type Weights = Readonly<Record<string, number>>;

/** The weights that settings ask for. */
export function weightsOf({ style, second, blend }: Pick<LiveSettings, 'style' | 'second' | 'blend'>): Weights {
  const weights: Record<string, number> = {};
  const add = (name: string | null, weight: number) => {
    if (name !== null && weight > 0) weights[name] = (weights[name] ?? 0) + weight;
  };
  add(style, second === null ? 1 : 1 - blend);
  add(second, second === null ? 0 : blend);
  return weights;
}

/** The weights outside the mask that settings ask for; none where the mask leaves nothing to be painted. */
export function aroundOf({ outside, mask }: Pick<LiveSettings, 'outside' | 'mask'>): Weights {
  return outside === null || mask === 'none' || mask === 'cutout' ? {} : { [outside]: 1 };
}

/** The styles that settings name, whatever their weight. */
export function stylesOf(settings: Pick<LiveSettings, 'style' | 'second' | 'outside' | 'mask'>): string[] {
  const { style, second } = settings;
  return [style, second, ...Object.keys(aroundOf(settings))].filter((name) => name !== null);
}

/** The weights that settings ask for among the styles of one network, for edges and colours. */
export function fineWeightsOf(settings: Pick<LiveSettings, 'style' | 'second' | 'blend' | 'fine'>): Weights {
  return weightsOf({ ...settings, blend: settings.fine ?? settings.blend });
}

/** From one set of weights to another over {@link FADE_MS}, or as long as is said; a new aim on the way starts from what is shown then. */
export class Fade {
  private from: Weights = {};
  private to: Weights = {};
  private began = Number.NEGATIVE_INFINITY;
  private lasts = FADE_MS;

  /** Styles that are shown or will be. */
  get names(): string[] {
    return Object.keys({ ...this.from, ...this.to });
  }

  /** Whether it is on its way at a time. */
  fading(at: number): boolean {
    return at - this.began < this.lasts;
  }

  /** @param at milliseconds of `performance.now()` @param lasts milliseconds that the change takes */
  aim(to: Weights, at: number, lasts = FADE_MS): void {
    this.from = lasts === 0 ? to : this.weights(at);
    this.to = to;
    this.began = at;
    this.lasts = lasts;
  }

  /** What is shown at a time. */
  weights(at: number): Weights {
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
