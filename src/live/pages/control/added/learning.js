import { make } from './page.js';

/** Shows on the tile of a style that it is being learned, how far it is, and for how long still; on no tile without. */
export function showLearning(place, tileOf, learning) {
  const tile = learning?.state === 'learning' ? tileOf(learning.style) : undefined;
  for (const bar of place.querySelectorAll('.learning')) if (bar.parentElement !== tile) bar.remove();
  if (!tile) return;
  let bar = tile.querySelector('.learning');
  if (!bar) {
    bar = make('div', { class: 'learning' }, make('progress', { max: 1, 'aria-label': 'Learned' }), make('span'));
    tile.append(bar);
  }
  // Without a value it says only that something is going on.
  if (learning.secondsLeft !== undefined) bar.firstChild.value = learning.share;
  bar.lastChild.textContent = left(learning);
}

/** How long learning will still take, in words. */
export function left({ share, secondsLeft }) {
  if (secondsLeft === undefined) return 'Looking at it';
  if (share >= 1) return 'Finishing';
  const whole = Math.ceil(secondsLeft);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} left`;
}
