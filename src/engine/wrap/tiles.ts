import type { Size } from '../../frame.js';
import { paddedSize } from '../analysis/padded-size.js';

/** Position of a tile, and the part of its result that is kept, in pixels of the picture. */
export interface Tile {
  /** Top left corner of the network's input; a multiple of the network's multiple. */
  readonly x: number;
  readonly y: number;
  /** The part of the picture that this tile paints. */
  readonly core: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Tiles of one size that cover a picture. */
export interface TilePlan {
  /** Size of the padded picture, which contains all tiles. */
  readonly padded: Size;
  /** Size of the network's input. */
  readonly tile: Size;
  readonly tiles: readonly Tile[];
}

/** Constraints on the tiles of a picture. */
export interface TileRules {
  /** Input sizes must be multiples of this; tiles begin at multiples of it, so that the sampling grid is the same as in
   * the whole picture. */
  readonly multiple: number;
  /** Receptive radius in pixels: the margin around a tile's core that makes it equal to the whole. */
  readonly reach: number;
  /** Largest number of pixels per tile. */
  readonly pixels: number;
}

/**
 * Cuts a picture into the fewest overlapping tiles of at most `pixels`, or undefined when the whole picture fits or
 * cannot be cut.
 *
 * Tiles that touch the picture's edge end there, so that the network pads the edge as it would in the whole picture.
 * Where the margin alone is larger than what fits, the tiles are the smallest possible and exceed `pixels`.
 */
export function planTiles(picture: Size, { multiple, reach, pixels }: TileRules): TilePlan | undefined {
  const up = (value: number) => Math.ceil(value / multiple) * multiple;
  const padded = paddedSize(picture, multiple);
  const { width, height } = padded;
  if (width * height <= pixels) return undefined;
  const margin = up(reach);
  // Cores smaller than half a margin would be nearly all overlap.
  const smallest = Math.max(multiple, margin / 2);
  const along = (length: number, count: number) => {
    const core = up(length / count);
    return count === 1 ? length : Math.min(length, core + 2 * margin);
  };
  let best: { columns: number; rows: number; cost: number } | undefined;
  const most = (length: number) => Math.max(1, Math.floor(length / smallest));
  for (let columns = 1; columns <= most(width); columns++) {
    for (let rows = 1; rows <= most(height); rows++) {
      const area = along(width, columns) * along(height, rows);
      // The cost of a plan is its total number of input pixels; plans with too large tiles come last, the larger the
      // later.
      const work = columns * rows * area;
      const cost = area <= pixels ? work : Number.MAX_SAFE_INTEGER * (area / pixels) + work;
      if (!best || cost < best.cost) best = { columns, rows, cost };
    }
  }
  const { columns, rows } = best!;
  // With large margins the whole picture may be no larger than its tiles.
  if (columns * rows === 1) return undefined;
  const tile = { width: along(width, columns), height: along(height, rows) };
  const across = spans(picture.width, width, up(width / columns), tile.width, margin);
  const down = spans(picture.height, height, up(height / rows), tile.height, margin);
  return {
    padded,
    tile,
    tiles: down.flatMap((v) =>
      across.map((h) => ({
        x: h.at,
        y: v.at,
        core: { x: h.core, y: v.core, width: h.length, height: v.length },
      })),
    ),
  };
}

/** Cuts one axis of `length` pixels, `padded` with the padding, into cores and the windows around them. */
function spans(length: number, padded: number, core: number, window: number, margin: number) {
  const parts: { at: number; core: number; length: number }[] = [];
  for (let start = 0; start < length; start += core) {
    const at = Math.min(Math.max(0, start - margin), padded - window);
    parts.push({ at, core: start, length: Math.min(core, length - start) });
  }
  return parts;
}
