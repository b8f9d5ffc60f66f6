import { messageOf, OptionError } from '../../../errors.js';
import type { StyleBook } from '../../show/controls.js';
import type { LearningFigures, LiveSettings, StyleCard } from '../../show/types.js';
import type { AddedStyles } from './added-styles.js';
import type { Gallery } from './gallery.js';
import { learnStyle } from './learn.js';

/** A style that is being learned. */
interface Learning {
  readonly name: string;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** What controllers can do with the styles that they add to a show. */
export class GalleryBook implements StyleBook {
  private learning: Learning | undefined;
  private told: LearningFigures | undefined;

  /**
   * @param onNote called when learning ends
   * @param further options of `stylecast train`, by which styles are learned
   */
  constructor(
    private readonly added: AddedStyles,
    private readonly gallery: Gallery,
    private readonly show: { readonly settings: Pick<LiveSettings, 'style' | 'second' | 'outside'> },
    private readonly onNote: (note: string) => void,
    private readonly further: readonly string[] = [],
  ) {}

  /** The style that is being learned, or the last one where that failed. */
  get figures(): LearningFigures | undefined {
    return this.told;
  }

  async add(bytes: Uint8Array, called: string): Promise<StyleCard> {
    const name = await this.added.add(bytes, called, this.titles());
    await this.gallery.update();
    return this.card(name);
  }

  async rename(name: string, title: string): Promise<StyleCard> {
    await this.added.rename(name, title, this.titles(name));
    await this.gallery.update();
    return this.card(name);
  }

  async remove(name: string): Promise<void> {
    const { style, second, outside } = this.show.settings;
    if (this.added.has(name) && [style, second, outside].includes(name)) {
      throw new OptionError('STYLE_IN_USE', `"${this.card(name).title}" is painted with; it was not removed.`, {
        hint: 'Choose another style first.',
      });
    }
    if (this.learning?.name === name) await this.stopLearning();
    await this.added.remove(name);
    await this.gallery.update();
  }

  async learn(name: string): Promise<void> {
    const source = await this.added.source(name);
    if (this.learning) {
      throw new OptionError('STYLE_LEARNING', `"${this.card(this.learning.name).title}" is being learned.`, {
        hint: 'Wait until it is done, or stop it.',
      });
    }
    const abort = new AbortController();
    this.told = { style: name, state: 'learning', share: 0 };
    this.learning = { name, abort, done: this.work(name, source, abort.signal) };
  }

  async stopLearning(): Promise<string | undefined> {
    const { learning } = this;
    learning?.abort.abort();
    await learning?.done;
    return learning?.name;
  }

  /** Ends learning with the show. */
  async close(): Promise<void> {
    await this.stopLearning();
  }

  /** Learns a style and takes it over; never rejects. */
  private async work(name: string, source: { picture: string; preset: string }, signal: AbortSignal): Promise<void> {
    try {
      const onProgress = (share: number, secondsLeft: number | undefined) => {
        this.told = { style: name, state: 'learning', share, secondsLeft };
      };
      const { vector, network } = await learnStyle({ ...source, further: this.further, signal, onProgress });
      await this.added.learned(name, vector, network);
      this.told = undefined;
      await this.gallery.update(name);
      this.onNote(`The style "${this.card(name).title}" is learned.`);
    } catch (error) {
      this.told = signal.aborted ? undefined : { style: name, state: `failed: ${messageOf(error)}`, share: 0 };
      if (!signal.aborted) this.onNote(`The style "${this.card(name).title}" was not learned: ${messageOf(error)}`);
    }
    this.learning = undefined;
  }

  private card(name: string): StyleCard {
    return this.gallery.cards.find((card) => card.name === name)!;
  }

  private titles(besides?: string): string[] {
    return this.gallery.cards.filter(({ name }) => name !== besides).map(({ title }) => title);
  }
}
