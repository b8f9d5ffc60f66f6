import { find, make } from './page.js';

/** The stages of a frame, in order. */
const STAGES = [
  ['wait', 'Waiting'],
  ['paint', 'Painting'],
  ['encode', 'Encoding'],
  ['delivery', 'Delivery'],
];

const whole = (value) => String(Math.round(value));
const size = ({ width, height }) => `${width}×${height}`;

/** The picture's delay from captured to drawn, in whole milliseconds; undefined while nobody watches. */
export function delayOf({ latency }) {
  const delay = latency.total + latency.delivery;
  return delay > 0 ? Math.round(delay) : undefined;
}

/** Shows the statistics that the server sends once a second. */
export function showFigures(stats) {
  find('#fps-out').textContent = whole(stats.fpsOut);
  find('#fps-in').textContent = whole(stats.fpsIn);

  const { latency } = stats;
  const said = STAGES.map(([stage, title]) => `${title} ${whole(latency[stage])} ms`).join(', ');
  find('#delay').setAttribute('aria-label', `Delay by stage: ${said}`);
  find('#delay').replaceChildren(
    ...STAGES.map(([stage]) => {
      const bar = make('span', { class: stage });
      bar.style.flexGrow = String(latency[stage]);
      return bar;
    }),
  );
  find('#stages').replaceChildren(
    ...STAGES.map(([stage, title]) =>
      make('li', { class: stage }, title, make('b', {}, `${whole(latency[stage])} ms`)),
    ),
  );

  const { source, viewers } = stats.drops;
  const facts = [
    ['Computes', stats.device],
    ['Picture', size(stats.picture)],
    ['Painted at', stats.still ? 'the scene is still, nothing to paint' : size(stats.working)],
    ...(latency.mask === undefined ? [] : [['Person mask', `${whole(latency.mask)} ms of painting`]]),
    ['Source', stats.source],
    ['Viewers', whole(stats.viewers)],
    ['Controllers', whole(stats.controllers)],
    ['Dropped', `${source} at the source, ${viewers} at viewers`],
  ];
  find('#facts').replaceChildren(...facts.flatMap(([name, value]) => [make('dt', {}, name), fact(value)]));
}

function fact(value) {
  const bad = /^(lost|failed|retrying|down)/.test(value);
  return make('dd', bad ? { class: 'bad' } : {}, value);
}
