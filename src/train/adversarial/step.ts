import { type AdamState, adam, learningRate } from '../../autodiff/adam.js';
import { backward } from '../../autodiff/backward.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import { deceptionLoss, discriminatorLoss, discriminatorShare } from '../../losses/adversarial.js';
import { rangeLoss } from '../../losses/picture.js';
import { discriminator } from '../../nets/discriminator.js';
import type { Building } from '../../nets/layers.js';
import { styleNetwork } from '../../nets/network.js';
import { lengthOf, TrainedParameters } from '../../nets/parameters.js';
import { SharedParameters } from '../../nets/shared.js';
import type { Tier } from '../../nets/tiers.js';
import { motionPair } from '../motion.js';
import { firstHalf, steadyTerms } from '../steady.js';
import { pictureOf, type TrainingStep, type Weights } from '../step.js';
import { keptContent, VEIL_INPUT } from './content.js';

/** What an adversarial step is made of. */
export interface AdversarialSettings {
  readonly tier: Tier;
  /** Side of the crops in pixels, a multiple of 8. */
  readonly size: number;
  /** Photographs a step, and as many of the domain; with motion each photograph comes with its moved twin. */
  readonly batch: number;
  /** Is there a content branch? */
  readonly content: boolean;
  /** Does its gradient reach the style network through the painting, or does it learn beside it? */
  readonly joint: boolean;
  readonly motion: boolean;
  readonly weights: Pick<Weights, 'content' | 'style' | 'range' | 'temporal'>;
  readonly rate: number;
  readonly warmUp: number;
  readonly clip: number;
  readonly seed: number;
}

/** An adversarial step; its parameters are those of the style network first, then the others'. */
export interface AdversarialStep extends TrainingStep {
  /** How many of the parameters are the style network's. */
  readonly painters: number;
}

/** Adam's memory of gradients is kept short: the opponent changes (Radford 2016, arXiv 1511.06434). */
const BETA = 0.5;

/**
 * Builds the adversarial step: discriminator and style network in turn, in one model.
 *
 * The discriminator learns to tell the domain from what the network paints; then the network, which was run once for
 * both, learns to deceive the discriminator as it is now. Beside it the content branch decodes the photograph from the
 * encoding of the painting: while not `joint`, its gradient stops at the painting and moves encoder and branch only.
 *
 * Inputs: `photographs` and `domain` uint8 [n, s, s, 3], `step` and `total` float32 [], the state `parameters`,
 * `mean`, `square` float32 [p]; with a content branch also `veil` int64 [2]; with motion `ramp` float32 [] and those
 * of `motionInputs`.
 * Outputs: the next state `parameters_next`, `mean_next`, `square_next`, and the reports.
 */
export function adversarialStep(settings: AdversarialSettings): AdversarialStep {
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
    const place = b.input(VEIL_INPUT.name, VEIL_INPUT.type, VEIL_INPUT.dims);
    const seen = { painting, photograph: photographs, place };
    terms.content = keptContent({ ...net, parameters: own }, seen, tier, settings.seed);
  }
  const learners = parameters.list.length;

  const judged = discriminator(b, parameters, b.op('Concat', [domain, picture], { axis: 0 }));
  const [real, fake] = b.ops('Split', [judged, b.ints([batch, batch])], { axis: 0 }, { outputs: 2 }) as [Value, Value];
  const discriminating = discriminatorLoss(b, real, fake);
  const share = discriminatorShare(b, real, fake);
  const rate = learningRate(b, step, total, settings.rate, settings.warmUp);
  const state = {
    parameters: parameters.vector,
    mean: b.input('mean', 'float32', ['parameters']),
    square: b.input('square', 'float32', ['parameters']),
  };
  const first = lengthOf(parameters.list.slice(0, learners));
  const moved = (loss: Value, from: number, to: number, learned: readonly Value[]) => {
    const gradients = backward(b, loss, learned, stopped).map((each) => b.op('Reshape', [each, b.ints([-1])]));
    const part = (x: Value) => b.op('Slice', [x, b.ints([from]), b.ints([to]), b.ints([0])]);
    const own: AdamState = { parameters: part(state.parameters), mean: part(state.mean), square: part(state.square) };
    return adam(b, b.op('Concat', gradients, { axis: 0 }), own, { rate, step, clip: settings.clip, beta1: BETA });
  };
  const judge = moved(discriminating, first, parameters.size, parameters.values.slice(learners));

  stopped.add(judge.parameters);
  const now = SharedParameters.of(b, parameters.list.slice(learners), judge.parameters, first);
  terms.adversarial = deceptionLoss(b, discriminator(b, now, picture));
  terms.range = rangeLoss(b, painted.picture);
  const steady = pair && steadyTerms(net, painted, pair);
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
  const painter = moved(loss, 0, first, parameters.values.slice(0, learners));

  for (const key of ['parameters', 'mean', 'square'] as const) {
    b.output(`${key}_next`, b.op('Concat', [painter[key], judge[key]], { axis: 0 }));
  }
  const reports = { ...terms, discriminator: discriminating, share, loss, norm: painter.norm };
  for (const [name, value] of Object.entries(reports)) b.output(name, value);
  return { model: b.build(), parameters: parameters.list, reports: Object.keys(reports), painters };
}
