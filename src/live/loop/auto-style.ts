import { messageOf } from '../../errors.js';
import { sharp } from '../../media/sharp.js';
import { APPEARANCE_SIZE, appearanceOf } from '../../pipeline/auto/appearance.js';
import { bestOf, type Candidate } from '../../pipeline/auto/candidates.js';
import { CutDetector } from '../../pipeline/auto/cut-detector.js';
import type { LiveFrame, LiveSettings, Show } from '../show/types.js';

/** Least number of seconds between two choices. */
const MIN_SECONDS_PER_STYLE = 5;

/** Chooses the style of a live show by content: at the first frame and at cuts. */
export class AutoStyle {
  private readonly finder = new CutDetector();
  private chosenAt: number | undefined;
  private chosen: string | null | undefined;
  private over = false;

  /**
   * @param candidates by their names in the show
   * @param say called with what was chosen, and with why choosing ended
   */
  constructor(
    private readonly candidates: readonly Candidate[],
    private readonly show: Pick<Show, 'change'> & { readonly settings: Pick<LiveSettings, 'style'> },
    private readonly say: (note: string) => void,
  ) {}

  /** Must be called with every frame before it is painted; returns at once. */
  observe(frame: LiveFrame): void {
    if (this.over) return;
    const { data, width, height, pts } = frame;
    const cut = this.finder.next(data, { width, height }) !== undefined;
    if (this.chosenAt !== undefined && (!cut || pts - this.chosenAt < MIN_SECONDS_PER_STYLE)) return;
    if (this.chosen !== undefined && this.show.settings.style !== this.chosen) {
      this.over = true;
      this.say('The style was chosen by hand: it is not chosen by content any more.');
      return;
    }
    this.chosenAt = pts;
    // A copy, because the painter takes over the frame's buffer.
    this.choose({ ...frame, data: data.slice() }).catch((error) => {
      this.say(`No style could be chosen: ${messageOf(error)}`);
    });
  }

  private async choose({ data, width, height, channels }: LiveFrame): Promise<void> {
    const picture = sharp(data, { raw: { width, height, channels } });
    const small = await picture.resize(APPEARANCE_SIZE.width, APPEARANCE_SIZE.height, { fit: 'fill' }).raw().toBuffer();
    const { name } = bestOf(this.candidates, appearanceOf(small));
    if (name !== this.show.settings.style) this.say(`The style for what is to be seen now: ${name}.`);
    this.chosen = name;
    await this.show.change({ style: name });
  }
}
