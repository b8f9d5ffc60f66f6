import { api } from './api.js';
import { left } from './learning.js';
import { find } from './page.js';
import { toast } from './toast.js';

/** What can be done with a painting that was added: learn it, call it otherwise, remove it. */
export class AddedMenu {
  #style;
  #learning;

  constructor() {
    find('#painting-learn').addEventListener('click', () => this.#learn());
    find('#painting-rename').addEventListener('submit', (event) => {
      event.preventDefault();
      const title = find('#painting-name').value.trim();
      this.#do(() => api('PATCH', this.#path, { title }));
    });
    find('#painting-remove').addEventListener('click', () => this.#remove());
  }

  /** Shows what can be done with a painting; nothing where it was not added. */
  open({ title, variants }) {
    this.#style = variants.find(({ added }) => added);
    find('#painting-added').hidden = this.#style === undefined;
    find('#painting-name').value = title;
    find('#painting-remove').textContent = 'Remove';
    this.#label();
  }

  /** Shows which style is being learned, and tells once where that failed. */
  showLearning(learning) {
    const [, reason] = /^failed: (.*)$/s.exec(learning?.state ?? '') ?? [];
    if (reason !== undefined && this.#learning?.state === 'learning') toast('The style was not learned.', reason);
    this.#learning = learning;
    this.#label();
  }

  get #path() {
    return `styles/${encodeURIComponent(this.#style.name)}`;
  }

  get #isLearning() {
    return this.#learning?.state === 'learning' && this.#learning.style === this.#style?.name;
  }

  #label() {
    const learned = this.#style?.added === 'learned';
    find('#painting-learn').hidden = learned;
    find('#painting-learn').textContent = this.#isLearning ? 'Stop learning' : 'Learn it better';
    find('#painting-learn-hint').textContent = learned
      ? 'Learned from the picture.'
      : this.#isLearning
        ? left(this.#learning)
        : 'A minute or a few, while the show goes on. Then it paints more like the picture.';
  }

  #learn() {
    this.#do(() =>
      this.#isLearning ? api('POST', 'learn/stop') : api('POST', 'learn/start', { style: this.#style.name }),
    );
  }

  /** The second press removes. */
  #remove() {
    const button = find('#painting-remove');
    if (button.textContent === 'Remove') button.textContent = 'Remove for good?';
    else this.#do(() => api('DELETE', this.#path));
  }

  /** Closes the menu, as a message would be behind it, and does something. */
  async #do(act) {
    find('#painting-menu').close();
    try {
      await act();
    } catch ({ message, hint }) {
      toast(message, hint);
    }
  }
}
