import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OptionError } from '../../../errors.js';
import { withStyle } from '../../../model/blend.js';
import { findStyle } from '../../../model/library/find.js';
import type { Style } from '../../../model/style.js';
import { anyPainter, predictedVector } from '../../../pipeline/predict.js';
import type { StyleCard } from '../../show/types.js';
import { AddedFile, type AddedStyle, checkTitle, free, nameFor, titleOf } from './added-file.js';
import { keptPicture } from './picture.js';

/** Pictures that are kept as styles, at most. */
const MOST = 100;

/** The styles that the user has added as pictures, by their names in the gallery, `preset:name`. */
export class AddedStyles {
  private readonly file: AddedFile;
  private list: readonly AddedStyle[] = [];

  /** @param folder where they are kept; need not be there */
  private constructor(folder: string) {
    this.file = new AddedFile(folder);
  }

  /** Reads what is kept; where that cannot be used, there are none, and nothing is added. */
  static async open(folder: string, onNote: (note: string) => void): Promise<AddedStyles> {
    const added = new AddedStyles(folder);
    await added.file.read().then(
      (list) => {
        added.list = list;
      },
      (error) => onNote(`The added styles are left out: ${messageOf(error)}`),
    );
    return added;
  }

  /** All of them as the gallery shows them, with where their small pictures are. */
  get all(): readonly (Pick<StyleCard, 'name' | 'title' | 'added'> & {
    readonly picture: readonly [string, string];
  })[] {
    return this.list.map((style) => ({
      name: nameOf(style),
      title: style.title,
      added: style.learned ? 'learned' : 'predicted',
      picture: [this.file.folder, this.file.small(style.name)],
    }));
  }

  has(name: string): boolean {
    return this.list.some((style) => nameOf(style) === name);
  }

  /**
   * A style, ready to be loaded. Its vector is predicted anew where the network is not the one that it was for.
   *
   * @throws OptionError `LIVE_STYLE`; as `findStyle` and `predictedVector`
   */
  async style(name: string): Promise<Style> {
    const { learned: _, preset, network, ...kept } = this.at(name);
    const painter = await findStyle(preset);
    if (painter.manifest.model.sha256 === network) return withStyle(painter, kept);
    const anew = await predictedVector(painter, this.file.picture(kept.name));
    return withStyle(painter, { ...kept, ...anew });
  }

  /** The path of a style's picture, and of the folder of its network's preset. */
  async source(name: string): Promise<{ readonly picture: string; readonly preset: string }> {
    const { preset, name: own } = this.at(name);
    const { folder } = await findStyle(preset);
    return { picture: this.file.picture(own), preset: folder! };
  }

  /**
   * Adds a picture as a style; gives its name in the gallery.
   *
   * @param bytes the file
   * @param called what the file is called
   * @param titles of all other styles
   * @throws MediaError `STYLE_PICTURE`; OptionError `STYLES_FULL`, `STYLES_KEPT`; PresetError `PRESET_ONE_STYLE`
   */
  async add(bytes: Uint8Array, called: string, titles: readonly string[]): Promise<string> {
    const { picture, small } = await keptPicture(bytes);
    const painter = await anyPainter('a picture of yours');
    const { model, modulation } = painter.manifest;
    let name = '';
    this.list = await this.file.change(async (list) => {
      if (list.length >= MOST) throw full();
      name = free(nameFor(titleOf(called)), new Set([...modulation!.styles, ...list].map((one) => one.name)), '-');
      const title = free(titleOf(called), new Set([...titles, ...list.map((one) => one.title)]), ' ');
      try {
        await this.file.write(`${name}.jpg`, picture);
        await this.file.write(this.file.small(name), small);
        const { vector } = await predictedVector(painter, this.file.picture(name));
        return [...list, { name, title, preset: painter.name, network: model.sha256, vector, learned: false }];
      } catch (error) {
        await this.forget(name);
        throw error;
      }
    });
    return `${painter.name}:${name}`;
  }

  /** Gives a style another title. @throws OptionError `LIVE_STYLE`, `STYLE_TITLE`, `STYLES_KEPT`. */
  async rename(name: string, title: string, titles: readonly string[]): Promise<void> {
    const { title: before } = this.at(name);
    const after = checkTitle(title);
    if (after === before) return;
    if (titles.includes(after)) {
      throw new OptionError('STYLE_TITLE', `There is a painting "${after}" already; expected another title.`, {
        hint: 'Choose another one.',
      });
    }
    await this.change(name, { title: after });
  }

  /** Takes over what was learned for a style. @throws OptionError `LIVE_STYLE`, `STYLES_KEPT`. */
  async learned(name: string, vector: readonly number[], network: string): Promise<void> {
    await this.change(name, { vector, network, learned: true });
  }

  /** Removes a style and its pictures. @throws OptionError `LIVE_STYLE`, `STYLES_KEPT`. */
  async remove(name: string): Promise<void> {
    const { name: own } = this.at(name);
    this.list = await this.file.change((list) => list.filter((style) => nameOf(style) !== name));
    await this.forget(own);
  }

  /** Deletes the pictures of a style. */
  private async forget(own: string): Promise<void> {
    const files = [this.file.picture(own), join(this.file.folder, this.file.small(own))];
    await Promise.all(files.map((path) => rm(path, { force: true })));
  }

  private async change(name: string, change: Partial<AddedStyle>): Promise<void> {
    this.list = await this.file.change((list) =>
      list.map((style) => (nameOf(style) === name ? { ...style, ...change } : style)),
    );
  }

  private at(name: string): AddedStyle {
    const found = this.list.find((style) => nameOf(style) === name);
    if (found) return found;
    throw new OptionError('LIVE_STYLE', `There is no added style "${name.slice(0, 60)}" in this show.`, {
      hint: 'Only styles that were added as pictures can be renamed, learned or removed.',
    });
  }
}

function nameOf({ preset, name }: AddedStyle): string {
  return `${preset}:${name}`;
}

function full(): OptionError {
  return new OptionError('STYLES_FULL', `${MOST} pictures are kept as styles, which is as many as may be.`, {
    hint: 'Remove one that is not needed any more.',
  });
}
