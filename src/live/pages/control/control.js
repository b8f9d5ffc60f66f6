import { takePictures } from './added.js';
import { listenToBar } from './bar.js';
import { connect } from './client.js';
import { delayOf, showFigures } from './figures.js';
import { Gallery } from './gallery.js';
import { listenToLook, offerHeights, offerMasks, showLook } from './look.js';
import { Looks } from './looks.js';
import { PaintingMenu, qualities } from './menu.js';
import { OptimisticSettings } from './optimistic-settings.js';
import { Outputs } from './outputs.js';
import { find, token } from './page.js';
import { listenToShare, showAddresses, showOffset } from './share.js';
import { listen } from './shortcuts.js';
import { snapshot } from './snapshot.js';
import { SourceView } from './source-view.js';
import { toast } from './toast.js';
import { showView } from './view.js';

const STATES = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost, trying again',
  refused: 'Not let in: open the address that stylecast printed when it started',
};
let masks = [];

const optimistic = new OptimisticSettings({
  send: (settings) => link.set(settings),
  onChange: show,
  onRefused: ({ code, message, hint }) =>
    code === 'LIVE_LOST'
      ? toast('Nothing was changed: the connection is lost.', 'Try again when it is back.')
      : toast(message, hint),
});
const gallery = new Gallery(find('#gallery'), {
  choose,
  auto: () => optimistic.change({ auto: true }),
  blend: blendIn,
  more: (painting) => menu.open(painting, optimistic.settings),
  arranged: () => showBar?.(),
});
const menu = new PaintingMenu(gallery, (painting, name) => {
  const { style, second } = optimistic.settings ?? {};
  const shown = (one) => painting.variants.some(({ name }) => name === one);
  if (shown(style)) choose(name);
  else if (shown(second)) optimistic.change({ second: name });
});
const showBar = listenToBar(gallery);
const looks = new Looks({
  // A style among them ends the choice by what is to be seen, unless the look says otherwise.
  choose: (settings) => optimistic.change('style' in settings ? { auto: false, ...settings } : settings),
  title: () => find('#label').textContent,
  taken: (key) => labelOf(key),
});
const outputs = new Outputs();
const source = new SourceView();
let drawn = false;
const link = connect(location.origin, {
  role: 'control',
  token,
  onState: showState,
  onStyles: (styles, urls, ways, localUrls) => {
    gallery.fill(styles);
    masks = ways;
    // A file that is being made has nothing to change.
    document.body.classList.toggle('fixed', ways.length === 0);
    offerMasks(ways);
    showAddresses(urls, localUrls);
    looks.refresh();
    show(optimistic.settings, new Set());
  },
  onSettings: (settings) => optimistic.received(settings),
  onLooks: (list) => looks.received(list),
  onStats: (stats) => {
    showFigures(stats);
    gallery.showLearning(stats.learning);
    menu.showLearning(stats.learning);
    outputs.show(stats.outputs, optimistic.settings?.paused === true);
    showOffset(delayOf(stats));
    offerHeights(stats.picture.height);
    showPace(stats);
  },
});

function show(settings, onTheirWay) {
  if (!settings) return;
  const { style, second, blend, mask, paused } = settings;
  gallery.show(settings, onTheirWay);
  showLook(settings, offered(settings));
  showQuality(settings);
  looks.show(settings);
  find('#now').textContent = gallery.title(style);
  const more = second === null || style === null ? '' : ` with ${Math.round(blend * 100)} % ${gallery.title(second)}`;
  find('#now-with').textContent = `${more}${settings.auto ? ', chosen by what is to be seen' : ''}`;
  find('#blend-first').textContent = gallery.title(style);
  find('#blend-second').textContent = gallery.title(second);
  find('#pause').setAttribute('aria-pressed', String(paused));
  find('#pause').textContent = paused ? 'Paused' : 'Pause';
  find('#paused-note').hidden = !paused;
  source.mirror(settings.mirror);
  document.body.classList.toggle('cutout', mask === 'cutout');
}

/** The styles to blend with: each painting once, as what is in use or what goes best with it. */
function offered({ style, second, outside }) {
  return gallery.paintings
    .filter((painting) => painting !== gallery.paintingOf(style))
    .map((painting) => {
      const used = painting.variants.find(({ name }) => name === second || name === outside);
      return { name: used?.name ?? gallery.companionOf(painting), title: painting.title };
    });
}

