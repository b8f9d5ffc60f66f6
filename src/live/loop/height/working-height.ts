import { messageOf } from '../../../errors.js';
import type { Preference } from '../../show/types.js';
import type { LoadedStyles } from '../loaded-styles.js';
import { type GovernorState, govern, startGovernor } from './governor.js';

/** The working height of the loaded styles: the requested one, or less where the governor finds it too slow. */
export class WorkingHeight {
  private governed: GovernorState;

  /**
   * @param asked height in pixels not to be exceeded
   * @param prefer whether the pace is kept, or this height
   * @param first height to begin with, at most
   * @param fps frames a second to be kept
   * @param onChange called when another height is in force
   * @param say called with each change, one line each
   */
  constructor(
    private asked: number,
    private prefer: Preference,
    private readonly first: number,
    private readonly fps: number,
    private readonly onChange: () => void,
    private readonly say: (note: string) => void,
  ) {
    this.governed = this.startGovernor();
  }

  /** The chosen height in pixels. */
  get lines(): number {
    return this.governed.height;
  }

  /** Sets another limit or another preference, and starts over. */
  setLimit(stage: Pick<LoadedStyles, 'resize' | 'targetHeight'>, asked: number, prefer: Preference): void {
    if (asked === this.asked && prefer === this.prefer) return;
    const before = this.lines;
    // What is already worked at for the pace goes on.
    const kept = asked === this.asked && prefer === 'pace' ? before : undefined;
    this.asked = asked;
    this.prefer = prefer;
    this.governed = kept === undefined ? this.startGovernor() : startGovernor(asked, kept);
    if (this.lines !== before) this.resize(stage);
  }

  /** To be called once a second, with what painting took then. */
  everySecond(stage: Pick<LoadedStyles, 'resize' | 'targetHeight'>, paintMs: number): void {
    if (this.prefer === 'detail') return;
    const before = this.lines;
    this.governed = govern(this.governed, { fps: this.fps, paintMs }, this.asked);
    const after = this.lines;
    if (after === before) return;
    const why = after < before ? `to keep ${Math.round(this.fps * 10) / 10} fps` : 'as there is time to spare';
    this.say(`The network works at ${after} lines instead of ${before} ${why}.`);
    this.resize(stage);
  }

  private startGovernor(): GovernorState {
    return startGovernor(this.asked, this.prefer === 'detail' ? this.asked : this.first);
  }

  private resize(stage: Pick<LoadedStyles, 'resize' | 'targetHeight'>): void {
    stage.resize(this.lines).then(this.onChange, (error) => {
      this.governed = { ...this.governed, height: stage.targetHeight };
      this.say(`The network goes on at ${stage.targetHeight} lines: ${messageOf(error)}`);
    });
  }
}
