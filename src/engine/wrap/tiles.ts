import type { Size } from '../../frame.js';
import { paddedSize } from '../analysis/padded-size.js';

/** Where a tile is read, and which part of its result is kept. All in pixels of the picture. */
export interface Tile {
  /** Top left corner of what the network sees; a multiple of the network's multiple. */
  readonly x: number;
  readonly y: number;
  /** The part of the picture that this tile paints. */
  readonly core: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Tiles of one size that cover a picture. */
export interface TilePlan {
  /** Size of the picture with what is added to its right and bottom, which all tiles lie in. */
  readonly padded: Size;
  /** Size of what the network sees of the picture at once. */
  readonly tile: Size;
  readonly tiles: readonly Tile[];
}

/** What decides how a picture is cut. */
export interface TileRules {
  /** The network wants sizes that are multiples of this; tiles begin at multiples of it, so that its sampling grid lies
   * as it would in the whole picture. */
  readonly multiple: number;
  /** How far, in pixels, the network looks: the margin around a tile's core that makes it equal to the whole. */
  readonly reach: number;
  /** The most pixels that may be seen at once. */
  readonly pixels: number;
}

/**
 * Cuts a picture into the fewest overlapping tiles of at most `pixels`, or undefined when the picture fits as it is or cannot be cut.
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
      // What fits costs the work, the sum of all that is seen; what does not fit is worse, the larger the more.
      const work = columns * rows * area;
      const cost = area <= pixels ? work : Number.MAX_SAFE_INTEGER * (area / pixels) + work;
      if (!best || cost < best.cost) best = { columns, rows, cost };
    }
  }
  const { columns, rows } = best!;
  // Where the margins leave nothing to cut, the whole is no larger than its tiles would be.
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
