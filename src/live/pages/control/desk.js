/**
 * The settings as this page shows them: the server's, with the changes on top that are on their way.
 *
 * One change is on its way at a time; what is changed meanwhile goes with the next one, so that a slider sends what it
 * has come to and not every step.
 */
export class Desk {
  #send;
  #onChange;
  #onRefused;
  #server;
  #sent = {};
  #next = {};
  #busy = false;

  /**
   * `send(partial)` resolves with the settings in force, or throws an error with `message` and `hint`; `onChange` gets
   * the settings to show and the names of those still on their way.
   */
  constructor({ send, onChange, onRefused }) {
    this.#send = send;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
  }

  /** The settings to show; undefined before the server has told any. */
  get settings() {
    return this.#server && { ...this.#server, ...this.#sent, ...this.#next };
  }

  /** Takes the server's word. */
  told(settings) {
    this.#server = settings;
    this.#changed();
  }

  /** Wants settings changed. */
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
