import { find, make } from './page.js';

/** Fields that use letters themselves. */
const TYPING = 'select, input:not([type=range]):not([type=checkbox]):not([type=radio])';

/** Keys that always do what they do here. */
export const RESERVED = ['0', '?'];

/**
 * Runs `shortcuts`, a list of `{ keys, label, run(key) }`, on key presses, and lists them in the help. `first(key)` is asked
 * before, and tells whether it took the key. Returns what gives the label of a key.
 */
export function listen(first, shortcuts) {
  const help = find('#help');
  const all = [...shortcuts, { keys: ['?'], label: 'This list', run: () => help.showModal() }];
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
    if (document.querySelector('dialog[open]')) return;
    if (!RESERVED.includes(event.key) && !event.repeat && first(event.key)) return event.preventDefault();
    const shortcut = all.find(({ keys }) => keys.includes(event.key));
    if (!shortcut) return;
    event.preventDefault();
    if (!event.repeat || shortcut.repeats) shortcut.run(event.key);
  });
  find('#help-close').addEventListener('click', () => help.close());
  find('#help-open').addEventListener('click', () => help.showModal());
  find('#keys').replaceChildren(
    ...all.flatMap(({ keys, shown = keys, label }) => [
      make('dt', {}, ...shown.flatMap((key) => [make('kbd', {}, key), ' '])),
      make('dd', {}, label),
    ]),
  );
  return (key) => all.find(({ keys }) => keys.includes(key))?.label;
}
