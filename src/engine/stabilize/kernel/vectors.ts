// AssemblyScript, compiled to WebAssembly: arithmetic of sixteen bytes at a time.

/** Weights are in units of 1/128: the difference of two bytes times a weight fits into 16 bits. */
export const WHOLE: i32 = 128;

/** `WHOLE − w` parts of `a` and `w` of `b`, byte by byte and rounded; every lane of `w` is the same. */
export function mixed(a: v128, b: v128, w: v128): v128 {
  const half = i16x8.splat(i16(WHOLE / 2));
  const a0 = i16x8.extend_low_i8x16_u(a);
  const a1 = i16x8.extend_high_i8x16_u(a);
  const d0 = i16x8.mul(i16x8.sub(i16x8.extend_low_i8x16_u(b), a0), w);
  const d1 = i16x8.mul(i16x8.sub(i16x8.extend_high_i8x16_u(b), a1), w);
  return i8x16.narrow_i16x8_u(
    i16x8.add(a0, i16x8.shr_s(i16x8.add(d0, half), 7)),
    i16x8.add(a1, i16x8.shr_s(i16x8.add(d1, half), 7)),
  );
}

/**
 * The same for a painting `a` and the previous output `b`, rounded towards the painting, so that no difference
 * persists.
 */
export function blendedTowards(a: v128, b: v128, weights: v128): v128 {
  const a0 = i16x8.extend_low_i8x16_u(a);
  const a1 = i16x8.extend_high_i8x16_u(a);
  const d0 = i16x8.sub(i16x8.extend_low_i8x16_u(b), a0);
  const d1 = i16x8.sub(i16x8.extend_high_i8x16_u(b), a1);
  return i8x16.narrow_i16x8_u(
    i16x8.add(a0, towardsZero(i16x8.mul(d0, i16x8.extend_low_i8x16_u(weights)))),
    i16x8.add(a1, towardsZero(i16x8.mul(d1, i16x8.extend_high_i8x16_u(weights)))),
  );
}

/** Divides by {@link WHOLE}, rounding towards zero. */
function towardsZero(value: v128): v128 {
  const negative = i16x8.shr_s(value, 15);
  return i16x8.shr_s(i16x8.add(value, v128.and(negative, i16x8.splat(i16(WHOLE - 1)))), 7);
}

/** A value within bounds. */
export function clamp(value: i32, least: i32, most: i32): i32 {
  return min(most, max(least, value));
}

/** The sums of four bytes each. */
export function sums(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
}
