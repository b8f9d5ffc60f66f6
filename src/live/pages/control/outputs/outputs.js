import { api } from './api.js';
import { find, make } from './page.js';
import { toast } from './toast.js';

/** What an output does while it is live, by its kind. */
const DOES = { record: 'Recording', publish: 'Streaming', hls: 'Writing', 'virtual-camera': 'On' };

/** The outputs of the show: what runs, and what starts and stops them. */
export class Outputs {
  #rows = new Map();
  #recording = false;

  constructor() {
    find('#record').addEventListener('click', () => this.toggleRecording());
    find('#publish-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start('publish', { url: find('#publish-url').value.trim() });
      // The key in it is not to stay on the screen.
      find('#publish-url').value = '';
    });
    find('#hls-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start('hls', { folder: find('#hls-folder').value.trim() });
    });
  }

  /** Shows what the show tells of its outputs once a second. */
  show(outputs, paused) {
    const all = Object.entries(outputs);
    for (const [name, row] of this.#rows) {
      if (name in outputs) continue;
      row.remove();
      this.#rows.delete(name);
    }
    for (const [name, output] of all) {
      if (!this.#rows.has(name)) this.#add(name, output);
      const row = this.#rows.get(name);
      const { text, bad } = told(output, paused);
      row.querySelector('.told').textContent = text;
      row.classList.toggle('bad', bad);
    }
    find('#no-outputs').hidden = all.length > 0;
    const running = all.filter(([, { kind, state }]) => kind === 'record' && !state.startsWith('failed'));
    this.#recording = running.length > 0;
    find('#record').setAttribute('aria-pressed', String(this.#recording));
    find('#record').textContent = this.#recording
      ? `Recording ${clock(Math.max(...running.map(([, { seconds }]) => seconds)))}`
      : 'Record';
  }

  toggleRecording() {
    if (this.#recording) this.#stop('record');
    else this.#start('record', {});
  }

  #add(name, { kind }) {
    const about = make('p', {}, make('strong', {}, name), make('span', { class: 'told' }));
    const stop = make('button', { type: 'button', 'aria-label': `Stop ${name}` }, 'Stop');
    stop.addEventListener('click', () => this.#stop(kind, name));
    const row = make('li', {}, about, ...(kind === 'virtual-camera' ? [] : [stop]));
    this.#rows.set(name, row);
    find('#outputs').append(row);
  }

  async #start(kind, body) {
    try {
      await api('POST', `${kind}/start`, body);
    } catch ({ message, hint }) {
      toast(message, hint);
    }
  }

  async #stop(kind, name) {
    try {
      const { stopped } = await api('POST', `${kind}/stop`, name === undefined ? {} : { output: name });
      for (const one of stopped) toast(`Finished: ${one}`, undefined, 'good');
    } catch ({ message, hint }) {
      toast(message, hint);
    }
  }
}

function told({ kind, state, seconds, bytes, dropped }, paused) {
  const bad = !/^(live|connecting)/.test(state);
  const does = state === 'live' ? `${DOES[kind]}${paused ? ', paused' : ''}` : state;
  const parts = [does.charAt(0).toUpperCase() + does.slice(1), clock(seconds)];
  if (bytes !== undefined) parts.push(size(bytes));
  if (dropped > 0) parts.push(`${dropped} frames left out`);
  return { text: parts.join(' · '), bad };
}

/** Seconds as hours, minutes and seconds. */
function clock(seconds) {
  const [h, m, s] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => Math.floor(part));
  const two = (part) => String(part).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function size(bytes) {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
