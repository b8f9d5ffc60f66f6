import { tensor } from '#src/graph/elements.js';
import type { Tensor } from '#src/graph/types.js';
import type { WeightTensor } from '#src/losses/networks/safetensors.js';
import { vgg19 } from '#src/losses/networks/vgg.js';
import { waves } from '../reference/wave.js';

const CHANNELS = { conv1_1: [3, 4], conv1_2: [4, 4], conv2_1: [4, 6], conv2_2: [6, 6], conv3_1: [6, 8] } as const;

/** A VGG-19 of few channels. */
export function smallVgg() {
  const weights = new Map<string, WeightTensor>();
  Object.entries(CHANNELS).forEach(([name, [inner, out]], k) => {
    weights.set(`${name}.weight`, { dims: [out, inner, 3, 3], data: waves(out * inner * 9, 0.2 + k, 0.4) });
    weights.set(`${name}.bias`, { dims: [out], data: waves(out, 0.7 + k, 0.1) });
  });
  return vgg19(weights);
}

/** Gram matrices of twelve made-up pixels: [1, c, c], by scale and layer. */
export function madeTarget(scales: number): Map<string, Tensor>[] {
  const sizes = { relu1_1: 4, relu2_1: 6, relu3_1: 8 };
  return Array.from({ length: scales }, (_, scale) => {
    const layers = Object.entries(sizes).map(([layer, c]): [string, Tensor] => {
      const f = waves(c * 12, 1 + scale + c, 0.3, 0.1);
      const gram = Array.from({ length: c * c }, (_, i) => {
        const [row, column] = [Math.floor(i / c), i % c];
        let sum = 0;
        for (let k = 0; k < 12; k++) sum += f[row * 12 + k]! * f[column * 12 + k]!;
        return sum / 12;
      });
      return [layer, tensor('float32', [1, c, c], gram)];
    });
    return new Map(layers);
  });
}
