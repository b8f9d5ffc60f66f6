import { messageOf } from '../../errors.js';
import { type GovernorState, govern, startGovernor } from './governor.js';
import type { LoadedStyles } from './loaded-styles.js';

/** The working height of the loaded styles: the requested one, or less where the governor finds it too slow. */
export class WorkingHeight {
  private governed: GovernorState;

  /**
   * @param asked largest height in pixels
   * @param first largest height to start at
   * @param fps frame rate to sustain
   * @param onChange called when another height is in force
   * @param say called with a note of each change
   */
  constructor(
    private asked: number,
    private readonly first: number,
    private readonly fps: number,
    private readonly onChange: () => void,
    private readonly say: (note: string) => void,
  ) {
    this.governed = startGovernor(asked, first);
  }

  /** The chosen height in pixels. */
  get lines(): number {
    return this.governed.height;
  }

  /** Sets another limit and restarts the governor. */
  setLimit(stage: LoadedStyles, asked: number): void {
    if (asked === this.asked) return;
    this.asked = asked;
    this.governed = startGovernor(asked, this.first);
    this.resize(stage);
  }

  /** Must be called once a second, with the median painting time. */
  everySecond(stage: LoadedStyles, paintMs: number): void {
    const before = this.lines;
    this.governed = govern(this.governed, { fps: this.fps, paintMs }, this.asked);
    const after = this.lines;
    if (after === before) return;
    const why = after < before ? `to keep ${Math.round(this.fps * 10) / 10} fps` : 'as there is time to spare';
    this.say(`The network works at ${after} lines instead of ${before} ${why}.`);
    this.resize(stage);
  }

  private resize(stage: LoadedStyles): void {
    stage.resize(this.lines).then(this.onChange, (error) => {
      this.governed = { ...this.governed, height: stage.targetHeight };
      this.say(`The network goes on at ${stage.targetHeight} lines: ${messageOf(error)}`);
    });
  }
}
