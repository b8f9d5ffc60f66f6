import { adam, learningRate } from '../../../autodiff/adam.js';
import { backward } from '../../../autodiff/backward.js';
import { replay } from '../../../autodiff/replay.js';
import { GraphBuilder } from '../../../graph/builder.js';
import type { Model } from '../../../graph/types.js';
import { meshLoss } from '../../../losses/terms/mesh.js';
import { pictureOf, rangeLoss, smoothnessLoss } from '../../../losses/terms/picture.js';
import { pictureTerms, type StyleReference } from '../../objective/picture-terms.js';
import { balancedTerms, type LossWeights, weightedSum } from '../../objective/step.js';
import { subjectInputs, subjectModel } from '../../objective/subject.js';

/** Learning rate of a style vector, whose numbers are around 0.3. */
const RATE = 0.08;
const WARM_UP = 5;
const CLIP = 1;

/** Options of learning a style vector. */
export interface JoinSettings extends StyleReference {
  readonly weights: LossWeights;
  /** Side of the crops in pixels, a multiple of 32. */
  readonly size: number;
  /** Numbers of the vector. */
  readonly length: number;
}

/** A step as a model, and its reported numbers. */
export interface JoinStep {
  readonly model: Model;
  readonly reports: readonly string[];
}

/**
 * A step that learns one style vector for a network with fixed weights; both halves of the network use it.
 *
 * Inputs: `photographs` uint8 [1, s, s, 3] and their subject (`subjectModel`), `step`, `total` and `balance` (the weight
 * of content, shapes and structure) float32 [], the state `parameters`, `mean`, `square` float32 [length]. Outputs: the next state `parameters_next`, `mean_next`,
 * `square_next`, and the reports, [] each.
 *
 * @param painter with the inputs `image` and `style` [2, length], and the output `stylized`.
 */
export function joinStep(painter: Model, settings: JoinSettings): JoinStep {
  const { size, length, weights, network } = settings;
  const b = new GraphBuilder('a further style');
  const photographs = pictureOf(b, b.input('photographs', 'uint8', [1, size, size, 3]));
  const parameters = b.input('parameters', 'float32', [length]);
  const style = b.op('Expand', [b.op('Reshape', [parameters, b.ints([1, length])]), b.ints([2, length])]);
  const { stylized } = replay(b, painter, { image: photographs, style });
  const subject = subjectInputs(b, subjectModel(network, 1, size));
  const compared = pictureTerms(b, stylized!, { photographs, subject }, settings);
  const terms = {
    ...compared.terms,
    smoothness: smoothnessLoss(b, stylized!),
    range: rangeLoss(b, stylized!),
    mesh: meshLoss(b, stylized!),
  };
  const balance = b.input('balance', 'float32', []);
  const loss = weightedSum(b, terms, weights, balancedTerms(balance));
  const [gradient] = backward(b, loss, [parameters], new Set(compared.stopped));
  const state = {
    parameters,
    mean: b.input('mean', 'float32', [length]),
    square: b.input('square', 'float32', [length]),
  };
  const [step, total] = ['step', 'total'].map((name) => b.input(name, 'float32', [])) as [typeof loss, typeof loss];
  const next = adam(b, gradient!, state, { rate: learningRate(b, step, total, RATE, WARM_UP), step, clip: CLIP });
  for (const key of ['parameters', 'mean', 'square'] as const) b.output(`${key}_next`, next[key]);
  const reports = { ...terms, loss, norm: next.norm };
  for (const [name, value] of Object.entries(reports)) b.output(name, value);
  return { model: b.build(), reports: Object.keys(reports) };
}
