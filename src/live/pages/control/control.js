import { connect } from './client.js';
import { Picture } from './draw.js';
import { delayOf, showFigures } from './figures.js';
import { Gallery } from './gallery.js';
import { listenToLook, offerHeights, offerMasks, showLook } from './look.js';
import { OptimisticSettings } from './optimistic-settings.js';
import { find, save, token, withToken } from './page.js';
import { listenToShare, showAddresses, showOffset } from './share.js';
import { listen } from './shortcuts.js';
import { toast } from './toast.js';

const STATES = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost, trying again',
  refused: 'Not let in: open the address that stylecast printed when it started',
};
/** The available mask modes. */
let masks = [];

const optimistic = new OptimisticSettings({
  send: (settings) => link.set(settings),
  onChange: show,
  onRefused: ({ code, message, hint }) =>
    code === 'LIVE_LOST'
      ? toast('Nothing was changed: the connection is lost.', 'Try again when it is back.')
      : toast(message, hint),
});
const gallery = new Gallery(find('#gallery'), { choose, blend: blendIn });
const link = connect(location.origin, {
  role: 'control',
  token,
  onState: showState,
  onStyles: (styles, urls, ways, localUrls) => {
    gallery.fill(styles);
    masks = ways;
    offerMasks(ways);
    showAddresses(urls, localUrls);
    show(optimistic.settings, new Set());
  },
  onSettings: (settings) => optimistic.received(settings),
  onStats: (stats) => {
    showFigures(stats);
    showOffset(delayOf(stats));
    offerHeights(stats.picture.height);
    showPace(stats);
  },
});

function show(settings, onTheirWay) {
  if (!settings) return;
  const { style, second, blend, mask, paused } = settings;
  gallery.show(settings, onTheirWay);
  showLook(settings, gallery.cards);
  find('#now').textContent = gallery.title(style);
  find('#now-with').textContent =
    second === null || style === null ? '' : ` with ${Math.round(blend * 100)} % ${gallery.title(second)}`;
  find('#blend-first').textContent = gallery.title(style);
  find('#blend-second').textContent = gallery.title(second);
  find('#pause').setAttribute('aria-pressed', String(paused));
  find('#pause').textContent = paused ? 'Paused' : 'Pause';
  document.body.classList.toggle('cutout', mask === 'cutout');
}

function showState(state, reason) {
  document.body.dataset.state = state;
  find('#state').textContent = STATES[state] ?? state;
  if (state === 'refused' && reason) toast(reason.message, STATES.refused);
  find('#curtain').textContent = state === 'live' ? 'Waiting for the picture' : STATES[state];
  find('#curtain').hidden = state === 'live' && drawn;
}

function showPace(stats) {
  const { source, fpsOut, working, picture } = stats;
  const most = Math.min(optimistic.settings?.height ?? 0, picture.height);
  find('#governed').hidden = working.height >= most;
  find('#governed').textContent = `Painting at ${working.height} lines now, to keep the pace.`;
  document.body.dataset.source = source;
  if (document.body.dataset.state !== 'live') return;
  const delay = delayOf(stats);
  const behind = delay === undefined ? '' : `, ${delay} ms behind`;
  find('#state').textContent =
    source === 'live' ? `Live, ${Math.round(fpsOut)} frames a second${behind}` : `Source ${source}`;
}

/** Selects a style; if it was the second style, that is cleared. */
function choose(name) {
  optimistic.change(
    name !== null && name === optimistic.settings?.second ? { style: name, second: null } : { style: name },
  );
}

function blendIn(name) {
  const { style, second, blend } = optimistic.settings ?? {};
  if (name === style) return;
  if (style === null) return choose(name);
  optimistic.change(
    name === second ? { second: null } : { second: name, blend: second === null && !blend ? 0.5 : blend },
  );
}

/** Changes the blend by a step; takes the next style of the gallery as second where there is none yet. */
function blendBy(step) {
  const { style, second, blend } = optimistic.settings ?? {};
  const { focused, cards } = gallery;
  if (style === null) return;
  if (focused !== undefined && focused !== style && focused !== second && step > 0) return blendIn(focused);
  if (second !== null) return optimistic.change({ blend: within(blend + step) });
  const names = cards.map((card) => card.name).filter((name) => name !== null);
  const next = names[(names.indexOf(style) + 1) % names.length];
  if (next !== undefined && next !== style && step > 0) optimistic.change({ second: next, blend: step });
}

const within = (value) => Math.min(1, Math.max(0, Math.round(value * 100) / 100));
const flip = (name) => optimistic.settings && optimistic.change({ [name]: !optimistic.settings[name] });
const strengthen = (step) =>
  optimistic.settings && optimistic.change({ strength: within(optimistic.settings.strength + step) });

async function snapshot() {
  const time = new Date().toISOString().slice(0, 19).replace('T', '-').replace(/:/g, '');
  const response = await fetch(withToken('/snapshot.jpg')).catch(() => undefined);
  if (response?.ok) save(await response.blob(), `stylecast-${time}.jpg`);
  else toast('The server has no picture to give.', 'Wait for the picture, then try again.');
}

listenToShare();
listenToLook(
  (settings) => optimistic.change(settings),
  () => optimistic.settings && showLook(optimistic.settings, gallery.cards),
);
find('#pause').addEventListener('click', () => flip('paused'));
find('#snapshot').addEventListener('click', snapshot);
listen([
  {
    keys: [...'123456789'],
    shown: ['1', '…', '9'],
    label: 'A style',
    run: (key) => gallery.cards[Number(key)] && choose(gallery.cards[Number(key)].name),
  },
  { keys: ['0'], label: 'The picture as it is', run: () => optimistic.change({ style: null }) },
  { keys: ['+', '='], shown: ['+'], label: 'Stronger', repeats: true, run: () => strengthen(0.05) },
  { keys: ['-'], label: 'Weaker', repeats: true, run: () => strengthen(-0.05) },
  { keys: ['b'], label: 'Blend in the style in focus, or more of it', repeats: true, run: () => blendBy(0.1) },
  { keys: ['B'], label: 'Blend in less', repeats: true, run: () => blendBy(-0.1) },
  { keys: ['c'], label: 'Keep the colours', run: () => flip('keepColors') },
  {
    keys: ['m'],
    label: 'Paint all, the person, the backdrop, or cut out',
    run: () =>
      optimistic.settings &&
      optimistic.change({ mask: masks[(masks.indexOf(optimistic.settings.mask) + 1) % masks.length] }),
  },
  { keys: ['x'], label: 'Mirror', run: () => flip('mirror') },
  { keys: ['p'], label: 'Pause', run: () => flip('paused') },
  { keys: ['s'], label: 'Snapshot', run: snapshot },
]);

/** The live view: an ordinary viewer, which disconnects while the page is hidden. */
const picture = new Picture(find('#picture'));
let drawn = false;
let view;
function watch() {
  view?.close();
  view = undefined;
  if (document.hidden) return;
  view = connect(location.origin, {
    role: 'viewer',
    token,
    onFrame: async (frame) => {
      if (!(await picture.draw(frame)) || drawn) return;
      drawn = true;
      find('#curtain').hidden = document.body.dataset.state === 'live';
      find('#picture-place').style.setProperty('--aspect', String(frame.width / frame.height));
    },
  });
}
document.addEventListener('visibilitychange', watch);
watch();
