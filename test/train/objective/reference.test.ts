import { describe, expect, it } from 'vitest';
import { adam, learningRate } from '#src/autodiff/adam.js';
import { backward } from '#src/autodiff/backward.js';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import type { Tensor } from '#src/graph/types.js';
import type { WeightTensor } from '#src/losses/networks/safetensors.js';
import { vgg19 } from '#src/losses/networks/vgg.js';
import { relativeDistance } from '#src/losses/terms/distance.js';
import { gram } from '#src/losses/terms/gram.js';
import { trainingStep } from '#src/train/objective/step.js';
import { numbers, run } from '../../graph/run.js';
import reference from '../../reference/steps.json' with { type: 'json' };
import { waves } from '../../reference/wave.js';
import { palette, shown } from '../subject.js';

// What PyTorch computes in double precision from the same formulas (test/reference/make.py).

const near = (got: number, expected: number, tolerance: number) =>
  expect(Math.abs(got - expected), `${got}, expected ${expected}`).toBeLessThan(
    tolerance * Math.max(1, Math.abs(expected)),
  );

describe('a convolution and a Gram loss', () => {
  it('moves in three steps of Adam as PyTorch does', async () => {
    const b = new GraphBuilder();
    const [image, weights, bias] = [
      b.input('image', 'float32', [2, 3, 12, 10]),
      b.input('weights', 'float32', [8, 3, 3, 3]),
      b.input('bias', 'float32', [8]),
    ];
    const features = b.op('Relu', [b.op('Conv', [image, weights, bias], { pads: [1, 1, 1, 1] })]);
    const target = b.constant('float32', [1, 8, 8], waves(64, 0.9, 0.5, 0.2));
    const loss = relativeDistance(b, gram(b, features), target);
    const gradients = backward(b, loss, [weights, bias]).map((gradient) => b.op('Reshape', [gradient, b.ints([-1])]));
    const vector = b.op('Concat', [b.op('Reshape', [weights, b.ints([-1])]), bias], { axis: 0 });
    const [mean, square, step] = [
      b.input('mean', 'float32', [224]),
      b.input('square', 'float32', [224]),
      b.input('step', 'float32', []),
    ];
    const rate = learningRate(b, step, b.scalar('float32', 10), 0.01, 2);
    const next = adam(
      b,
      b.op('Concat', gradients, { axis: 0 }),
      { parameters: vector, mean, square },
      { rate, step, clip: 1 },
    );
    for (const [name, value] of Object.entries({ loss, ...next })) b.output(`out ${name}`, value);
    const model = b.build();
    let parameters = [...waves(216, 0.1, 0.3), ...waves(8, 0.5, 0.1)];
    let [m, v] = [new Array<number>(224).fill(0), new Array<number>(224).fill(0)];
    for (let i = 0; i < 3; i++) {
      const got = await run(model, {
        image: tensor('float32', [2, 3, 12, 10], waves(720, 0.3)),
        weights: tensor('float32', [8, 3, 3, 3], parameters.slice(0, 216)),
        bias: tensor('float32', [8], parameters.slice(216)),
        mean: tensor('float32', [224], m),
        square: tensor('float32', [224], v),
        step: tensor('float32', [], [i]),
      });
      near(numbers(got['out loss']!)[0]!, reference.milestone.losses[i]!, 1e-5);
      near(numbers(got['out norm']!)[0]!, reference.milestone.norms[i]!, 1e-5);
      [parameters, m, v] = ['parameters', 'mean', 'square'].map((name) => numbers(got[`out ${name}`]!)) as [
        number[],
        number[],
        number[],
      ];
    }
    const expected = [...reference.milestone.weights, ...reference.milestone.bias];
    parameters.forEach((value, i) => {
      near(value, expected[i]!, 1e-5);
    });
  });
});

