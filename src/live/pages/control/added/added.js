import { api } from './api.js';
import { find } from './page.js';

/** Longer side of what is sent, in pixels: more than the show looks at. */
const SIDE = 1600;
const QUALITY = 0.92;

/**
 * Takes pictures by a button, and where the page has a place for it those that are dropped on it, and adds them to the show
 * as styles, one after the other.
 *
 * `added(style)` is called with the last style that was made, `failed(error)` with each error (`message`, `hint`).
 */
export function takePictures({ added, failed }) {
  const field = find('#picture-file');
  const button = find('#picture-add');
  const place = find('#drop-place');
  const label = button.textContent;
  const waiting = [];
  let working = false;
  const take = async (files) => {
    waiting.push(...files);
    if (working) return;
    working = true;
    button.textContent = 'Adding…';
    let last;
    while (waiting.length > 0) {
      try {
        last = await add(waiting.shift());
      } catch (error) {
        failed(error);
      }
    }
    working = false;
    button.textContent = label;
    if (last) added(last);
  };
  button.addEventListener('click', () => field.click());
  field.addEventListener('change', () => {
    take([...field.files]);
    field.value = '';
  });
  if (place) listenToDrops(place, take);
}

async function add(file) {
  const name = encodeURIComponent(file.name);
  return (await api('POST', `styles?name=${name}`, await shrunk(file))).style;
}

/** A picture as a JPEG of a size that is quickly sent, whatever format the browser can open. */
async function shrunk(file) {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (!bitmap) {
    const hint = 'Choose a photograph or a scan of a painting: a JPEG, PNG or WebP.';
    throw Object.assign(new Error(`${file.name} is no picture that this browser can open.`), { hint });
  }
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
}

/** Takes files that are dropped anywhere on the page, and shows a place while they are over it. */
function listenToDrops(place, take) {
  const files = ({ dataTransfer }) => dataTransfer?.types.includes('Files');
  const over = (event) => {
    if (!files(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    place.hidden = false;
  };
  addEventListener('dragenter', over);
  addEventListener('dragover', over);
  // Leaving the window leads to no other element.
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) place.hidden = true;
  });
  addEventListener('drop', (event) => {
    if (!files(event)) return;
    event.preventDefault();
    place.hidden = true;
    take([...event.dataTransfer.files]);
  });
}
