import { connect } from './client.js';
import { Picture } from './draw.js';
import { find, token } from './page.js';

/** Frames a second of the small picture of the source. */
const INSET_FPS = 15;

/** The source beside the painting: the whole of it while a button or the picture is held, or small in a corner. */
export class SourceView {
  #canvas = find('#source');
  #picture = new Picture(this.#canvas);
  #link;
  #held = false;
  #inset = false;

  constructor() {
    const button = find('#compare');
    for (const element of [find('#picture'), this.#canvas, button]) {
      element.addEventListener('pointerdown', (event) => event.button === 0 && this.hold(true));
      // A long press on a phone would open a menu.
      element.addEventListener('contextmenu', (event) => event.preventDefault());
    }
    button.addEventListener('keydown', ({ key }) => (key === ' ' || key === 'Enter') && this.hold(true));
    for (const type of ['pointerup', 'pointercancel', 'blur', 'keyup']) addEventListener(type, () => this.hold(false));
    find('#inset').addEventListener('click', () => this.toggleInset());
  }

  /** Shows the source in the place of the painting, or the painting again. */
  hold(on) {
    if (on === this.#held) return;
    this.#held = on;
    this.#update(true);
  }

  /** Shows the source small in a corner, or no more. */
  toggleInset() {
    this.#inset = !this.#inset;
    find('#inset').setAttribute('aria-pressed', String(this.#inset));
    this.#update(false);
  }

  /** Mirrors the source as the painting is. */
  mirror(on) {
    this.#canvas.classList.toggle('mirrored', on);
  }

  #update(again) {
    const shown = this.#held || this.#inset;
    this.#canvas.classList.toggle('inset', !this.#held);
    if (this.#link && (again || !shown)) {
      this.#link.close();
      this.#link = undefined;
    }
    if (!shown) this.#canvas.hidden = true;
    if (!shown || this.#link) return;
    const link = connect(location.origin, {
      role: 'viewer',
      view: 'source',
      token,
      fps: this.#held ? undefined : INSET_FPS,
      onFrame: async (frame) => {
        const drawn = await this.#picture.draw(frame);
        if (drawn && link === this.#link) this.#canvas.hidden = false;
      },
    });
    this.#link = link;
  }
}
