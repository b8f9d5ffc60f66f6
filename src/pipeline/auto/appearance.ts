/** Size in pixels to which pictures are scaled for measuring their appearance, whatever their aspect ratio. */
export const APPEARANCE_SIZE = { width: 96, height: 54 } as const;

/** Weight of edges relative to colours: a gradient of one L* per pixel counts as two L* of colour difference. */
const EDGES = 2;

/** Palette and texture of a picture in a few numbers. */
export interface Appearance {
  /** Mean of L*, a*, b* (CIE 1976, D65): L* 0 to 100, the others about −100 to 100. */
  readonly mean: readonly number[];
  /** Standard deviation of each. */
  readonly deviation: readonly number[];
  /** Mean length of the gradient of L*, in L* a pixel. */
  readonly edges: number;
}

/**
 * Measures a small picture.
 *
 * @param data RGB24 in sRGB, rows of `width` pixels; of {@link APPEARANCE_SIZE} or several of it side by side
 */
export function appearanceOf(data: Uint8Array, width: number = APPEARANCE_SIZE.width): Appearance {
  const pixels = data.length / 3;
  const light = new Float64Array(pixels);
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  for (let i = 0; i < pixels; i++) {
    const lab = labOf(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!);
    light[i] = lab[0]!;
    for (let c = 0; c < 3; c++) {
      sums[c]! += lab[c]!;
      squares[c]! += lab[c]! ** 2;
    }
  }
  let gradient = 0;
  let places = 0;
  for (let i = 0; i + width < pixels; i++) {
    if (i % width === width - 1) continue;
    gradient += Math.hypot(light[i + 1]! - light[i]!, light[i + width]! - light[i]!);
    places++;
  }
  const mean = sums.map((sum) => sum / pixels);
  const deviation = squares.map((square, c) => Math.sqrt(Math.max(0, square / pixels - mean[c]! ** 2)));
  return { mean, deviation, edges: gradient / places };
}

/** The mean of several appearances. */
export function meanAppearance(all: readonly Appearance[]): Appearance {
  const over = (value: (one: Appearance) => number) => all.reduce((sum, one) => sum + value(one), 0) / all.length;
  return {
    mean: [0, 1, 2].map((c) => over(({ mean }) => mean[c]!)),
    deviation: [0, 1, 2].map((c) => over(({ deviation }) => deviation[c]!)),
    edges: over(({ edges }) => edges),
  };
}

/**
 * Distance of two appearances in L*: the Fréchet distance of their colours as uncorrelated Gaussians (Dowson and Landau
 * 1982), with the difference of their edges as one more dimension.
 */
export function distanceOf(a: Appearance, b: Appearance): number {
  let sum = (EDGES * (a.edges - b.edges)) ** 2;
  for (let c = 0; c < 3; c++) {
    sum += (a.mean[c]! - b.mean[c]!) ** 2 + (a.deviation[c]! - b.deviation[c]!) ** 2;
  }
  return Math.sqrt(sum);
}

/** Linear light of each sRGB level. */
const LINEAR = Float64Array.from({ length: 256 }, (_, level) => {
  const share = level / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

function labOf(red: number, green: number, blue: number): number[] {
  const [r, g, b] = [LINEAR[red]!, LINEAR[green]!, LINEAR[blue]!];
  const x = curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function curve(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}
