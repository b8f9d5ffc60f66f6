import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { randomFilters } from '#src/losses/networks/random-filters.js';
import { pictureOf } from '#src/losses/terms/picture.js';
import { styleNetwork } from '#src/nets/network.js';
import { initialParameters, TrainedParameters } from '#src/nets/parameters/parameters.js';
import { TIERS } from '#src/nets/tiers.js';
import { degraded } from '#src/train/data/degradation.js';
import { Photographs } from '#src/train/data/photographs.js';
import { updateBalance } from '#src/train/objective/balance.js';
import type { StepLosses } from '#src/train/progress.js';
import { PreviewStrip } from '#src/train/report/preview.js';
import { makeFolder } from '#src/train/run/output.js';
import { runStage, type StageObjective } from '#src/train/run/stage.js';
import { settingsOf } from '#src/train/settings/settings.js';
import type { Checkpoint } from '#src/train/weights/checkpoint.js';
import { trainingFolder } from '../fixtures.js';

const SIZE = 64;
let given: Awaited<ReturnType<typeof trainingFolder>>;
beforeAll(async () => {
  given = await trainingFolder();
});
afterAll(() => rmSync(given.folder, { recursive: true }));

/** A step that learns nothing: it reports how light its photographs are as the structure, and the balance as the loss. */
function onlooker() {
  const b = new GraphBuilder();
  const photographs = pictureOf(b, b.input('photographs', 'uint8', [1, SIZE, SIZE, 3]));
  const parameters = new TrainedParameters(b);
  styleNetwork({ b, parameters, norm: 'live', seen: new Map() }, photographs, TIERS.tiny);
  const [step, total] = ['step', 'total'].map((name) => b.input(name, 'float32', []));
  b.output('structure', b.op('ReduceMean', [photographs], { keepdims: 0 }));
  b.output('loss', b.op('Identity', [b.input('balance', 'float32', [])]));
  b.output('norm', b.op('Div', [step!, total!]));
  b.output('parameters_next', b.op('Identity', [parameters.vector]));
  for (const name of ['mean', 'square'])
    b.output(`${name}_next`, b.op('Identity', [b.input(name, 'float32', [parameters.size])]));
  const { list } = parameters;
  return { model: b.build(), parameters: list, networkLength: list.length, reports: ['structure', 'loss', 'norm'] };
}

it('shows photographs as good and bad cameras do, and moves the balance from the hundredth step on', async () => {
  const step = onlooker();
  const photographs = await Photographs.in(given.photos);
  const training = join(given.folder, 'stage.training');
  await makeFolder(training);
  const losses: StepLosses[] = [];
  const options = { pictures: [given.style], output: join(given.folder, 'stage'), tier: 'tiny', size: SIZE, steps: 30 };
  const onProgress = (progress: { losses: StepLosses }) => losses.push(progress.losses);
  const settings = settingsOf({ ...options, tier: 'tiny' });
  const { parameters } = step;
  const vector = initialParameters(parameters, 1);
  const begun = { stage: 'second', done: 0, before: 90, elapsed: 0, history: [] } as const;
  const start: Checkpoint = {
    ...begun,
    settings,
    balance: { weight: 1.5, structure: undefined },
    parameters: vector,
    mean: new Float32Array(vector.length),
    square: new Float32Array(vector.length),
    grams: new Float32Array(0),
  };
  const strip = new PreviewStrip(join(training, 'preview.png'), await photographs.crops(2, 0, 1, SIZE), 1, SIZE);
  const objective: StageObjective = { step, norm: 'live', count: 1, feeds: () => ({}) };
  const work = {
    options: { ...options, tier: 'tiny' as const, onProgress },
    settings,
    threads: 1,
    photographs,
    training,
  };
  const end = await runStage({ ...work, network: randomFilters(), credits: [] }, start, strip, objective);

  expect(losses).toHaveLength(21);
  const shown = degraded(photographs);
  let plain = 0;
  let balance = start.balance;
  for (const [i, { structure, loss, balance: told }] of losses.entries()) {
    const light = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte / 255 / bytes.length, 0);
    expect(structure).toBeCloseTo(light(await shown.crops(1, 90 + i, 1, SIZE)), 5);
    if (Math.abs(structure! - light(await photographs.crops(1, 90 + i, 1, SIZE))) < 1e-5) plain += 1;
    expect([loss, told]).toEqual([Math.fround(balance.weight), balance.weight]);
    balance = updateBalance(balance, structure!, settings.structure, 90 + i >= 100);
    expect(balance.weight === 1.5).toBe(90 + i < 100);
  }
  expect(plain).toBeGreaterThan(8);
  expect(plain).toBeLessThan(18);
  expect(end.balance).toEqual(balance);
});
