import { make } from './page.js';

/** The tile of a painting: the button that chooses it, its star, and what opens its menu where it has one. */
export function tile({ key, title, thumbnail, kind }) {
  const thumb = make('span', { class: `thumb ${kind ?? ''}`, 'aria-hidden': 'true' });
  thumb.style.setProperty('--tint', kind ? 'var(--line)' : tint(key));
  thumb.append(kind ? '' : (title[0] ?? ''));
  if (thumbnail) {
    const image = make('img', { src: thumbnail, alt: '', loading: 'lazy', decoding: 'async' });
    image.addEventListener('error', () => image.remove());
    thumb.append(image);
  }
  const name = make('span', { class: 'name' }, make('span', {}, title), make('small', { 'aria-hidden': 'true' }));
  const button = make('button', { type: 'button', class: 'tile', title }, thumb, name);
  button.append(make('span', { class: 'hidden' }));
  const buttons = kind
    ? []
    : [
        make('button', { type: 'button', class: 'star', 'aria-label': `Favourite: ${title}` }, '★'),
        make('button', { type: 'button', class: 'more', 'aria-label': `More about ${title}` }, '⋯'),
      ];
  return make('div', { class: 'painting' }, button, make('div', { class: 'tools' }, ...buttons));
}

/** Shows which key chooses a tile's painting; undefined for none. */
export function showKey(painting, key) {
  painting.querySelector('small').textContent = key ?? '';
  const button = painting.firstChild;
  if (key === undefined) button.removeAttribute('aria-keyshortcuts');
  else button.setAttribute('aria-keyshortcuts', key);
}

/** A colour for a painting without a picture: always the same for its key. */
function tint(key) {
  let hash = 7;
  for (const letter of key) hash = (hash * 31 + letter.charCodeAt(0)) % 360;
  return `hsl(${hash}, 32%, 42%)`;
}
