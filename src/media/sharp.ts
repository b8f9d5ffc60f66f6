import { createRequire } from 'node:module';
import type load from 'sharp';
import type { Sharp } from 'sharp';

export type { Sharp };

let loaded: typeof load | undefined;

/** sharp itself, loaded when the first picture is: its native library takes longer to load than Node to start. */
export function sharp(...picture: Parameters<typeof load>): Sharp {
  loaded ??= createRequire(import.meta.url)('sharp') as typeof load;
  return loaded(...picture);
}
