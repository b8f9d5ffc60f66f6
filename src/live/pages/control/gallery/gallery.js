import { Kept } from './kept.js';
import { showLearning } from './learning.js';
import { matches, networkOf, paintingsOf } from './paintings.js';
import { reached } from './roving.js';
import { showKey, tile } from './tile.js';

/** The tiles before all paintings: the source as it is, and what is chosen by scenes. */
const SOURCE = { key: 'As it is', title: 'As it is', kind: 'plain', variants: [{ name: null }] };
const AUTO = { key: 'Auto', title: 'Auto', kind: 'auto', variants: [] };

/**
 * The gallery of paintings, favourites first. One tile is in the tab order, with its buttons; arrow keys move to the others.
 */
export class Gallery {
  #place;
  #handlers;
  #kept = new Kept();
  #paintings = [];
  #tiles = new Map();
  #filled = '';
  #words = '';
  #all = false;
  #settings;
  #onTheirWay = new Set();
  #learning;

  /**
   * `choose(name)` is called with the style wanted (null is the source), `auto()` where it is to be chosen by scenes,
   * `blend(name)` with the one to blend in, `more(painting)` where more is asked of one, `arranged()` after each change of
   * what is shown.
   */
  constructor(place, handlers) {
    this.#place = place;
    this.#handlers = handlers;
    place.addEventListener('click', (event) => this.#click(event));
    place.addEventListener('keydown', (event) => this.#move(event));
  }

  /** All paintings in the order shown, hidden ones last, without the tiles before them. */
  get paintings() {
    return this.#paintings;
  }

  /** How many paintings are hidden. */
  get hidden() {
    return this.#paintings.filter(({ key }) => this.#kept.hidden.includes(key)).length;
  }

  /** The painting whose tile has the focus; undefined where none has. */
  get focused() {
    return this.#paintingAt(document.activeElement);
  }

  isFavourite = ({ key }) => this.#kept.favourites.includes(key);
  isHidden = ({ key }) => this.#kept.hidden.includes(key);

  /** The painting that a style is of. */
  paintingOf(name) {
    return this.#paintings.find(({ variants }) => variants.some((one) => one.name === name));
  }

  title(name) {
    return name === null ? SOURCE.title : (this.paintingOf(name)?.title ?? name ?? '');
  }

  /** The style that paints a painting: the one in use, else the one chosen before, else the quickest. */
  styleOf(painting, settings = this.#settings) {
    const names = painting.variants.map(({ name }) => name);
    const { style, second } = settings ?? {};
    const chosen = this.#kept.styleOf(painting.key);
    return [style, second, chosen].find((name) => names.includes(name)) ?? names[0];
  }

  /** The style to blend a painting in with: of the same network where that is, which costs nothing. */
  companionOf(painting) {
    const network = networkOf(this.#settings?.style);
    const sibling = painting.variants.find(({ name }) => network !== undefined && networkOf(name) === network);
    return sibling?.name ?? this.styleOf(painting);
  }

  /** The painting that a digit chooses. */
  at(digit) {
    return this.#paintings.filter((one) => !this.isHidden(one))[digit - 1];
  }

  /** Fills the gallery with styles. */
  fill(cards) {
    const filled = JSON.stringify(cards);
    if (filled === this.#filled) return;
    this.#filled = filled;
    const paintings = paintingsOf(cards);
    const special = paintings.length > 0 ? [SOURCE, AUTO] : [SOURCE];
    this.#tiles = new Map([...special, ...paintings].map((one) => [one.key, { painting: one, element: tile(one) }]));
    this.#arrange();
    this.showLearning(this.#learning);
  }

  /** Shows only paintings that words are found in; all without words. */
  search(words) {
    this.#words = words.trim();
    this.#arrange();
  }

  /** Whether hidden paintings are shown too. */
  showHidden(all) {
    this.#all = all;
    this.#arrange();
  }

  /** Marks a painting as a favourite or hides it (`favourites`, `hidden`), or takes that back. */
  toggle(list, painting) {
    this.#kept.toggle(list, painting.key);
    this.#arrange();
  }

  /** Chooses which style paints a painting from now on. */
  prefer(painting, name) {
    this.#kept.choose(painting.key, name);
  }

  /** Marks what is set. */
  show(settings, onTheirWay) {
    this.#settings = settings;
    this.#onTheirWay = onTheirWay;
    const { style, second, blend, auto } = settings;
    for (const { painting, element } of this.#tiles.values()) {
      const button = element.firstChild;
      const has = (name) => painting.variants.some((one) => one.name === name);
      const isSecond = style !== null && second !== null && has(second);
      const now = auto ? painting === AUTO : has(style);
      button.setAttribute('aria-pressed', String(now));
      element.classList.toggle('painted', auto && has(style));
      element.classList.toggle('second', isSecond);
      button.firstChild.dataset.share = isSecond ? `${Math.round(blend * 100)} %` : '';
      button.lastChild.textContent = isSecond ? ', blended in' : '';
      const busy =
        (now && (onTheirWay.has('style') || onTheirWay.has('auto'))) || (isSecond && onTheirWay.has('second'));
      button.setAttribute('aria-busy', String(busy));
    }
    const current = this.#tiles.get(auto ? AUTO.key : style === null ? SOURCE.key : this.paintingOf(style)?.key);
    if (!this.#place.contains(document.activeElement)) this.#enter(current?.element);
  }

  /** Shows which style is being learned; undefined for none. */
  showLearning(learning) {
    this.#learning = learning;
    showLearning(this.#place, (style) => this.#tiles.get(this.paintingOf(style)?.key)?.element, learning);
  }

  /** Brings the tile of a style into view. */
  reveal(style) {
    this.#tiles.get(this.paintingOf(style)?.key)?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** The first painting that is found; undefined without words. */
  get found() {
    return this.#words === '' ? undefined : this.#visible.map((element) => this.#paintingAt(element))[0];
  }

  choose(painting) {
    if (painting === AUTO) this.#handlers.auto();
    else this.#handlers.choose(this.styleOf(painting));
  }

  get #visible() {
    return [...this.#place.children].filter((element) => !element.hidden);
  }

  /** Puts the tiles in order and shows those that are to be seen. */
  #arrange() {
    const place = ({ painting: { key, kind } }) => {
      const favourite = this.#kept.favourites.indexOf(key);
      if (kind) return -2;
      return this.isHidden({ key }) ? 2e6 : favourite < 0 ? 1e6 : favourite;
    };
    const tiles = [...this.#tiles.values()].sort((a, b) => place(a) - place(b));
    this.#paintings = tiles.map(({ painting }) => painting).filter(({ kind }) => !kind);
    const focused = document.activeElement;
    for (const { painting, element } of tiles) {
      const hidden = this.isHidden(painting);
      element.hidden = (hidden && !this.#all) || (this.#words !== '' && !matches(painting, this.#words));
      element.classList.toggle('favourite', this.isFavourite(painting));
      element.classList.toggle('put-away', hidden);
      element.querySelector('.star')?.setAttribute('aria-pressed', String(this.isFavourite(painting)));
      const at = this.#paintings.indexOf(painting) + 1;
      showKey(element, painting === SOURCE ? '0' : painting === AUTO ? 'a' : hidden || at > 9 ? undefined : String(at));
    }
    this.#place.replaceChildren(...tiles.map(({ element }) => element));
    // Moving an element takes the focus from it.
    if (this.#place.contains(focused)) focused.focus();
    if (this.#settings) this.show(this.#settings, this.#onTheirWay);
    this.#enter(document.activeElement?.closest('.painting'));
    this.#handlers.arranged?.();
  }

  #paintingAt(element) {
    const place = element?.closest?.('.painting');
    return [...this.#tiles.values()].find((one) => one.element === place)?.painting;
  }

  #click(event) {
    const painting = this.#paintingAt(event.target);
    if (!painting) return;
    this.#enter(event.target.closest('.painting'));
    if (event.target.closest('.star')) this.toggle('favourites', painting);
    else if (event.target.closest('.more')) this.#handlers.more?.(painting);
    else if (event.shiftKey && !painting.kind) this.#handlers.blend(this.companionOf(painting));
    else if (event.target.closest('.tile')) this.choose(painting);
  }

  /** Puts a tile and its buttons into the tab order, and takes all others out. */
  #enter(element) {
    const visible = this.#visible;
    const one = visible.includes(element) ? element : visible[0];
    for (const other of this.#place.children)
      for (const button of other.querySelectorAll('button')) button.tabIndex = other === one ? 0 : -1;
  }

  #move(event) {
    const tiles = this.#visible.map((element) => element.firstChild);
    if (!event.target.classList.contains('tile')) return;
    const next = reached(event.key, event.target, tiles);
    if (!next && !/^(Arrow|Home$|End$)/.test(event.key)) return;
    event.preventDefault();
    if (!next) return;
    this.#enter(next.parentElement);
    next.focus();
  }
}