/** The qualities that the painting shown can be had in. */
function showQuality({ style }) {
  const painting = gallery.paintingOf(style);
  find('#quality').hidden = style === null || !painting || painting.variants.length < 2;
  const known = JSON.stringify(painting);
  const place = find('#qualities');
  if (place.dataset.of !== known) place.replaceChildren(...(painting ? qualities(painting, 'quality', style) : []));
  place.dataset.of = known ?? '';
  for (const radio of place.querySelectorAll('input')) radio.checked = radio.value === style;
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
    optimistic.settings?.paused && source === 'live'
      ? 'Paused'
      : source === 'live'
        ? `Live, ${Math.round(fpsOut)} frames a second${behind}`
        : `Source ${source}`;
}

/** Selects a style; if it was the second style, that is cleared. */
function choose(name) {
  optimistic.change({
    style: name,
    auto: false,
    ...(name !== null && name === optimistic.settings?.second ? { second: null } : {}),
  });
}

function blendIn(name) {
  const { style, second, blend } = optimistic.settings ?? {};
  if (name === style) return;
  if (style === null) return choose(name);
  optimistic.change(
    name === second ? { second: null } : { second: name, blend: second === null && !blend ? 0.5 : blend },
  );
}

/** Changes the blend by a step; takes the next painting of the gallery as second where there is none yet. */
function blendBy(step) {
  const { style, second, blend } = optimistic.settings ?? {};
  const { focused, paintings } = gallery;
  if (style === null) return;
  const has = (painting, name) => painting.variants.some((one) => one.name === name);
  if (focused && !focused.kind && !has(focused, style) && !has(focused, second) && step > 0)
    return blendIn(gallery.companionOf(focused));
  if (second !== null) return optimistic.change({ blend: within(blend + step) });
  const next = paintings[(paintings.indexOf(gallery.paintingOf(style)) + 1) % paintings.length];
  if (next && !has(next, style) && step > 0) optimistic.change({ second: gallery.companionOf(next), blend: step });
}

const within = (value) => Math.min(1, Math.max(0, Math.round(value * 100) / 100));
const flip = (name) => optimistic.settings && optimistic.change({ [name]: !optimistic.settings[name] });
const strengthen = (step) =>
  optimistic.settings && optimistic.change({ strength: within(optimistic.settings.strength + step) });

takePictures({
  added: ({ name, title }) => {
    toast(
      `${title} is in the gallery, and painted with.`,
      'Behind ⋯ it can be learned better and called otherwise.',
      'good',
    );
    choose(name);
    gallery.reveal(name);
  },
  failed: ({ message, hint }) => toast(message, hint),
});
listenToShare();
listenToLook(
  (settings) => optimistic.change(settings),
  () => optimistic.settings && showLook(optimistic.settings, offered(optimistic.settings)),
);
find('#qualities').addEventListener('change', ({ target }) => {
  gallery.prefer(gallery.paintingOf(target.value), target.value);
  choose(target.value);
});
find('#pause').addEventListener('click', () => flip('paused'));
find('#snapshot').addEventListener('click', snapshot);
const labelOf = listen(
  (key) => looks.press(key),
  [
    {
      keys: [...'123456789'],
      shown: ['1', '…', '9'],
      label: 'A painting, favourites first',
      run: (key) => gallery.at(Number(key)) && gallery.choose(gallery.at(Number(key))),
    },
    { keys: ['0'], label: 'The picture as it is', run: () => choose(null) },
    { keys: ['a'], label: 'Auto: chosen by what is to be seen', run: () => flip('auto') },
    { keys: ['/'], label: 'Search', run: () => find('#search').focus() },
    {
      keys: ['f'],
      label: 'The painting in focus is a favourite, or none',
      run: () => gallery.focused && !gallery.focused.kind && gallery.toggle('favourites', gallery.focused),
    },
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
    { keys: ['r'], label: 'Record, or finish the recording', run: () => outputs.toggleRecording() },
    { keys: ['v'], label: 'Hold: the source instead of the painting', run: () => source.hold(true) },
    { keys: ['i'], label: 'The source, small in a corner', run: () => source.toggleInset() },
  ],
);

showView(() => {
  drawn = true;
  find('#curtain').hidden = document.body.dataset.state === 'live';
});
