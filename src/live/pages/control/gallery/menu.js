import { AddedMenu } from './added-menu.js';
import { find, make } from './page.js';

/**
 * The menu of a painting: its quality, whether it is a favourite, whether it is hidden, and what can be done with one that
 * was added.
 *
 * `choose(name)` is called with the style that a quality is, when its painting is the one that is shown.
 */
export class PaintingMenu {
  #gallery;
  #choose;
  #painting;
  #added = new AddedMenu();

  constructor(gallery, choose) {
    this.#gallery = gallery;
    this.#choose = choose;
    const dialog = find('#painting-menu');
    find('#painting-favourite').addEventListener('click', () => this.#toggle('favourites'));
    find('#painting-hide').addEventListener('click', () => {
      this.#toggle('hidden');
      dialog.close();
    });
    find('#painting-close').addEventListener('click', () => dialog.close());
    // A press beside it closes it.
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    find('#painting-qualities').addEventListener('change', (event) => this.#prefer(event.target.value));
  }

  open(painting, settings) {
    this.#painting = painting;
    find('#painting-title').textContent = painting.title;
    find('#painting-artist').textContent = painting.artist ?? '';
    find('#painting-quality').hidden = painting.variants.length < 2;
    find('#painting-qualities').replaceChildren(
      ...qualities(painting, 'painting-quality', this.#gallery.styleOf(painting, settings)),
    );
    this.#label();
    this.#added.open(painting);
    find('#painting-menu').showModal();
  }

  /** Shows which style is being learned. */
  showLearning(learning) {
    this.#added.showLearning(learning);
  }

  #prefer(name) {
    this.#gallery.prefer(this.#painting, name);
    this.#choose(this.#painting, name);
  }

  #toggle(list) {
    this.#gallery.toggle(list, this.#painting);
    this.#label();
  }

  #label() {
    const favourite = find('#painting-favourite');
    favourite.setAttribute('aria-pressed', String(this.#gallery.isFavourite(this.#painting)));
    find('#painting-hide').textContent = this.#gallery.isHidden(this.#painting) ? 'Show in the gallery' : 'Hide';
  }
}

/** The qualities of a painting as a choice of one. */
export function qualities({ variants }, group, chosen) {
  return variants.map(({ name, label }) => {
    const radio = make('input', { type: 'radio', name: group, value: name });
    radio.checked = name === chosen;
    return make('label', {}, radio, make('span', {}, label));
  });
}
