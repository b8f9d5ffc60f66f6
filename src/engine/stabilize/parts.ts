import { estimateShift } from './shift.js';
import type { ProfilePart } from './zoom.js';

/** Number of parts of each band. */
const PARTS = 4;
/** Largest motion between two pictures as a share of the axis: faster motion is blurred anyway. */
export const MAX_SHIFT = 0.04;
/** Above this residual, the content of a part has changed. */
export const MAX_RESIDUAL = 0.35;

/** How the parts of each band of an axis have shifted; undefined for those that were flat. */
export function partShifts(
  earlier: readonly Float32Array[],
  later: readonly Float32Array[],
): (ProfilePart | undefined)[] {
  const most = Math.max(1, Math.floor(earlier[0]!.length * MAX_SHIFT));
  // Away from the ends, so that each part can be matched in both directions.
  const length = Math.floor((earlier[0]!.length - 2 * most) / PARTS);
  return earlier.flatMap((profile, band) =>
    Array.from({ length: PARTS }, (_, part) => {
      const from = most + part * length;
      const shift = estimateShift(profile, later[band]!, from, length, most);
      return shift && { ...shift, at: from + (length - profile.length) / 2 };
    }),
  );
}
