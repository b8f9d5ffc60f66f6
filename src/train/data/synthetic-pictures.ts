import { sharp } from '../../media/sharp.js';
import { Random } from '../../nets/parameters/random.js';

/** A source of random crops for training. */
export interface CropSource {
  /** What they are, for records; default: synthetic pictures. */
  readonly called?: string;
  /** Number of pictures; Infinity for synthetic ones. */
  readonly count: number;
  /** Files that could not be read so far, and why. */
  readonly broken: ReadonlyMap<string, string>;
  /** Random square crops, RGB bytes [count, size, size, 3], which depend only on the seed and the step. */
  crops(seed: number, step: number, count: number, size: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Synthetic pictures, which need no files: skies, hills, blobs and bars with random light and texture. A network can
 * learn strokes from them, but real photographs teach it better where to put them.
 */
export const syntheticPictures: CropSource = {
  count: Number.POSITIVE_INFINITY,
  broken: new Map(),
  crops: async (seed, step, count, size) => {
    const bytes = new Uint8Array(count * size * size * 3);
    for (let i = 0; i < count; i++) {
      const scene = Buffer.from(drawing(new Random(seed, step * count + i, 7), size));
      const picture = sharp(scene).flatten({ background: 'white' }).removeAlpha().toColourspace('srgb');
      bytes.set(await picture.resize(size, size, { fit: 'fill' }).raw().toBuffer(), i * size * size * 3);
    }
    return bytes;
  },
};

/** A scene as SVG, which sharp renders: gradients, a horizon, shapes, and turbulence over all of it. */
function drawing(random: Random, size: number): string {
  const number = (low: number, high: number) => random.between(low, high).toFixed(2);
  const colour = () => `hsl(${number(0, 360)},${number(5, 80)}%,${number(8, 92)}%)`;
  const gradient = (id: string) =>
    `<linearGradient id="${id}" x1="${number(0, 1)}" y1="0" x2="${number(0, 1)}" y2="1"><stop offset="0" stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/></linearGradient>`;
  const place = () => number(-0.1 * size, 1.1 * size);
  const shapes: readonly (() => string)[] = [
    () => `<ellipse cx="${place()}" cy="${place()}" rx="${number(3, size / 3)}" ry="${number(3, size / 3)}"`,
    () => `<rect x="${place()}" y="${place()}" width="${number(2, size / 2)}" height="${number(2, size / 2)}"`,
    () => `<polygon points="${[0, 1, 2, 3].map(() => `${place()},${place()}`).join(' ')}"`,
    () =>
      `<path stroke="${colour()}" stroke-width="${number(0.5, 6)}" d="M${place()} ${place()}Q${place()} ${place()} ${place()} ${place()}"`,
  ];
  const fills = ['a', 'b', 'c'];
  const objects = Array.from({ length: 6 + random.below(24) }, () => {
    const paint = random.chance(0.4) ? `url(#${fills[random.below(3)]})` : colour();
    const turn = `rotate(${number(0, 180)} ${size / 2} ${size / 2})`;
    return `${shapes[random.below(shapes.length)]!()} fill="${paint}" fill-opacity="${number(0.5, 1)}" transform="${turn}"/>`;
  });
  const horizon = number(size * 0.3, size * 0.8);
  const texture = `<filter id="t" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="${number(0.01, 0.3)}" numOctaves="4" seed="${random.below(10_000)}"/><feColorMatrix type="saturate" values="0.3"/></filter>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><defs>${fills.map(gradient).join('')}${texture}</defs>
<rect width="${size}" height="${size}" fill="url(#a)"/><rect y="${horizon}" width="${size}" height="${size}" fill="url(#b)"/>
${objects.join('\n')}<rect width="${size}" height="${size}" filter="url(#t)" opacity="${number(0, 0.5)}"/></svg>`;
}
