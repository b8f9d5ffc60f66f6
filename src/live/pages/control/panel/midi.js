import { controlAt, controlOf, describe, mark, steer } from './midi-targets.js';
import { find, make } from './page.js';
import { toast } from './toast.js';

const KEY = 'stylecast-midi';
const HINT = 'Steer with the knobs and pads of a MIDI controller.';
const CHOOSE = 'Click what is to be steered: a slider, a switch, a painting, a look, a button.';

/** What each message steers, by its name (`CC 74`, `Note 36, channel 10`): the newest last. */
const bindings = kept();
/** The last value of each message. */
const values = new Map();
let learning = false;
let chosen;

function kept() {
  try {
    return new Map(JSON.parse(localStorage.getItem(KEY)));
  } catch {
    // Nothing kept yet, or the browser's settings forbid it: it is kept for as long as the page is open.
    return new Map();
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify([...bindings]));
  } catch {
    // As above.
  }
}

async function connect() {
  if (!navigator.requestMIDIAccess) {
    tell(
      isSecureContext
        ? 'This browser has no MIDI. Chrome, Edge and Firefox have.'
        : 'Browsers give MIDI only to safe pages: start stylecast with --tls, or open this page on the computer itself.',
    );
    return;
  }
  try {
    const access = await navigator.requestMIDIAccess();
    const listen = () => {
      const inputs = [...access.inputs.values()];
      for (const input of inputs) input.onmidimessage = ({ data }) => receive(data);
      find('#midi-learn').hidden = false;
      find('#midi-connect').hidden = true;
      const names = inputs.map(({ name }) => name).join(', ');
      if (!learning)
        tell(names ? `Connected: ${names}` : 'No controller is there yet. It is found when it is plugged in.');
    };
    access.onstatechange = listen;
    listen();
  } catch {
    tell('MIDI was not allowed. Allow it in the browser’s settings for this page, then connect again.');
  }
}

/** A knob, a key or a pad; everything else (clock, pressure, programs) is left out. */
function receive([status, number, value]) {
  const kind = status & 0xf0;
  const note = kind === 0x90 || kind === 0x80;
  if (kind !== 0xb0 && !note) return;
  const channel = (status & 0x0f) + 1;
  const name = `${note ? 'Note' : 'CC'} ${number}${channel === 1 ? '' : `, channel ${channel}`}`;
  const now = kind === 0x80 ? 0 : value;
  if (learning && chosen) return bind(name);
  const target = bindings.get(name);
  const control = target && !learning ? controlOf(target) : undefined;
  if (control) steer(control, { value: now, before: values.get(name) ?? 0, note });
  values.set(name, now);
}

function bind(name) {
  const { label } = chosen;
  // What moved last is what counts: a knob steers one thing.
  bindings.delete(name);
  bindings.set(name, chosen);
  keep();
  show();
  chosen = undefined;
  mark(undefined);
  tell(`${name} steers ${label}. ${CHOOSE}`);
  toast(`${name} steers ${label}.`, CHOOSE, 'good');
}

function learn(on) {
  learning = on;
  chosen = undefined;
  mark(undefined);
  document.body.classList.toggle('learns-midi', on);
  find('#midi-learn').setAttribute('aria-pressed', String(on));
  find('#midi-learn').textContent = on ? 'Done' : 'Learn';
  tell(on ? CHOOSE : HINT);
}

/** While learning, what is pressed is chosen, and does nothing else. */
function choose(event) {
  const control = learning && event.target instanceof Element ? controlAt(event.target) : undefined;
  if (!control) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.type === 'pointerdown') return;
  chosen = describe(control);
  mark(control);
  tell(`Now move a knob, or press a pad, for ${chosen.label}.`);
  toast(find('#midi-hint').textContent, undefined, 'good');
}

function show() {
  find('#midi-bindings').replaceChildren(
    ...[...bindings].map(([name, { label }]) => {
      const remove = make('button', { type: 'button', class: 'quiet', 'aria-label': `Forget ${name}` }, '✕');
      remove.addEventListener('click', () => {
        bindings.delete(name);
        keep();
        show();
      });
      return make('li', {}, make('span', {}, `${label}`), make('small', {}, name), remove);
    }),
  );
}

function tell(text) {
  find('#midi-hint').textContent = text;
}

for (const type of ['pointerdown', 'click']) document.addEventListener(type, choose, { capture: true });
document.addEventListener(
  'keydown',
  (event) => {
    if (!learning) return;
    if (event.key === 'Escape') learn(false);
    else if (event.key === 'Enter') choose(event);
  },
  { capture: true },
);
find('#midi-connect').addEventListener('click', connect);
find('#midi-learn').addEventListener('click', () => learn(!learning));
tell(HINT);
show();
// Where it was allowed before, it needs no press.
if (bindings.size > 0) {
  const { state } = (await navigator.permissions?.query({ name: 'midi' }).catch(() => undefined)) ?? {};
  if (state === 'granted') connect();
}
