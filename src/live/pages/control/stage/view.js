import { connect } from './client.js';
import { Picture } from './draw.js';
import { find, token } from './page.js';

/** The live view: an ordinary viewer, which disconnects while the page is hidden. */
const picture = new Picture(find('#picture'));
let view;

/** Shows the pictures as they come; `first()` is called with the first one. */
export function showView(first) {
  let drawn = false;
  const watch = () => {
    view?.close();
    view = undefined;
    if (document.hidden) return;
    view = connect(location.origin, {
      role: 'viewer',
      token,
      onFrame: async (frame) => {
        if (!(await picture.draw(frame)) || drawn) return;
        drawn = true;
        find('#picture-place').style.setProperty('--aspect', String(frame.width / frame.height));
        first();
      },
    });
  };
  document.addEventListener('visibilitychange', watch);
  watch();
}
