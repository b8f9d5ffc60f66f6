import type { PaintLook } from '../../../engine/painter/live-painter.js';
import type { LiveSettings } from '../../show/types.js';
import { Fade, fineWeightsOf, outsideWeightsOf, weightsOf } from './fade.js';

/** What the weights of styles depend on. */
type Wanted = Pick<LiveSettings, 'style' | 'second' | 'blend' | 'fine' | 'outside' | 'mask'>;

/** The settings on which what is painted inside the mask depends, and outside of it. */
const INSIDE = ['style', 'second', 'blend', 'fine'] as const;
const OUTSIDE = ['style', 'outside', 'mask'] as const;

/** How much of each style is painted, inside the mask and outside of it, on the way from one setting to another. */
export class StyleFades {
  private readonly coarse = new Fade();
  /** Of edges and colours, among the styles of one network. */
  private readonly fine = new Fade();
  private readonly around = new Fade();

  /** Shows the styles of the settings at once. */
  constructor(settings: Wanted) {
    this.aim(settings, 0);
  }

  /** Styles that are shown or will be. */
  get names(): string[] {
    return [this.coarse, this.fine, this.around].flatMap(({ names }) => names);
  }

  /** Fades from one setting to another. Returns whether there is anything to do. */
  change(before: Wanted, after: Wanted, lasts: number): boolean {
    const differs = (names: readonly (keyof Wanted)[]) => names.some((name) => before[name] !== after[name]);
    const [inside, outside] = [differs(INSIDE), differs(OUTSIDE)];
    if (inside) this.aimInside(after, lasts);
    if (outside) this.aimOutside(after, lasts);
    return inside || outside;
  }

  /** Fades to the styles of the settings within some milliseconds. */
  aim(settings: Wanted, lasts: number): void {
    this.aimInside(settings, lasts);
    this.aimOutside(settings, lasts);
  }

  /** The styles and their weights at a time. */
  at(at: number): Required<Pick<PaintLook, 'styles' | 'outside'>> {
    const [coarse, fine] = [this.coarse.weights(at), this.fine.weights(at)];
    const names = Object.keys({ ...coarse, ...fine });
    const styles = names.map((name) => ({ name, weight: coarse[name] ?? 0, fine: fine[name] ?? 0 }));
    const outside = Object.entries(this.around.weights(at)).map(([name, weight]) => ({ name, weight }));
    return { styles, outside };
  }

  /** Whether one style becomes another at a time: inside the mask, and outside of it. */
  fading(at: number): { readonly inside: boolean; readonly outside: boolean } {
    return { inside: this.coarse.fading(at), outside: this.around.fading(at) };
  }

  private aimInside(settings: Wanted, lasts: number): void {
    const at = performance.now();
    this.coarse.fadeTo(weightsOf(settings), at, lasts);
    this.fine.fadeTo(fineWeightsOf(settings), at, lasts);
  }

  private aimOutside(settings: Wanted, lasts: number): void {
    this.around.fadeTo(outsideWeightsOf(settings), performance.now(), lasts);
  }
}
