import { api } from './api.js';
import { LookDialog } from './look-dialog.js';
import { find, make, save } from './page.js';
import { toast } from './toast.js';

/** Colours that new looks are given, one after the other. */
const COLORS = ['#c9553d', '#d9a441', '#5b9c86', '#3f6fb5', '#7a4f9a', '#b0476f'];

/** The looks that are kept: buttons that choose them, and what changes them. */
export class Looks {
  #looks = [];
  #settings;
  #choose;
  #title;
  #dialog;

  /** `choose(settings)` is called with the settings of a look, `title()` gives a name for what is set. */
  constructor({ choose, title, taken }) {
    this.#choose = choose;
    this.#title = title;
    this.#dialog = new LookDialog({ taken: (key, name) => this.#holder(key, name) ?? taken(key) });
    find('#look-keep').addEventListener('click', () => this.#keep());
    find('#looks-export').addEventListener('click', () => this.#export());
    find('#looks-file').addEventListener('change', ({ target }) => this.#import(target));
    find('#looks-import').addEventListener('click', () => find('#looks-file').click());
  }

  /** Reads the looks that there are. */
  async refresh() {
    await this.#attempt(async () => this.#show((await api('GET', 'looks')).looks));
  }

  /** Takes over looks that somebody has changed. */
  received(looks) {
    this.#show(looks);
  }

  /** Marks the look that is what is set. */
  show(settings) {
    this.#settings = settings;
    for (const [at, button] of [...document.querySelectorAll('.look')].entries()) {
      const is = Object.entries(this.#looks[at].settings).every(([name, value]) => settings[name] === value);
      button.setAttribute('aria-pressed', String(is));
    }
  }

  /** Chooses the look of a key; tells whether there is one. */
  press(key) {
    const look = this.#looks.find((one) => one.key === key);
    if (look) this.#choose(look.settings);
    return look !== undefined;
  }

  #show(looks) {
    this.#looks = looks;
    find('#no-looks').hidden = looks.length > 0;
    find('#looks-export').hidden = looks.length === 0;
    find('#looks').replaceChildren(...looks.map((look) => this.#row(look)));
    if (this.#settings) this.show(this.#settings);
  }

  #row(look) {
    const { name, color, key } = look;
    const button = make('button', { type: 'button', class: 'look' }, make('span', {}, name));
    if (color) button.style.setProperty('--color', color);
    if (key) {
      button.append(make('kbd', { 'aria-hidden': 'true' }, key));
      button.setAttribute('aria-keyshortcuts', key);
    }
    button.addEventListener('click', () => this.#choose(look.settings));
    const edit = make('button', { type: 'button', class: 'quiet', 'aria-label': `Change the look ${name}` }, '⋯');
    edit.addEventListener('click', () => this.#edit(look));
    return make('li', { class: 'look-row' }, button, edit);
  }

  async #keep() {
    const color = COLORS[this.#looks.length % COLORS.length];
    const name = this.#free(this.#title());
    await this.#ask({ name, color }, async ({ name, color, key }) => {
      if (this.#looks.some((look) => look.name === name)) throw new Error(`There is a look ${name} already.`);
      await api('PUT', `looks/${encodeURIComponent(name)}`, { color, key });
    });
  }

  async #edit(look) {
    await this.#ask(look, async ({ action, name, color, key }) => {
      const { looks } = await api('GET', 'looks');
      const at = looks.findIndex((one) => one.name === look.name);
      if (at < 0) throw new Error(`The look ${look.name} is not there any more.`);
      const [before] = looks.splice(at, 1);
      const step = { earlier: -1, later: 1 }[action] ?? 0;
      if (action !== 'delete') {
        const settings =
          action === 'take' ? (await api('PUT', `looks/${encodeURIComponent(look.name)}`)).settings : before.settings;
        looks.splice(Math.max(0, at + step), 0, { name, color, key, settings });
      }
      await api('PUT', 'looks', { looks });
    });
  }

  /** Asks for a look's name, colour and key, and does what was answered; asks again where that is refused. */
  async #ask(look, act) {
    const answer = await this.#dialog.ask(look, this.#looks.includes(look));
    if (!answer) return;
    if (await this.#attempt(() => act({ ...answer, key: answer.key || undefined }))) await this.refresh();
    else await this.#ask({ ...look, ...answer }, act);
  }

  #export() {
    const text = JSON.stringify({ looks: this.#looks }, null, 2);
    save(new Blob([text], { type: 'application/json' }), 'stylecast-looks.json');
  }

  /** Adds the looks of a file to those that there are; those of the same name are replaced. */
  async #import(field) {
    const [file] = field.files;
    field.value = '';
    if (!file) return;
    const done = await this.#attempt(async () => {
      const brought = await file
        .text()
        .then(JSON.parse)
        .catch(() => undefined);
      if (!Array.isArray(brought?.looks))
        throw Object.assign(new Error(`${file.name} holds no looks.`), { hint: 'Choose a file that Export has made.' });
      const { looks } = await api('GET', 'looks');
      const names = brought.looks.map((look) => look?.name);
      await api('PUT', 'looks', { looks: [...looks.filter(({ name }) => !names.includes(name)), ...brought.looks] });
    });
    if (done) await this.refresh();
  }

  async #attempt(act) {
    try {
      await act();
      return true;
    } catch ({ message, hint, code }) {
      // Before the show begins there are none.
      if (code !== 'LIVE_WAITING') toast(message, hint);
      return false;
    }
  }

  #holder(key, name) {
    return this.#looks.find((look) => look.key === key && look.name !== name)?.name;
  }

  #free(title) {
    const names = this.#looks.map(({ name }) => name);
    for (let n = 1; ; n++) {
      const name = n === 1 ? title : `${title} ${n}`;
      if (!names.includes(name)) return name;
    }
  }
}
