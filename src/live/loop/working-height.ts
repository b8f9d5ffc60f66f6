import { messageOf } from '../../errors.js';
import { begin, type Governed, govern } from './governor.js';
import type { Stage } from './stage.js';

/** The height that the styles on a stage work at: what is asked for, or what the governor thinks can be had. */
export class WorkingHeight {
  private governed: Governed;

  /**
   * @param asked height in pixels not to be exceeded
   * @param first height to begin at, at most
   * @param fps frames a second to be kept
   * @param onChange told when another height is in force
   * @param say told of each change in one line
   */
  constructor(
    private asked: number,
    private readonly first: number,
    private readonly fps: number,
    private readonly onChange: () => void,
    private readonly say: (note: string) => void,
  ) {
    this.governed = begin(asked, first);
  }

  /** Height in pixels, decided upon. */
  get lines(): number {
    return this.governed.height;
  }

  /** Sets another limit, and begins anew under it. */
  limit(stage: Stage, asked: number): void {
    if (asked === this.asked) return;
    this.asked = asked;
    this.governed = begin(asked, this.first);
    this.resize(stage);
  }

  /** To be called once a second, with what painting took then. */
  second(stage: Stage, paintMs: number): void {
    const before = this.lines;
    this.governed = govern(this.governed, { fps: this.fps, paintMs }, this.asked);
    const after = this.lines;
    if (after === before) return;
    const why = after < before ? `to keep ${Math.round(this.fps * 10) / 10} fps` : 'as there is time to spare';
    this.say(`The network works at ${after} lines instead of ${before} ${why}.`);
    this.resize(stage);
  }

  private resize(stage: Stage): void {
    stage.resize(this.lines).then(this.onChange, (error) => {
      this.governed = { ...this.governed, height: stage.lines };
      this.say(`The network goes on at ${stage.lines} lines: ${messageOf(error)}`);
    });
  }
}
