import { save, withToken } from './page.js';
import { toast } from './toast.js';

/** Gives the user the picture that is shown, as a file. */
export async function snapshot() {
  const time = new Date().toISOString().slice(0, 19).replace('T', '-').replace(/:/g, '');
  // A PNG keeps what is cut out transparent.
  const response = await fetch(withToken('/snapshot.png')).catch(() => undefined);
  if (response?.ok) save(await response.blob(), `stylecast-${time}.png`);
  else toast('The server has no picture to give.', 'Wait for the picture, then try again.');
}
