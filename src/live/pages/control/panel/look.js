import { find, make } from './page.js';
import { networkOf } from './paintings.js';

const HEIGHTS = [144, 180, 240, 288, 360, 432, 480, 540, 720, 1080, 1440, 2160];

/** The detail that most styles keep by themselves. */
const USUAL_DETAIL = 0.6;

/** Form fields and their settings: how a value is shown in the field, and how it is read. */
const FIELDS = [
  { selector: '#strength', name: 'strength', put: percent, get: share },
  { selector: '#detail', name: 'detail', put: (field, value) => percent(field, value ?? USUAL_DETAIL), get: share },
  // At 0 % the second style goes; not while the slider is moved, which would take the slider away.
  { selector: '#blend', name: 'blend', put: percent, get: (field) => Math.max(0.01, share(field)) },
  { selector: '#fine', name: 'fine', put: (field, value, { blend }) => percent(field, value ?? blend), get: share },
  {
    selector: '#alike',
    name: 'fine',
    put: (field, value) => tick(field, value === null),
    // A separate fine blend starts at the common value.
    get: (field) => (field.checked ? null : share(find('#blend'))),
  },
  { selector: '#truncation', name: 'truncation', put: percent, get: share },
  { selector: '#drift', name: 'drift', put: putSeconds, get: (field) => Number(field.value) },
  {
    selector: '#second',
    name: 'second',
    put: (field, value) => (field.value = value ?? ''),
    get: (f) => f.value || null,
  },
  {
    selector: '#outside',
    name: 'outside',
    put: (field, value) => (field.value = value ?? ''),
    get: (f) => f.value || null,
  },
  { selector: '#height', name: 'height', put: putHeight, get: (field) => Number(field.value) },
  { selector: '#prefer', name: 'prefer', put: (field, value) => (field.value = value), get: (field) => field.value },
  { selector: '#keepColors', name: 'keepColors', put: tick, get: (field) => field.checked },
  { selector: '#mirror', name: 'mirror', put: tick, get: (field) => field.checked },
];

/** The field that is being dragged, which is not updated meanwhile. */
let held;

/** Calls `change(settings)` when the user changes a field, and `released()` when a slider is released. */
export function listenToLook(change, released) {
  for (const { selector, name, get } of FIELDS) {
    const field = find(selector);
    field.addEventListener('input', () => change({ [name]: get(field) }));
    field.addEventListener('pointerdown', () => {
      if (field.type === 'range') held = field;
    });
  }
  for (const type of ['pointerup', 'pointercancel', 'blur']) {
    addEventListener(type, () => {
      if (!held) return;
      held = undefined;
      released();
    });
  }
  find('#blend').addEventListener('change', ({ target }) => Number(target.value) === 0 && change({ blend: 0 }));
  find('#mask').addEventListener('change', (event) => change({ mask: event.target.value }));
}

/** Shows the settings in the fields; `others` are the styles to blend with. */
export function showLook(settings, others) {
  const painted = settings.style !== null;
  find('#second-row').hidden = !painted || others.length === 0;
  fillStyles('#second', 'Nothing', others);
  fillStyles('#outside', 'The source', others);
  find('#outside-row').hidden =
    !painted || others.length === 0 || settings.mask === 'none' || settings.mask === 'cutout';
  for (const { selector, name, put } of FIELDS) {
    const field = find(selector);
    if (field !== held) put(field, settings[name], settings);
  }
  find('#strength-value').textContent = `${Math.round(settings.strength * 100)} %`;
  const { detail } = settings;
  find('#detail-value').textContent = detail === null ? 'as the style has it' : `${Math.round(detail * 100)} %`;
  find('#blend-row').hidden = !painted || settings.second === null;
  const { style, second, fine } = settings;
  const together = second !== null && networkOf(style) !== undefined && networkOf(style) === networkOf(second);
  find('#alike-row').hidden = !together;
  find('#fine-row').hidden = !together || fine === null;
  find('#fine-value').textContent = `${Math.round(fine * 100)} %`;
  const shown = second !== null && settings.blend > 0 ? [style, second] : [style];
  find('#truncation-row').hidden = shown.every((name) => networkOf(name) === undefined);
  find('#truncation-value').textContent = `${Math.round(settings.truncation * 100)} %`;
  find('#drift-row').hidden = networkOf(style) === undefined;
  find(`#mask [value=${settings.mask}]`).checked = true;
}

/** Limits the heights on offer to that of the picture. */
export function offerHeights(most) {
  const field = find('#height');
  if (field === document.activeElement || field.dataset.most === String(most)) return;
  const value = field.value;
  field.dataset.most = String(most);
  field.replaceChildren(...HEIGHTS.filter((height) => height <= most).map(heightOption));
  if (value) putHeight(field, Number(value));
}

/** Shows the available mask modes. */
export function offerMasks(masks) {
  find('#mask-picture').hidden = !masks.includes('picture');
}

/** Fills a choice of styles, none of them first. */
function fillStyles(selector, none, cards) {
  const field = find(selector);
  const offered = JSON.stringify(cards);
  if (field.dataset.offered === offered) return;
  field.dataset.offered = offered;
  field.replaceChildren(
    make('option', { value: '' }, none),
    ...cards.map(({ name, title }) => make('option', { value: name }, title)),
  );
}

function putSeconds(field, value) {
  if (![...field.options].some((option) => Number(option.value) === value)) {
    field.append(make('option', { value: String(value) }, `Every ${value} seconds`));
  }
  field.value = String(value);
}

function heightOption(height) {
  return make('option', { value: String(height) }, `${height} lines`);
}

function putHeight(field, value) {
  if (![...field.options].some((option) => Number(option.value) === value)) field.append(heightOption(value));
  field.value = String(value);
}

function percent(field, value) {
  field.value = String(Math.round(value * 100));
}

function share(field) {
  return field.valueAsNumber / 100;
}

function tick(field, value) {
  field.checked = value;
}
