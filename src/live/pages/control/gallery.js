import { make } from './page.js';

/** Arrow keys: steps to the right and down. */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The tile that shows the source as it is. */
const SOURCE = { name: null, title: 'As it is' };

/**
 * The gallery of styles. One tile is in the tab order; arrow keys move to the others.
 */
export class Gallery {
  #place;
  #tiles = new Map();
  #cards = [];

  /** `choose(name)` is called with the style wanted, `blend(name)` with the one to blend in; null is the source. */
  constructor(place, { choose, blend }) {
    this.#place = place;
    place.addEventListener('click', (event) => {
      const tile = event.target.closest('.tile');
      if (!tile) return;
      const { name } = this.#cards[this.#list.indexOf(tile)];
      this.#enter(tile);
      if (event.shiftKey && name !== null) blend(name);
      else choose(name);
    });
    place.addEventListener('keydown', (event) => this.#move(event));
  }

  /** The styles in the order shown, the source first. */
  get cards() {
    return this.#cards;
  }

  /** The name of the style whose tile has the focus; undefined where none has. */
  get focused() {
    return this.#cards[this.#list.indexOf(document.activeElement)]?.name ?? undefined;
  }

  title(name) {
    return this.#cards.find((card) => card.name === name)?.title ?? name ?? '';
  }

  /** Fills the gallery with styles. */
  fill(cards) {
    if (JSON.stringify([SOURCE, ...cards]) === JSON.stringify(this.#cards)) return;
    this.#cards = [SOURCE, ...cards];
    this.#tiles = new Map(this.#cards.map((card, at) => [card.name, tile(card, at)]));
    this.#place.replaceChildren(...this.#tiles.values());
    this.#enter(this.#list[0]);
  }

  /** Marks the current style. */
  show({ style, second, blend }, onTheirWay) {
    for (const [name, element] of this.#tiles) {
      const isSecond = style !== null && name !== null && name === second;
      element.setAttribute('aria-pressed', String(name === style));
      element.classList.toggle('second', isSecond);
      element.firstChild.dataset.share = isSecond ? `${Math.round(blend * 100)} %` : '';
      element.lastChild.textContent = isSecond ? ', blended in' : '';
      const busy = (name === style && onTheirWay.has('style')) || (isSecond && onTheirWay.has('second'));
      element.setAttribute('aria-busy', String(busy));
    }
    if (!this.#place.contains(document.activeElement)) this.#enter(this.#tiles.get(style));
  }

  get #list() {
    return [...this.#tiles.values()];
  }

  #enter(tile) {
    for (const other of this.#list) other.tabIndex = other === tile ? 0 : -1;
  }

  #move(event) {
    const list = this.#list;
    const tile = event.target.closest('.tile');
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
    const ends = { Home: list[0], End: list[list.length - 1] };
    if (!(event.key in ends) && !(event.key in DIRECTIONS)) return;
    event.preventDefault();
    const next = ends[event.key] ?? beside(tile, list, DIRECTIONS[event.key]);
    if (!next) return;
    this.#enter(next);
    next.focus();
  }
}

/** The nearest tile in a direction, by position on the page. */
function beside(tile, list, [right, down]) {
  const from = tile.getBoundingClientRect();
  let nearest;
  let least = Number.POSITIVE_INFINITY;
  for (const other of list) {
    const to = other.getBoundingClientRect();
    const [x, y] = [to.left - from.left, to.top - from.top];
    const along = x * right + y * down;
    // Distance off the axis counts more.
    const distance = along + 4 * Math.abs(right ? y : x);
    if (along > 1 && distance < least) {
      nearest = other;
      least = distance;
    }
  }
  return nearest;
}

function tile(card, at) {
  const thumb = make('span', { class: 'thumb', 'aria-hidden': 'true' });
  if (card.name === null) thumb.classList.add('plain');
  thumb.style.setProperty('--tint', tint(card.name));
  thumb.append(card.name === null ? '' : (card.title[0] ?? ''));
  if (card.thumbnail) {
    const image = make('img', { src: card.thumbnail, alt: '', loading: 'lazy' });
    image.addEventListener('error', () => image.remove());
    thumb.append(image);
  }
  const name = make('span', { class: 'name' }, make('span', {}, card.title));
  if (at < 10) name.append(make('small', { 'aria-hidden': 'true' }, String(at)));
  const attributes = { type: 'button', class: 'tile', title: card.title };
  if (at < 10) attributes['aria-keyshortcuts'] = String(at);
  return make('button', attributes, thumb, name, make('span', { class: 'hidden' }));
}

/** A colour for a style without a picture: always the same for its name. */
function tint(name) {
  if (name === null) return 'var(--line)';
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 360;
  return `hsl(${hash}, 32%, 42%)`;
}
