/**
 * Optimistic settings: those of the server, overlaid with changes that are not confirmed yet.
 *
 * One change is in flight at a time; later changes are merged into the next one, so that a slider does not send every
 * step.
 */
export class OptimisticSettings {
  #send;
  #onChange;
  #onRefused;
  #server;
  #sent = {};
  #next = {};
  #busy = false;

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
    return this.#server && { ...this.#server, ...this.#sent, ...this.#next };
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
    if (!this.#busy) this.#work();
  }

  async #work() {
    this.#busy = true;
    while (Object.keys(this.#next).length > 0) {
      this.#sent = this.#next;
      this.#next = {};
      try {
        this.#server = await this.#send(this.#sent);
      } catch (error) {
        this.#onRefused(error);
      }
      this.#sent = {};
      this.#changed();
    }
    this.#busy = false;
  }

  #changed() {
    this.#onChange(this.settings, new Set(Object.keys({ ...this.#sent, ...this.#next })));
  }
}
