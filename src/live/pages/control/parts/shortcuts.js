import { find, make } from './page.js';

/** Fields that use letters themselves. */
const TYPING = 'select, input:not([type=range]):not([type=checkbox]):not([type=radio])';

/**
 * Runs `shortcuts`, a list of `{ keys, label, run(key) }`, on key presses, and lists them in the help.
 */
export function listen(shortcuts) {
  const help = find('#help');
  const all = [...shortcuts, { keys: ['?'], label: 'This list', run: () => help.showModal() }];
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || event.target.closest?.(TYPING)) return;
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
}
