import { learningRate } from '../../../autodiff/adam.js';
import { GraphBuilder, type Value } from '../../../graph/builder.js';
import type { LossNetwork } from '../../../losses/networks/network.js';
import { meanOf, relativeDistance } from '../../../losses/terms/distance.js';
import { meshLoss } from '../../../losses/terms/mesh.js';
import { pictureOf, rangeLoss } from '../../../losses/terms/picture.js';
import { grams, styleLoss } from '../../../losses/terms/style.js';
import type { Building, Norm } from '../../../nets/layers.js';
import { styleNetwork } from '../../../nets/network.js';
import { TrainedParameters } from '../../../nets/parameters/parameters.js';
import { TIERS } from '../../../nets/tiers.js';
import { MARGIN } from '../../data/clip/mirrored-crop.js';
import { motionPair } from '../../objective/motion.js';
import { type TrainingStep, weightedSum } from '../../objective/step.js';
import { temporalTerms } from '../../objective/temporal-terms.js';
import { ADAM_BETA2, outputUpdate, slowAdversarialLoss, stepState } from '../../objective/update.js';
import type { TrainSettings } from '../../settings/settings.js';

/** Inputs of a step besides those of every step. */
export const PAIR_INPUTS = { frames: 'frames', paintings: 'paintings', beside: 'beside' } as const;

/**
 * Builds the step that learns painted frames (few-shot patch training in the spirit of Texler 2020, arXiv 2004.14489):
 * crops of them are to be painted as they were, and crops of other frames as steadily as any photograph, and so that a
 * discriminator takes them for painted by the same hand.
 *
 * Inputs: `frames` and `paintings` uint8 [n, s, s, 3], the same places of painted frames and of what was painted over them;
 * `photographs` uint8 [n, s, s, 3], other frames; `beside` uint8 [n, s, s, 3], paintings at the places of these; `step`,
 * `total` and `ramp` float32 [], the state `parameters`, `mean`, `square` float32 [p], and those of `motionInputs`. Outputs:
 * the next state and the reports.
 */
export function pairStep(settings: TrainSettings, network: LossNetwork, norm: Norm): TrainingStep {
  const { size, batch, weights, seed } = settings;
  const b = new GraphBuilder('painted frames');
  const bytes = (name: string) => pictureOf(b, b.input(name, 'uint8', [batch, size, size, 3]));
  const [frames, paintings] = [bytes(PAIR_INPUTS.frames), bytes(PAIR_INPUTS.paintings)];
  const [step, total] = ['step', 'total'].map((name) => b.input(name, 'float32', [])) as [Value, Value];
  const parameters = new TrainedParameters(b);
  const net: Building = { b, parameters, norm, seen: new Map() };
  const pair = motionPair(b, bytes('photographs'), seed);
  const all = styleNetwork(net, b.op('Concat', [frames, pair.noisy], { axis: 0 }), TIERS[settings.tier]);
  const own = parameters.list.slice();
  const part = (x: Value, from: number, to: number) => b.op('Slice', [x, b.ints([from]), b.ints([to]), b.ints([0])]);
  const others = { picture: part(all.picture, batch, 3 * batch), features: part(all.features, batch, 3 * batch) };
  const painted = middle(b, part(all.picture, 0, batch));
  const given = middle(b, paintings);

  const { style: layers } = network.objective;
  const style = [layers[1]];
  const wanted = [...new Set([...layers[1], ...network.contentLayers])];
  const [ours, theirs] = [painted, given].map((picture) => network.features(b, picture, wanted)) as [Seen, Seen];
  const terms: Record<string, Value> = {
    pixels: b.op('ReduceMean', [b.op('Abs', [b.op('Sub', [painted, given])])], { keepdims: 0 }),
    content: meanOf(
      b,
      network.contentLayers.map((layer) => relativeDistance(b, ours.get(layer)!, theirs.get(layer)!)),
    ),
    style: styleLoss(b, grams(b, [ours], style), grams(b, [theirs], style)),
    range: rangeLoss(b, all.picture),
    mesh: meshLoss(b, all.picture),
  };
  const rate = learningRate(b, step, total, settings.rate, settings.warmUp);
  const adamSettings = { rate, step, clip: settings.clip, beta2: ADAM_BETA2 };
  const state = stepState(b, parameters);
  const both = (one: Value, other: Value) => b.op('Concat', [one, middle(b, other)], { axis: 0 });
  const judged = () => ({
    domain: both(given, bytes(PAIR_INPUTS.beside)),
    picture: both(painted, part(others.picture, 0, batch)),
  });
  const adversarial =
    weights.adversarial > 0 ? slowAdversarialLoss(b, parameters, judged(), state, adamSettings) : undefined;
  if (adversarial) terms.adversarial = adversarial.generatorLoss;
  const temporal = temporalTerms(net, others, pair);
  Object.assign(terms, { temporal: temporal.temporal, features: temporal.features });
  const ramp = b.input('ramp', 'float32', []);
  const content = b.scalar('float32', weights.content);
  const loss = weightedSum(b, terms, weights, { content, temporal: ramp, features: ramp });
  const { stopped } = temporal;
  const gradient = outputUpdate(b, loss, parameters, own, { state, settings: adamSettings, stopped, adversarial });
  const reports = { ...terms, ...adversarial?.reports, loss, norm: gradient };
  for (const [name, value] of Object.entries(reports)) b.output(name, value);
  return {
    model: b.build(),
    parameters: parameters.list,
    networkLength: own.length,
    reports: Object.keys(reports),
  };
}

type Seen = Map<string, Value>;

/** What of a crop is compared: around it the network saw the crop's border, not its surroundings. */
function middle(b: GraphBuilder, picture: Value): Value {
  const [from, to] = [b.ints([MARGIN, MARGIN]), b.ints([-MARGIN, -MARGIN])];
  return b.op('Slice', [picture, from, to, b.ints([2, 3])]);
}
