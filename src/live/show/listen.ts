import { LatestSlot } from '../../media/live/latest-slot.js';
import type { LiveFrame } from '../../media/live-frame.js';
import type { Show } from './types.js';

/** Adds a listener. Returns a function that removes it. */
export function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The frames of a show from now on, until it ends or the reader leaves: always the newest that was not read yet.
 *
 * @param finished settles when the show has ended
 */
export async function* newestFrames(
  show: Pick<Show, 'onFrame'>,
  finished: Promise<unknown>,
): AsyncGenerator<LiveFrame, void, undefined> {
  const slot = new LatestSlot<LiveFrame>();
  // The show reuses its buffers.
  const unlisten = show.onFrame((frame) => slot.put({ ...frame, data: frame.data.slice() }));
  const end = () => slot.end();
  finished.then(end, end);
  try {
    for (let frame = await slot.take(); frame; frame = await slot.take()) yield frame;
  } finally {
    unlisten();
  }
}
