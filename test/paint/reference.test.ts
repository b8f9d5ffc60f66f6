import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import type { Model } from '#src/graph/types.js';
import { Lbfgs } from '#src/paint/optimize/lbfgs.js';
import { contentModel, objectiveModel, TERMS } from '#src/paint/optimize/objective.js';
import { adamModel } from '#src/paint/optimize/optimizer.js';
import { numbers, run } from '../graph/run.js';
import reference from '../reference/paint.json' with { type: 'json' };
import { waves } from '../reference/wave.js';
import { madeTarget, smallVgg } from './fixtures.js';

// What PyTorch computes in double precision, with its own L-BFGS and Adam (test/reference/paint.py).

const [width, height] = [24, 16];
const dims = [1, 3, height, width];
const network = smallVgg();
const weights = { content: 1, style: 20, smoothness: 0.3, chroma: 0.5, range: 10 };
const objective = { network, target: madeTarget(2), width, height, weights };
const start = waves(3 * height * width, 2.3, 0.6, 0.5);
const picture = (data: Float32Array) => tensor('float32', dims, data);

const features = await run(contentModel(network, width, height), {
  picture: picture(waves(3 * height * width, 0.3, 0.4, 0.5)),
}).then((found) =>
  Object.fromEntries(
    Object.entries(found).map(([name, value]) => [name, tensor('float32', [...value.dims], numbers(value))]),
  ),
);

const near = (got: number, expected: number, tolerance: number) =>
  expect(Math.abs(got - expected), `${got}, expected ${expected}`).toBeLessThan(
    tolerance * Math.max(1, Math.abs(expected)),
  );

/** The largest difference of two vectors as a share of the largest element. */
function apart(got: readonly number[], expected: readonly number[]): number {
  expect(got).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...got.map((value, i) => Math.abs(value - expected[i]!))) / largest;
}

describe('the objective', () => {
  const model = objectiveModel(objective);

  it('has the terms and the gradient that PyTorch finds', async () => {
    const found = await run(model, { ...features, picture: picture(start) });
    for (const name of TERMS) near(numbers(found[name]!)[0]!, reference.lbfgs.terms[name], 1e-5);
    near(numbers(found.loss!)[0]!, reference.lbfgs.losses[0]!, 1e-5);
    expect(apart(numbers(found.gradient!), reference.lbfgs.gradient)).toBeLessThan(1e-4);
  });

  it('computes no gradient of the loss network: as many products as forward and back need', () => {
    const count = (wanted: Model, ...ops: string[]) => wanted.graph.nodes.filter(({ op }) => ops.includes(op)).length;
    // Five convolutions at each of two scales, forward and back; relu2_2 leads nowhere else at the second.
    expect(count(model, 'Conv')).toBe(20);
    expect(count(model, 'Gemm', 'ConvTranspose', 'Concat')).toBe(0);
    expect(model.graph.outputs.map(({ name }) => name).sort()).toEqual(['gradient', 'loss', ...TERMS].sort());
  });
});

describe('a picture', () => {
  it('moves by L-BFGS as by that of PyTorch', async () => {
    const model = objectiveModel(objective);
    const lbfgs = new Lbfgs(start, { pairs: 10, firstMove: 0.0005 });
    for (const expected of reference.lbfgs.losses) {
      const found = await run(model, { ...features, picture: picture(lbfgs.trial) });
      const loss = numbers(found.loss!)[0]!;
      near(loss, expected, 2e-5);
      lbfgs.update(loss, Float32Array.from(numbers(found.gradient!)));
    }
    expect(apart([...lbfgs.trial], reference.lbfgs.picture)).toBeLessThan(2e-3);
  });

  it('moves by Adam as by that of PyTorch', async () => {
    const model = adamModel(objective);
    let state = { picture: picture(start), mean: picture(start.map(() => 0)), square: picture(start.map(() => 0)) };
    for (const [step, expected] of reference.adam.losses.entries()) {
      const inputs = { step: tensor('float32', [], [step]), total: tensor('float32', [], [3]) };
      const found = await run(model, { ...features, ...state, ...inputs });
      near(numbers(found.loss!)[0]!, expected, 1e-4);
      const next = (name: string) => picture(Float32Array.from(numbers(found[`${name}_next`]!)));
      state = { picture: next('picture'), mean: next('mean'), square: next('square') };
    }
    expect(apart([...(state.picture.data as Float32Array)], reference.adam.picture)).toBeLessThan(1e-3);
  });
});
