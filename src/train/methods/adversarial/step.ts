import { adam, learningRate } from '../../../autodiff/adam.js';
import { backward } from '../../../autodiff/backward.js';
import { GraphBuilder, type Value } from '../../../graph/builder.js';
import { pictureOf, rangeLoss } from '../../../losses/terms/picture.js';
import type { Building } from '../../../nets/layers.js';
import { styleNetwork } from '../../../nets/network.js';
import { lengthOf, TrainedParameters } from '../../../nets/parameters/parameters.js';
import { SharedParameters } from '../../../nets/parameters/shared.js';
import type { NetworkWidths } from '../../../nets/tiers.js';
import { ADAM_BETA1, adversarialLoss, flatten, statePart } from '../../objective/adversarial.js';
import { motionPair } from '../../objective/motion.js';
import type { LossWeights, TrainingStep } from '../../objective/step.js';
import { firstHalf, temporalTerms } from '../../objective/temporal-terms.js';
import { CONTENT_NOISE_INPUT, contentReconstruction } from './content.js';

/** Options of an adversarial step. */
export interface AdversarialSettings {
  readonly tier: NetworkWidths;
  /** Side of the crops in pixels, a multiple of 8. */
  readonly size: number;
  /** Photographs per step, and as many pictures of the domain; with motion each photograph has a warped counterpart. */
  readonly batch: number;
  /** Whether there is a content branch. */
  readonly content: boolean;
  /** Whether its gradient reaches the style network through the painting. */
  readonly joint: boolean;
  readonly motion: boolean;
  readonly weights: Pick<LossWeights, 'content' | 'style' | 'range' | 'temporal'>;
  readonly rate: number;
  readonly warmUp: number;
  readonly clip: number;
  readonly seed: number;
}

/**
 * Builds the adversarial step, which updates discriminator and style network in one model.
 *
 * The discriminator learns to distinguish the domain from paintings; then the network, run once for both, minimises the
 * generator loss of the updated discriminator. The content branch decodes the photograph from the encoding of the
 * painting: unless `joint`, its gradient stops at the painting and updates only encoder and branch.
 *
 * Inputs: `photographs` and `domain` uint8 [n, s, s, 3], `step` and `total` float32 [], the state `parameters`, `mean`,
 * `square` float32 [p]; with a content branch also `veil` int64 [2]; with motion `ramp` float32 [] and those of
 * `motionInputs`. Outputs: the next state `parameters_next`, `mean_next`, `square_next`, and the reports.
 */
export function adversarialStep(settings: AdversarialSettings): TrainingStep {
  const { tier, size, batch, motion, weights } = settings;
  const b = new GraphBuilder('adversarial step');
  const number = (value: number) => b.scalar('float32', value);
  const photographs = pictureOf(b, b.input('photographs', 'uint8', [batch, size, size, 3]));
  const domain = pictureOf(b, b.input('domain', 'uint8', [batch, size, size, 3]));
  const [step, total] = ['step', 'total'].map((name) => b.input(name, 'float32', [])) as [Value, Value];
  const parameters = new TrainedParameters(b);
  const net: Building = { b, parameters, norm: 'live', seen: new Map() };
  const pair = motion ? motionPair(b, photographs, settings.seed) : undefined;
  const painted = styleNetwork(net, pair?.noisy ?? photographs, tier);
  const picture = motion ? firstHalf(b, painted.picture) : painted.picture;
  const painters = parameters.list.length;

  const terms: Record<string, Value> = {};
  const stopped = new Set<Value>();
  if (settings.content) {
    const painting = settings.joint ? picture : b.op('Identity', [picture]);
    if (!settings.joint) stopped.add(painting);
    const known = new Map(parameters.list.map(({ name }, i) => [name, parameters.values[i]!]));
    const own = new SharedParameters(known, parameters);
    const place = b.input(CONTENT_NOISE_INPUT.name, CONTENT_NOISE_INPUT.type, CONTENT_NOISE_INPUT.dims);
    const seen = { painting, photograph: photographs, place };
    terms.content = contentReconstruction({ ...net, parameters: own }, seen, tier, settings.seed);
  }
  const learners = parameters.list.length;

  const rate = learningRate(b, step, total, settings.rate, settings.warmUp);
  const state = {
    parameters: parameters.vector,
    mean: b.input('mean', 'float32', ['parameters']),
    square: b.input('square', 'float32', ['parameters']),
  };
  const first = lengthOf(parameters.list);
  const adamSettings = { rate, step, clip: settings.clip, beta1: ADAM_BETA1 };
  const {
    discriminator,
    generatorLoss: deception,
    reports: verdicts,
  } = adversarialLoss(b, parameters, { domain, picture }, state, adamSettings);
  stopped.add(discriminator.parameters);
  terms.adversarial = deception;
  terms.range = rangeLoss(b, painted.picture);
  const steady = pair && temporalTerms(net, painted, pair);
  if (steady) Object.assign(terms, { temporal: steady.temporal, features: steady.features });
  for (const fixed of steady?.stopped ?? []) stopped.add(fixed);
  const ramp = motion ? b.input('ramp', 'float32', []) : number(1);
  const weight: Record<string, Value> = {
    content: number(weights.content),
    adversarial: number(weights.style),
    range: number(weights.range),
    temporal: b.op('Mul', [ramp, number(weights.temporal)]),
    features: b.op('Mul', [ramp, number(weights.temporal / 3)]),
  };
  const weighted = Object.entries(terms).map(([name, term]) => b.op('Mul', [term, weight[name]!]));
  const loss = weighted.reduce((sum, term) => b.op('Add', [sum, term]));
  const slopes = backward(b, loss, parameters.values.slice(0, learners), stopped);
  const painter = adam(b, flatten(b, slopes), statePart(b, state, 0, first), adamSettings);

  for (const key of ['parameters', 'mean', 'square'] as const) {
    b.output(`${key}_next`, b.op('Concat', [painter[key], discriminator[key]], { axis: 0 }));
  }
  const reports = { ...terms, ...verdicts, loss, norm: painter.norm };
  for (const [name, value] of Object.entries(reports)) b.output(name, value);
  return { model: b.build(), parameters: parameters.list, reports: Object.keys(reports), networkLength: painters };
}
