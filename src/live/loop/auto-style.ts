import { messageOf } from '../../errors.js';
import { sharp } from '../../media/sharp.js';
import { APPEARANCE_SIZE, appearanceOf } from '../../pipeline/auto/appearance.js';
import { bestOf, type Candidate } from '../../pipeline/auto/candidates.js';
import { CutDetector } from '../../pipeline/auto/cut-detector.js';
import type { LiveFrame, LiveSettings, Show } from '../show/types.js';

/** Least number of seconds between two choices. */
const MIN_SECONDS_PER_STYLE = 5;

/** Chooses the style of a live show by content while that is asked for (`auto`): at once, and anew at cuts. */
export class AutoStyle {
  private finder: CutDetector | undefined;
  private chosenAt: number | undefined;
  private candidates: Promise<readonly Candidate[]> | undefined;

  /**
   * @param find gives the candidates, by their names in the show; asked for when they are first needed
   * @param say called with what was chosen, and with why choosing ended
   */
  constructor(
    private readonly find: () => Promise<readonly Candidate[]>,
    private readonly show: Pick<Show, 'change'> & { readonly settings: Pick<LiveSettings, 'style' | 'auto'> },
    private readonly say: (note: string) => void,
  ) {}

  /** Must be called with every frame before it is painted; returns at once. */
  observe(frame: LiveFrame): void {
    if (!this.show.settings.auto) {
      if (this.chosenAt !== undefined) this.say('The style is not chosen by content any more.');
      this.chosenAt = undefined;
      this.finder = undefined;
      return;
    }
    const { data, width, height, pts } = frame;
    this.finder ??= new CutDetector();
    const cut = this.finder.next(data, { width, height }) !== undefined;
    if (this.chosenAt !== undefined && (!cut || pts - this.chosenAt < MIN_SECONDS_PER_STYLE)) return;
    this.chosenAt = pts;
    // A copy, because the painter takes over the frame's buffer.
    this.choose({ ...frame, data: data.slice() }).catch((error) => {
      this.say(`No style could be chosen: ${messageOf(error)}`);
    });
  }

  private async choose({ data, width, height, channels }: LiveFrame): Promise<void> {
    this.candidates ??= this.find();
    this.candidates.catch(() => {
      this.candidates = undefined;
    });
    const candidates = await this.candidates;
    const picture = sharp(data, { raw: { width, height, channels } });
    const small = await picture.resize(APPEARANCE_SIZE.width, APPEARANCE_SIZE.height, { fit: 'fill' }).raw().toBuffer();
    const { name } = bestOf(candidates, appearanceOf(small));
    const { style, auto } = this.show.settings;
    // Finding them takes time.
    if (!auto) return;
    if (name !== style) this.say(`The style for what is to be seen now: ${name}.`);
    await this.show.change({ style: name, auto: true });
  }
}
