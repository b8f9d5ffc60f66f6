import { learningRate } from '../../autodiff/adam.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model, Tensor } from '../../graph/types.js';
import type { Palette } from '../../losses/colour/palette.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { meshLoss } from '../../losses/terms/mesh.js';
import { pictureOf, rangeLoss, smoothnessLoss } from '../../losses/terms/picture.js';
import type { Grams } from '../../losses/terms/style.js';
import type { Building, Norm } from '../../nets/layers.js';
import { styleLength } from '../../nets/modulation.js';
import { styleNetwork } from '../../nets/network.js';
import { type Parameter, TrainedParameters } from '../../nets/parameters/parameters.js';
import type { NetworkWidths } from '../../nets/tiers.js';
import { styleInputs } from './modulated-terms.js';
import { motionPair } from './motion.js';
import { pictureTerms } from './picture-terms.js';
import { gramVector, runningGrams } from './running-grams.js';
import { subjectInputs, subjectModel } from './subject.js';
import { firstHalf, temporalTerms } from './temporal-terms.js';
import { ADAM_BETA2, outputUpdate, slowAdversarialLoss, stepState } from './update.js';

/** Weights of the terms of the objective. */
export interface LossWeights {
  /** Initial weight of shapes and structure, and half that of the content: the balance changes it. */
  readonly content: number;
  readonly light: number;
  readonly colour: number;
  readonly tint: number;
  readonly cast: number;
  readonly style: number;
  readonly smoothness: number;
  readonly range: number;
  readonly temporal: number;
  /** Weight of the difference from what was painted over a frame. */
  readonly pixels: number;
  readonly mesh: number;
  /** Weight of the discriminator, which is trained along with the network; 0 for none. */
  readonly adversarial: number;
}

/** Options of a training step. */
export interface StepSettings {
  readonly tier: NetworkWidths;
  /** Side of the crops in pixels, a multiple of 32. */
  readonly size: number;
  /** Photographs per step; with motion each has a warped counterpart, used by the temporal terms only. */
  readonly batch: number;
  readonly norm: Norm;
  readonly motion: boolean;
  readonly weights: LossWeights;
  readonly network: LossNetwork;
  /** Gram matrices of the style by scale and layer, [1, c, c]. */
  readonly target: readonly ReadonlyMap<string, Tensor>[];
  readonly palette: Palette;
  /**
   * Whether one network learns many styles, one per photograph. Styles are inputs then, and `target` gives only the
   * shapes of their Gram matrices.
   */
  readonly many?: boolean;
  readonly rate: number;
  readonly warmUp: number;
  readonly clip: number;
  readonly seed: number;
}

/** How often the content counts, beside shapes and structure. */
const CONTENT_SHARE = 2;

/** A whole training step as one model, with its parameters. */
export interface TrainingStep {
  readonly model: Model;
  readonly parameters: readonly Parameter[];
  /** Number of parameters, from the first on, that belong to the style network. */
  readonly networkLength: number;
  /** Names of the reported numbers: outputs of dims []. */
  readonly reports: readonly string[];
  /** The model of the photographs' subject, whose outputs the step takes as inputs; absent where it takes none. */
  readonly subject?: Model;
  /** The initial running means of Gram matrices, the state `grams`; absent where there are none. */
  readonly grams?: Float32Array;
}

/**
 * Builds the training step, which computes losses and updates the parameters.
 *
 * Inputs: `photographs` uint8 [n, s, s, 3] and their subject (`subjectModel`), `step`, `total` and `balance` (the weight
 * of content, shapes and structure) float32 [], the state `parameters`, `mean`, `square` float32 [p] and, for one style, `grams` float32 [g]; with a discriminator
 * also `domain` uint8 [n, s, s, 3]; with motion also `ramp` float32 [] (how much of the temporal weight counts) and those
 * of `motionInputs`. Outputs: the next state `parameters_next`, `mean_next`, `square_next`, `grams_next`, and the reports.
 */
