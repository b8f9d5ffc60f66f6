/** Share of a picture that the person must cover to count: less is often something else, such as a rocket. */
const LEAST = 0.02;

/**
 * Overlap of the person masks of a picture and of its painting: intersection over union of the pixels above a half. 1 is
 * equal, 0 disjoint.
 *
 * @param source,painting masks of one size, 1 on the person and 0 elsewhere.
 * @returns undefined where there is no person in the source: less than 2 % of it.
 */
export function maskOverlap(source: Float32Array, painting: Float32Array): number | undefined {
  let [own, shared, together] = [0, 0, 0];
  for (let i = 0; i < source.length; i++) {
    const [a, b] = [source[i]! > 0.5, painting[i]! > 0.5];
    if (a) own += 1;
    if (a && b) shared += 1;
    if (a || b) together += 1;
  }
  return own < LEAST * source.length ? undefined : shared / together;
}
