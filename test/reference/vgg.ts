import type { WeightTensor } from '#src/losses/networks/safetensors.js';

/** One channel: rows of numbers. */
type Channel = number[][];

const channel = (height: number, width: number, value: (y: number, x: number) => number): Channel =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => value(y, x)));

/** torchvision's preprocessing: less the mean, by the deviation. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** Instead of torchvision's: a 1×1 convolution. */
export interface Preprocessing {
  readonly matrix: WeightTensor['data'];
  readonly offset: WeightTensor['data'];
}

/** The largest of two by two. */
const pooled = (of: Channel) =>
  channel(of.length >> 1, of[0]!.length >> 1, (y, x) =>
    Math.max(of[2 * y]![2 * x]!, of[2 * y]![2 * x + 1]!, of[2 * y + 1]![2 * x]!, of[2 * y + 1]![2 * x + 1]!),
  );

/** 3×3, then ReLU. Outside there are zeros or, reflected, the picture in a mirror on its last pixel. */
function convolved(channels: Channel[], weight: WeightTensor, bias: WeightTensor, reflected: boolean): Channel[] {
  const [height, width] = [channels[0]!.length, channels[0]![0]!.length];
  const mirror = (place: number, size: number) => (place < 0 ? -place : place >= size ? 2 * size - 2 - place : place);
  const at = (of: Channel, y: number, x: number) =>
    reflected ? of[mirror(y, height)]![mirror(x, width)]! : (of[y]?.[x] ?? 0);
  return [...bias.data].map((start, out) =>
    channel(height, width, (y, x) => {
      let sum = start;
      for (const [inner, of] of channels.entries()) {
        for (let tap = 0; tap < 9; tap++) {
          const place = (out * channels.length + inner) * 9 + tap;
          sum += weight.data[place]! * at(of, y + Math.floor(tap / 3) - 1, x + (tap % 3) - 1);
        }
      }
      return Math.max(0, sum);
    }),
  );
}

/**
 * VGG in loops, in double precision: the features after each of the given convolutions, from their names (`conv1_1`,
 * `conv1_2`, …; the first of a block follows a pooling). It shares no code with what is tested.
 */
export function vggInLoops(
  weights: ReadonlyMap<string, WeightTensor>,
  given: { picture: Float32Array; width: number; height: number },
  preprocessing?: Preprocessing,
): Map<string, number[]> {
  const { picture, width, height } = given;
  const seen = (c: number, y: number, x: number) => picture[(c * height + y) * width + x]!;
  let channels = [0, 1, 2].map((c) =>
    channel(height, width, (y, x) =>
      preprocessing
        ? [0, 1, 2].reduce(
            (sum, from) => sum + preprocessing.matrix[c * 3 + from]! * seen(from, y, x),
            preprocessing.offset[c]!,
          )
        : (seen(c, y, x) - MEAN[c]!) / DEVIATION[c]!,
    ),
  );
  const features = new Map<string, number[]>();
  for (const name of [...weights.keys()].filter((key) => key.endsWith('.weight'))) {
    const layer = name.replace('.weight', '');
    if (/[2-5]_1$/.test(layer)) channels = channels.map(pooled);
    channels = convolved(channels, weights.get(name)!, weights.get(`${layer}.bias`)!, layer === 'conv1_1');
    features.set(layer.replace('conv', 'relu'), channels.flat(2));
  }
  return features;
}
