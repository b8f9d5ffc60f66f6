import { find } from './page.js';
import { RESERVED } from './shortcuts.js';

/** Asks for the name, the colour and the key of a look, and what is to be done with it. */
export class LookDialog {
  #dialog = find('#look-dialog');
  #taken;
  #name;
  #done;

  /** `taken(key, name)` names what a key does already, but for the look of that name; undefined where it is free. */
  constructor({ taken }) {
    this.#taken = taken;
    find('#look-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#answer(event.submitter?.value ?? 'keep');
    });
    find('#look-cancel').addEventListener('click', () => this.#dialog.close());
    this.#dialog.addEventListener('click', (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener('close', () => this.#done?.(undefined));
    find('#look-key').addEventListener('input', () => this.#warn());
  }

  /** Resolves with `action`, `name`, `color` and `key`; undefined where it was closed. `kept` tells that it is there already. */
  ask({ name, color, key }, kept) {
    this.#name = kept ? name : undefined;
    find('#look-dialog-title').textContent = kept ? 'Change a look' : 'Keep this look';
    find('#look-name').value = name;
    find('#look-color').value = color ?? '#888888';
    find('#look-key').value = key ?? '';
    find('#look-more').hidden = !kept;
    this.#warn();
    this.#dialog.showModal();
    find('#look-name').select();
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  #answer(action) {
    const answer = {
      action,
      name: find('#look-name').value.trim(),
      color: find('#look-color').value,
      key: find('#look-key').value.trim(),
    };
    const done = this.#done;
    this.#done = undefined;
    this.#dialog.close();
    done?.(answer);
  }

  #warn() {
    const field = find('#look-key');
    const key = field.value.trim();
    const reserved = RESERVED.includes(key) ? `${key} keeps what it does: choose another one.` : '';
    field.setCustomValidity(reserved);
    const taken = key === '' ? undefined : this.#taken(key, this.#name);
    const said = taken === undefined ? 'One character.' : `In the place of: ${taken}`;
    find('#look-key-hint').textContent = reserved || said;
  }
}
