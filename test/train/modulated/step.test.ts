import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import type { Tensor } from '#src/graph/types.js';
import { TONES } from '#src/losses/colour/palette.js';
import type { WeightTensor } from '#src/losses/networks/safetensors.js';
import { vgg19 } from '#src/losses/networks/vgg.js';
import { CODE_LENGTH } from '#src/nets/style-code.js';
import { STYLE_INPUTS } from '#src/train/objective/modulated-terms.js';
import { trainingStep } from '#src/train/objective/step.js';
import { asIfLearned } from '../../fixtures/many-styles.js';
import { numbers, run } from '../../graph/run.js';
import { waves } from '../../reference/wave.js';
import { palette, shown } from '../subject.js';

const channels = { conv1_1: [3, 4], conv1_2: [4, 4], conv2_1: [4, 6], conv2_2: [6, 6], conv3_1: [6, 8] } as const;
const weights = new Map<string, WeightTensor>();
Object.entries(channels).forEach(([name, [inner, out]], k) => {
  weights.set(`${name}.weight`, { dims: [out, inner, 3, 3], data: waves(out * inner * 9, 0.2 + k, 0.4) });
  weights.set(`${name}.bias`, { dims: [out], data: waves(out, 0.7 + k, 0.1) });
});
const network = vgg19(weights);
const target = network.objective.style.map(
  (layers) =>
    new Map(
      layers.map((layer, i): [string, Tensor] => {
        const side = [4, 6, 8][i]!;
        return [layer, tensor('float32', [1, side, side], new Float32Array(side * side))];
      }),
    ),
);
const tier = { channels: [4, 6, 8], blocks: 1 } as const;

/** A step that learns `rows` styles at once; with clipping far away, Adam's first mean is a tenth of the gradient. */
async function stepper(rows: number) {
  const { model, parameters, subject } = trainingStep({
    tier,
    size: 64,
    batch: rows,
    norm: 'live',
    motion: false,
    weights: {
      content: 1,
      light: 1,
      colour: 1,
      tint: 10,
      cast: 5,
      style: 4,
      smoothness: 1,
      range: 10,
      mesh: 100,
      temporal: 0,
      pixels: 0,
      adversarial: 0,
    },
    network,
    target,
    palette,
    many: true,
    rate: 0.001,
    warmUp: 1,
    clip: 1e9,
    seed: 1,
  });
  const grams = target.flatMap((layers, scale) =>
    [...layers].map(([layer, { dims }]) => {
      const side = dims[1]!;
      const data = waves(rows * side * side, scale + side, 0.3, 0.2);
      return [STYLE_INPUTS.gram(scale, layer), tensor('float32', [rows, side, side], data)] as const;
    }),
  );
  const bytes = Uint8Array.from(waves(rows * 12288, 0.1), (value) => 127 + 100 * value);
  const photographs = tensor('uint8', [rows, 64, 64, 3], bytes);
  const size = parameters.reduce((sum, each) => sum + each.size, 0);
  const zeros = tensor('float32', [size], new Float32Array(size));
  const feeds = {
    ...Object.fromEntries(grams),
    [STYLE_INPUTS.code]: tensor('float32', [rows, CODE_LENGTH], waves(rows * CODE_LENGTH, 0.9, 1)),
    [STYLE_INPUTS.mean]: tensor('float32', [rows, 3], waves(rows * 3, 0.4, 0.1, 0.2)),
    [STYLE_INPUTS.tones]: tensor('float32', [rows, TONES, 2], waves(rows * TONES * 2, 0.8, 0.2)),
    ...(await shown(subject!, photographs)),
    step: tensor('float32', [], [0]),
    total: tensor('float32', [], [10]),
    balance: tensor('float32', [], [1]),
    mean: zeros,
    square: zeros,
  };
  const at = async (vector: Float32Array) => {
    const got = await run(model, { ...feeds, parameters: tensor('float32', [size], vector) });
    return { loss: numbers(got.loss!)[0]!, gradient: numbers(got.mean_next!).map((value) => 10 * value) };
  };
  return { parameters, at };
}

describe.each([1, 2])('the step of many styles, %i at once', { timeout: 600_000 }, (rows) => {
  it('has the gradient that finite differences show, through convolutions, style maps and mapping', async () => {
    const { parameters, at } = await stepper(rows);
    const start = asIfLearned(parameters);
    const { gradient } = await at(start);
    const groups = {
      weight: /\.weight$/,
      scale: /\.scale$/,
      style: /^(?!paint).*\.style$/,
      tint: /^paint\.style$/,
      mapping: /^mapping/,
    };
    for (const [group, pattern] of Object.entries(groups)) {
      const direction = new Float32Array(start.length);
      for (const { name, offset, size } of parameters) {
        if (!pattern.test(name) || (group === 'weight' && name.startsWith('mapping'))) continue;
        direction.set(gradient.slice(offset, offset + size), offset);
      }
      const squared = direction.reduce((sum, value) => sum + value * value, 0);
      expect(squared, group).toBeGreaterThan(1e-6);
      // As far along the gradient as changes the loss by 0.1: less is lost in single precision, whose last digit is 1e-5.
      const reach = 0.1 / squared;
      const moved = (by: number) => at(start.map((value, i) => value + by * direction[i]!));
      const slope = ((await moved(reach)).loss - (await moved(-reach)).loss) / (2 * reach);
      expect(Math.abs(slope / squared - 1), `${group}: ${slope} against ${squared}`).toBeLessThan(0.03);
    }
  });
});
