import { connect } from './client.js';
import { Picture } from './draw.js';
import { find, token, wish } from './page.js';

/** How long the last frame stays after the connection is lost, in milliseconds. */
const FAREWELL = 3000;
/** When to retry after the server refused, in milliseconds: it may be restarted with the right token. */
const AGAIN = 5000;

const root = document.documentElement;
const canvas = find('#picture');
const debug = find('#debug');
const picture = new Picture(canvas);

root.classList.add(oneOf(wish.get('fit'), ['contain', 'cover', 'fill']));
root.classList.add(`mask-${oneOf(wish.get('mask'), ['none', 'round', 'rounded'])}`);
root.classList.toggle('mirror', wish.get('mirror') === '1');
debug.hidden = wish.get('debug') !== '1';

let farewell;

function watch() {
  connect(location.origin, {
    role: 'viewer',
    token,
    style: wish.get('style') ?? undefined,
    fps: Number(wish.get('fps')) || undefined,
    onFrame: async (frame) => {
      if (await picture.draw(frame)) drawn(frame);
    },
    onState: tell,
  });
}

function tell(state, reason) {
  root.dataset.state = state;
  debug.textContent = reason ? `${state}: ${reason.message}` : state;
  if (state === 'live') {
    clearTimeout(farewell);
    farewell = undefined;
  } else {
    // Each reconnect attempt reports its state again; the first one counts.
    farewell ??= setTimeout(() => picture.clear(), FAREWELL);
  }
  if (state === 'refused') setTimeout(watch, AGAIN);
}

function drawn(frame) {
  root.style.setProperty('--aspect', String(canvas.width / canvas.height));
  root.dataset.sequence = String(frame.sequence);
  if (debug.hidden) return;
  const age = performance.timeOrigin + performance.now() - frame.capturedAt;
  debug.textContent = `${canvas.width}×${canvas.height} · frame ${frame.sequence} · ${Math.round(age)} ms since captured`;
}

/** The value if it is one of those that exist, else the first of them: an overlay shows no messages. */
function oneOf(value, values) {
  return values.includes(value) ? value : values[0];
}

watch();
