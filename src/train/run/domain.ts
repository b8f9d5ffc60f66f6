import type { SentTensor } from '../../engine/threads/graph-session.js';
import type { Photographs } from '../data/photographs.js';
import type { TrainSettings } from '../settings/settings.js';

/** Crops of a domain, step by step: `domain` uint8 [n, s, s, 3]; those of the next step are prefetched. */
export function domainFeed(
  domain: Photographs,
  { seed, batch, size }: Pick<TrainSettings, 'seed' | 'batch' | 'size'>,
): (index: number) => Promise<{ readonly domain: SentTensor }> {
  const crops = (index: number) => domain.crops(seed + 4, index, batch, size);
  let ahead: { readonly index: number; readonly bytes: Promise<Uint8Array> } | undefined;
  return async (index) => {
    const data = await (ahead?.index === index ? ahead.bytes : crops(index));
    ahead = { index: index + 1, bytes: crops(index + 1) };
    // A failed prefetch is handled when it is awaited.
    ahead.bytes.catch(() => undefined);
    return { domain: { type: 'uint8', dims: [batch, size, size, 3], data } };
  };
}
