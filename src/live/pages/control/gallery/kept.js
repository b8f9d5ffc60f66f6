const KEY = 'stylecast-gallery';

/** What this browser keeps of the gallery: favourites and hidden paintings by their keys, and the style chosen of each. */
export class Kept {
  #value = { favourites: [], hidden: [], styles: {} };

  constructor() {
    try {
      const { favourites, hidden, styles } = JSON.parse(localStorage.getItem(KEY));
      if (Array.isArray(favourites) && Array.isArray(hidden) && styles)
        this.#value = { favourites, hidden, styles: { ...styles } };
    } catch {
      // Nothing kept yet, or the browser's settings forbid it: it is kept for as long as the page is open.
    }
  }

  get favourites() {
    return this.#value.favourites;
  }

  get hidden() {
    return this.#value.hidden;
  }

  /** The style chosen for a painting; undefined where none was. */
  styleOf(key) {
    return this.#value.styles[key];
  }

  /** Adds a key to a list (`favourites`, `hidden`), or takes it out. */
  toggle(list, key) {
    const before = this.#value[list];
    this.#value[list] = before.includes(key) ? before.filter((one) => one !== key) : [...before, key];
    this.#write();
  }

  choose(key, name) {
    this.#value.styles[key] = name;
    this.#write();
  }

  #write() {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#value));
    } catch {
      // As above.
    }
  }
}
