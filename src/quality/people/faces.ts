import { type Box, boxOverlap } from './box.js';

/** Lowest score of a face that counts. */
const MINIMUM_SCORE = 0.5;
/** Boxes that overlap more than this are the same face. */
const SAME = 0.5;
/** Divisors of the box coder, for centres and for sizes. */
const [CENTRE, EXTENT] = [10, 5];

/** A face with the score of the detector, 0 to 1. */
export interface Face extends Box {
  readonly score: number;
}

/**
 * Decodes the faces from the outputs of the detector, by falling score, with non-maximum suppression.
 *
 * @param codes,scores outputs of `faceModel`, [n, 4] and [n, 3].
 * @param anchors [n, 4]: top, left, bottom, right as shares of the square's side.
 * @param side of the square input, in pixels of the picture.
 */
export function facesOf(codes: Float32Array, scores: Float32Array, anchors: Float32Array, side: number): Face[] {
  const candidates: Face[] = [];
  for (let i = 0; i * 4 < codes.length; i++) {
    const score = scores[i * 3 + 1]!;
    if (score < MINIMUM_SCORE) continue;
    const [top, left, bottom, right] = anchors.subarray(i * 4, i * 4 + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const [y, x, h, w] = codes.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number];
    const height = (bottom - top) * Math.exp(h / EXTENT);
    const width = (right - left) * Math.exp(w / EXTENT);
    const middleY = (top + bottom) / 2 + (y / CENTRE) * (bottom - top);
    const middleX = (left + right) / 2 + (x / CENTRE) * (right - left);
    candidates.push({
      score,
      left: (middleX - width / 2) * side,
      top: (middleY - height / 2) * side,
      width: width * side,
      height: height * side,
    });
  }
  candidates.sort((a, b) => b.score - a.score);
  return candidates.filter((face, at) => !candidates.slice(0, at).some((better) => boxOverlap(face, better) > SAME));
}

/** Number of the source's faces that are found in the painting, in a box that overlaps theirs by half. */
export function facesFound(source: readonly Box[], painting: readonly Box[]): number {
  return source.filter((face) => painting.some((found) => boxOverlap(face, found) >= SAME)).length;
}
