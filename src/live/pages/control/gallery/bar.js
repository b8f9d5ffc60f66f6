import { find } from './page.js';

/** Makes the search over the gallery and the switch for hidden paintings work; returns how to show how many are hidden. */
export function listenToBar(gallery) {
  const field = find('#search');
  const hidden = find('#show-hidden');
  field.addEventListener('input', () => gallery.search(field.value));
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      field.value = '';
      gallery.search('');
      field.blur();
    } else if (event.key === 'Enter' && gallery.found) gallery.choose(gallery.found);
  });
  hidden.addEventListener('click', () => {
    const all = hidden.getAttribute('aria-pressed') !== 'true';
    hidden.setAttribute('aria-pressed', String(all));
    gallery.showHidden(all);
  });
  return () => {
    hidden.hidden = gallery.hidden === 0;
    hidden.textContent = `${gallery.hidden} hidden`;
    find('#none-found').hidden = !field.value.trim() || gallery.found !== undefined;
  };
}