export function trainingStep(settings: StepSettings): TrainingStep {
  const { size, batch, motion, weights, network, target, palette } = settings;
  const b = new GraphBuilder('training step');
  const number = (value: number) => b.scalar('float32', value);
  const photographs = pictureOf(b, b.input('photographs', 'uint8', [batch, size, size, 3]));
  const [step, total] = ['step', 'total'].map((name) => b.input(name, 'float32', [])) as [Value, Value];
  const parameters = new TrainedParameters(b);
  const length = styleLength(settings.tier);
  const many = settings.many
    ? styleInputs(b, parameters, { rows: batch, length, twins: motion }, settings.target, network.objective.deep)
    : undefined;
  const modulated = many ? { modulation: many.modulation } : {};
  const net: Building = { b, parameters, norm: settings.norm, seen: new Map(), ...modulated };

  const pair = motion ? motionPair(b, photographs, settings.seed) : undefined;
  const painted = styleNetwork(net, pair?.noisy ?? photographs, settings.tier);
  // Warped counterparts show nearly the same as their photographs, and the loss network is most of a step.
  const judged = motion ? firstHalf(b, painted.picture) : painted.picture;
  const means = many ? undefined : gramVector(target);
  const mixed = (found: Grams) => {
    const { mixed, next } = runningGrams(b, found, b.input('grams', 'float32', [means!.length]));
    b.output('grams_next', next);
    return mixed;
  };
  const subject = subjectModel(network, batch, size);
  const shown = { photographs, subject: subjectInputs(b, subject) };
  const compared = pictureTerms(b, judged, shown, { network, target, palette, ...(many ? { many } : { mixed }) });
  const terms: Record<string, Value> = {
    ...compared.terms,
    smoothness: smoothnessLoss(b, painted.picture),
    range: rangeLoss(b, painted.picture),
    mesh: meshLoss(b, painted.picture),
  };
  const painters = parameters.list.length;
  const rate = learningRate(b, step, total, settings.rate, settings.warmUp);
  const adamSettings = { rate, step, clip: settings.clip, beta2: ADAM_BETA2 };
  const state = stepState(b, parameters);
  const domain = () => pictureOf(b, b.input('domain', 'uint8', [batch, size, size, 3]));
  const adversarial =
    weights.adversarial > 0
      ? slowAdversarialLoss(b, parameters, { domain: domain(), picture: judged }, state, adamSettings)
      : undefined;
  if (adversarial) terms.adversarial = adversarial.generatorLoss;
  const ramp = motion ? b.input('ramp', 'float32', []) : number(1);
  const temporal = pair && temporalTerms(net, painted, pair);
  if (temporal) Object.assign(terms, { temporal: temporal.temporal, features: temporal.features });
  const balance = b.input('balance', 'float32', []);
  const loss = weightedSum(b, terms, weights, { ...balancedTerms(balance), temporal: ramp, features: ramp });

  const own = parameters.list.slice(0, painters);
  const stopped = [...compared.stopped, ...(temporal?.stopped ?? [])];
  const norm = outputUpdate(b, loss, parameters, own, { state, settings: adamSettings, stopped, adversarial });
  const reports = { ...terms, ...adversarial?.reports, loss, norm };
  for (const [name, value] of Object.entries(reports)) b.output(name, value);
  const built = {
    model: b.build(),
    parameters: parameters.list,
    networkLength: painters,
    reports: Object.keys(reports),
    subject,
  };
  return { ...built, ...(means ? { grams: means } : {}) };
}

/** The terms that the balance multiplies. */
export function balancedTerms(balance: Value): Readonly<Record<string, Value>> {
  return { content: balance, shapes: balance, structure: balance };
}

/** The weighted sum of the terms. @param factors of some terms, which change from step to step. */
export function weightedSum(
  b: GraphBuilder,
  terms: Readonly<Record<string, Value>>,
  weights: LossWeights,
  factors: Readonly<Record<string, Value>>,
): Value {
  const all: Readonly<Record<string, number>> = {
    ...weights,
    content: CONTENT_SHARE,
    shapes: 1,
    structure: 1,
    features: weights.temporal / 3,
  };
  const each = Object.entries(terms).map(([name, term]) => {
    const plain = b.op('Mul', [term, b.scalar('float32', all[name]!)]);
    return factors[name] ? b.op('Mul', [plain, factors[name]]) : plain;
  });
  return each.reduce((sum, term) => b.op('Add', [sum, term]));
}
