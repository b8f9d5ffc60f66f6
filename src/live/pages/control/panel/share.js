import { find, save, withToken } from './page.js';
import { toast } from './toast.js';

/** Seconds of delays that the offset is computed from, for a steady value. */
const STEADY = 15;
const delays = [];
let overlay;

/**
 * Shows the addresses to use elsewhere, each with the token it needs: `urls` as other machines reach them, `localUrls` for
 * OBS beside stylecast, which takes no certificate that was made here.
 */
export function showAddresses(urls, localUrls) {
  overlay = [localUrls.overlay, urls.overlay];
  find('#overlay-elsewhere').hidden = localUrls.overlay === urls.overlay;
  showOverlay();
  const local = /^(localhost|127\.|\[::1\])/.test(new URL(urls.control).hostname);
  find('#phone-hint').textContent = local
    ? 'Only this computer can reach stylecast now. To use a phone, start it with --host 0.0.0.0, and with --tls for the phone’s camera.'
    : 'Point the phone’s camera at a code. The camera page needs stylecast to run with --tls.';
  find('#codes').hidden = local;
  if (local) return;
  for (const page of ['control', 'camera']) {
    find(`#qr-${page}`).src = withToken(`/qr.svg?page=${page}`);
    find(`#qr-${page}`).title = urls[page];
  }
}

/** The overlay's addresses in the shape chosen. */
function showOverlay() {
  const shape = find('#shape').value;
  const [local, elsewhere] = overlay.map((address) => {
    const url = new URL(address);
    if (shape !== 'none') url.searchParams.set('mask', shape);
    return url.href;
  });
  find('#overlay-url').value = local;
  find('#overlay-url-elsewhere').value = elsewhere;
}

/** Shows the audio offset for OBS: the median delay of the last seconds, in whole milliseconds. */
export function showOffset(delay) {
  if (delay === undefined) return;
  delays.push(delay);
  if (delays.length > STEADY) delays.shift();
  const middle = [...delays].sort((a, b) => a - b)[delays.length >> 1];
  find('#offset').textContent = `${middle} ms`;
}

/** Makes the copy buttons and the waiting page work. */
export function listenToShare() {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', () => copy(button, find(`#${button.dataset.copy}`)));
  }
  find('#shape').addEventListener('change', () => overlay && showOverlay());
  for (const field of ['#overlay-url', '#overlay-url-elsewhere']) {
    find(field).addEventListener('focus', (event) => event.target.select());
  }
  find('#waiting-page').addEventListener('click', () => {
    save(new Blob([waitingPage(find('#overlay-url').value)], { type: 'text/html' }), 'stylecast-overlay.html');
  });
}

async function copy(button, source) {
  // OBS wants the number alone.
  const text = source.value?.startsWith('http') ? source.value : source.textContent.replace(' ms', '');
  if (await written(text)) {
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  } else toast(`The browser does not let this page copy. Copy it by hand: ${text}`);
}

/** Copies a text; on plain http from another machine there is no clipboard API, but copying a selected field works. */
async function written(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

/**
 * A page to save as a file: it waits until the server answers and then goes to the overlay, which reconnects by itself.
 */
function waitingPage(url) {
  const text = JSON.stringify(url).replace(/</g, '\\u003c');
  return `<!doctype html>
<meta charset="utf-8">
<title>stylecast overlay, waiting</title>
<script>
const overlay = ${text};
async function wait() {
  try {
    await fetch(new URL('/healthz', overlay), { mode: 'no-cors', cache: 'no-store' });
    location.replace(overlay);
  } catch {
    setTimeout(wait, 500);
  }
}
wait();
</script>
`;
}
