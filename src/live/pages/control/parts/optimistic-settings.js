/** Milliseconds between changes that are sent: a slider sends what it has come to and not every step. */
const INTERVAL = 40;

/**
 * Optimistic settings: those of the server, overlaid with changes that are not confirmed yet.
 *
 * A change does not wait for the answer to the one before, which may have to load a style: the last one wins, field by
 * field, here as at the server.
 */
export class OptimisticSettings {
  #send;
  #onChange;
  #onRefused;
  #server;
  /** Changes without an answer yet, the oldest first, each with the fields that no newer one has. */
  #sent = [];
  #next = {};
  #timer;

  /**
   * `send(partial)` resolves with the settings in force, or throws an error with `message` and `hint`; `onChange` gets
   * the settings to show and the names of those not confirmed yet.
   */
  constructor({ send, onChange, onRefused }) {
    this.#send = send;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
  }

  /** The settings to show; undefined before the server has sent any. */
  get settings() {
    return this.#server && { ...this.#server, ...this.#onTheirWay };
  }

  /** Takes over the server's settings. */
  received(settings) {
    this.#server = settings;
    this.#changed();
  }

  /** Changes settings. */
  change(settings) {
    if (!this.#server) return;
    this.#next = { ...this.#next, ...settings };
    this.#changed();
    if (this.#timer === undefined) this.#flush();
  }

  get #onTheirWay() {
    return Object.assign({}, ...this.#sent, this.#next);
  }

  #flush() {
    this.#timer = undefined;
    if (Object.keys(this.#next).length === 0) return;
    this.#work(this.#next);
    this.#next = {};
    this.#timer = setTimeout(() => this.#flush(), INTERVAL);
  }

  async #work(settings) {
    for (const older of this.#sent) for (const name of Object.keys(settings)) delete older[name];
    const change = { ...settings };
    this.#sent.push(change);
    try {
      this.#server = await this.#send(settings);
    } catch (error) {
      this.#onRefused(error);
    }
    this.#sent = this.#sent.filter((one) => one !== change);
    this.#changed();
  }

  #changed() {
    this.#onChange(this.settings, new Set(Object.keys(this.#onTheirWay)));
  }
}
