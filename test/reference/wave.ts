/** The formula that test/reference/make.py uses as well: sin(1.7 i + phase), scaled and shifted, in single precision. */
export function waves(size: number, phase: number, scale = 1, offset = 0): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + phase) * scale + offset);
}