describe('the training step', () => {
  const shallow = { conv1_1: [3, 4], conv1_2: [4, 4], conv2_1: [4, 6], conv2_2: [6, 6], conv3_1: [6, 8] } as const;
  const deep = { conv3_2: [8, 8], conv3_3: [8, 8], conv3_4: [8, 8], conv4_1: [8, 10], conv4_2: [10, 10] } as const;
  const weights = new Map<string, WeightTensor>();
  Object.entries({ ...shallow, ...deep }).forEach(([name, [inner, out]], k) => {
    const size = name in shallow ? 0.4 : 0.2;
    weights.set(`${name}.weight`, { dims: [out, inner, 3, 3], data: waves(out * inner * 9, 0.2 + k, size) });
    weights.set(`${name}.bias`, { dims: [out], data: waves(out, 0.7 + k, 0.1) });
  });
  const network = vgg19(weights);
  const sides: Record<string, number> = { relu1_1: 4, relu2_1: 6, relu3_1: 8, relu4_1: 10 };
  const target = network.objective.style.map(
    (layers, scale) =>
      new Map(
        layers.map((layer): [string, Tensor] => {
          const side = sides[layer]!;
          return [layer, tensor('float32', [1, side, side], waves(side ** 2, 1 + scale + side, 0.3, 0.2))];
        }),
      ),
  );

  // What the balance takes the place of, and what is not there without motion and a discriminator.
  const beside = { content: 1, temporal: 0, pixels: 0, adversarial: 0 };

  it('moves the whole network in three steps as PyTorch does', async () => {
    const { model, parameters, reports, grams, subject } = trainingStep({
      tier: { channels: [4, 6, 8], blocks: 1 },
      size: 64,
      batch: 2,
      norm: 'live',
      motion: false,
      weights: {
        ...beside,
        style: 0.1,
        light: 30,
        colour: 25,
        tint: 60,
        cast: 40,
        smoothness: 500,
        range: 500,
        mesh: 200_000,
      },
      network,
      target,
      palette,
      rate: 0.0002,
      warmUp: 2,
      clip: 1,
      seed: 1,
    });
    expect(parameters.map(({ name }) => name)).toEqual(reference.training.names);
    const start = parameters.flatMap(({ name, dims, size }, k) => {
      if (name.endsWith('.scale')) return [...waves(size, k, 0.2, 1)];
      if (name.endsWith('.shift')) return [...waves(size, k, 0.1)];
      return [...waves(size, k, 0.5 / Math.sqrt(dims.length === 5 ? dims[2]! : dims[1]!))];
    });
    const count = start.length;
    let state = [start, new Array<number>(count).fill(0), new Array<number>(count).fill(0)];
    let means = grams!;
    const photographs = tensor(
      'uint8',
      [2, 64, 64, 3],
      Uint8Array.from({ length: 2 * 64 * 64 * 3 }, (_, i) => {
        const [c, x, y, n] = [i % 3, Math.floor(i / 3) % 64, Math.floor(i / 192) % 64, Math.floor(i / 12288)];
        return Math.floor(127 + 60 * Math.sin(x / (5 + 3 * n) + c) + 60 * Math.cos(y / (7 + 2 * c)));
      }),
    );
    const given = await shown(subject!, photographs);
    for (const [i, expected] of reference.training.steps.entries()) {
      const [vector, mean, square] = state.map((values) => tensor('float32', [count], values));
      const got = await run(model, {
        ...given,
        step: tensor('float32', [], [i]),
        total: tensor('float32', [], [10]),
        balance: tensor('float32', [], [expected.balance]),
        parameters: vector!,
        mean: mean!,
        square: square!,
        grams: tensor('float32', [means.length], means),
      });
      for (const name of reports) near(numbers(got[name]!)[0]!, expected[name as keyof typeof expected], 2e-4);
      state = ['parameters_next', 'mean_next', 'square_next'].map((name) => numbers(got[name]!));
      means = Float32Array.from(numbers(got.grams_next!));
    }
    near(
      state[0]!.reduce((a, b) => a + b),
      reference.training.sum,
      1e-4,
    );
    const some = state[0]!.filter((_, i) => i % 37 === 0);
    // Adam divides by the gradient's size, so a gradient close to 0 may differ in sign: all but 2 of 80 agree.
    const apart = some.filter((value, i) => Math.abs(value - reference.training.parameters[i]!) > 1e-4);
    expect(apart.length).toBeLessThanOrEqual(2);
  });
});
