/** What can be steered: whatever is moved or pressed on this page, but for what has to be held. */
const STEERED =
  'input[type=range], input[type=checkbox], input[type=radio], .tile, .look, .actions button:not(#compare)';

/** What buttons are called whose text tells how things are. */
const LABELS = { record: 'Record', pause: 'Pause' };

/** From here on a knob means on, and a pad pressed. */
const ON = 64;
const MOST = 127;

/** The control that an element is or lies in; undefined where it is none. */
export function controlAt(element) {
  const label = element.closest('label');
  return element.closest(STEERED) ?? label?.querySelector(STEERED) ?? undefined;
}

/** How a control is found again, and what it is called. */
export function describe(control) {
  if (control.matches('.tile')) return { kind: 'tile', name: control.title, label: control.title };
  if (control.matches('.look')) {
    const name = control.querySelector('span').textContent;
    return { kind: 'look', name, label: `Look ${name}` };
  }
  const words = control.labels?.[0]?.textContent ?? control.textContent;
  const label = words.replace(/\s+/g, ' ').trim();
  if (control.type === 'radio') return { kind: 'radio', name: `${control.name} ${control.value}`, label };
  return { kind: 'id', name: control.id, label: LABELS[control.id] ?? label };
}

/** The control that was described; undefined where it is not there now. */
export function controlOf({ kind, name }) {
  if (kind === 'id') return document.getElementById(name) ?? undefined;
  const all = { tile: '.tile', look: '.look', radio: 'input[type=radio]' }[kind];
  return [...document.querySelectorAll(all)].find((one) => describe(one).name === name);
}

/**
 * Moves or presses a control. A slider goes where the knob is, a switch is on from the middle on, and anything else is pressed
 * when the value comes up from below the middle. `note` is a key or pad, which presses a switch too.
 */
export function steer(control, { value, before, note }) {
  // A painting that a search leaves out is still there.
  if (control.disabled || (!control.matches('.tile') && control.closest('[hidden]'))) return;
  const rises = value >= ON && before < ON;
  if (control.type === 'range') {
    const [least, most] = [Number(control.min), Number(control.max)];
    control.value = String(least + (value / MOST) * (most - least));
    control.dispatchEvent(new Event('input', { bubbles: true }));
    control.dispatchEvent(new Event('change', { bubbles: true }));
  } else if (control.type === 'checkbox' && !note) {
    if (control.checked !== value >= ON) control.click();
  } else if (note ? value > 0 : rises) control.click();
}

/** Shows that a control waits for a knob; that none does, without one. */
export function mark(control) {
  for (const one of document.querySelectorAll('.waits-for-midi')) one.classList.remove('waits-for-midi');
  (control?.closest('label') ?? control)?.classList.add('waits-for-midi');
}
