import { find, make } from './page.js';

/** How long a message stays, in milliseconds. */
const STAY = 9000;

/** Shows a message with what to do about it (`kind` is `bad`, or `good` for what went well). A new one takes its place. */
export function toast(message, hint, kind = 'bad') {
  const close = make('button', { type: 'button', class: 'quiet', 'aria-label': 'Close' }, '✕');
  const hints = hint ? [make('p', { class: 'hint' }, hint)] : [];
  const box = make('div', { class: `toast ${kind}` }, make('p', {}, message), ...hints, close);
  let timer;
  const leave = () => {
    timer = setTimeout(() => box.remove(), STAY);
  };
  close.addEventListener('click', () => box.remove());
  // It stays while the pointer is over it.
  box.addEventListener('pointerenter', () => clearTimeout(timer));
  box.addEventListener('pointerleave', leave);
  find('#toasts').replaceChildren(box);
  leave();
}
