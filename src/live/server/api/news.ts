import { listen } from '../../show/listen.js';
import type { Look } from '../../show/look.js';
import type { StyleCard } from '../../show/types.js';

/** What controllers are told when it changes, beside settings. */
export type NewsItem =
  | { readonly type: 'styles'; readonly styles: readonly StyleCard[] }
  | { readonly type: 'looks'; readonly looks: readonly Look[] };

/** Passes on what has changed to all who listen. */
export class News {
  private readonly listeners = new Set<(item: NewsItem) => void>();

  tell(item: NewsItem): void {
    for (const listener of this.listeners) listener(item);
  }

  /** Returns how to stop listening. */
  listen(listener: (item: NewsItem) => void): () => void {
    return listen(this.listeners, listener);
  }
}
