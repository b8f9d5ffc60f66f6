import { type AdamSettings, type AdamState, adam } from '../../autodiff/adam.js';
import { backward } from '../../autodiff/backward.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import { lengthOf, type Parameter, type TrainedParameters } from '../../nets/parameters/parameters.js';
import { type AdversarialLoss, adversarialLoss, flatten, statePart } from './adversarial.js';

/** Adam's β₂ is small because the balance moves the loss from step to step. */
export const ADAM_BETA2 = 0.99;

/**
 * Learning rate of the discriminator relative to that of the network: it sees few pictures and must not memorise them.
 */
const DISCRIMINATOR_RATE = 0.2;

/** Declares the state of a step: `parameters`, `mean` and `square` float32 [p]. */
export function stepState(b: GraphBuilder, parameters: TrainedParameters): AdamState {
  const of = (name: string) => b.input(name, 'float32', ['parameters']);
  return { parameters: parameters.vector, mean: of('mean'), square: of('square') };
}

/** The adversarial loss of paintings with a discriminator that learns slowly, see `adversarialLoss`. */
export function slowAdversarialLoss(
  b: GraphBuilder,
  parameters: TrainedParameters,
  shown: { readonly domain: Value; readonly picture: Value },
  state: AdamState,
  settings: AdamSettings,
): AdversarialLoss {
  const rate = b.op('Mul', [settings.rate, b.scalar('float32', DISCRIMINATOR_RATE)]);
  return adversarialLoss(b, parameters, shown, state, { ...settings, rate });
}

/**
 * Adds the update of a style network's parameters, and of its discriminator's, as the outputs `parameters_next`,
 * `mean_next` and `square_next`; returns the gradient's norm.
 *
 * @param network parameters of the style network: those before the discriminator's. @param stopped values through which
 * no gradient flows.
 */
export function outputUpdate(
  b: GraphBuilder,
  loss: Value,
  parameters: TrainedParameters,
  network: readonly Parameter[],
  { state, settings, stopped, adversarial }: UpdateOptions,
): Value {
  const learned = parameters.values.filter((_, i) => i < network.length && !isFixed(network[i]!));
  const targets = [...stopped, ...(adversarial ? [adversarial.discriminator.parameters] : [])];
  const slopes = backward(b, loss, learned, new Set(targets));
  const gradients = network.map((parameter) =>
    isFixed(parameter) ? b.constant('float32', [parameter.size], new Float32Array(parameter.size)) : slopes.shift()!,
  );
  const own = adversarial ? statePart(b, state, 0, lengthOf(network)) : state;
  const next = adam(b, flatten(b, gradients), own, settings);
  for (const key of ['parameters', 'mean', 'square'] as const) {
    const whole = adversarial ? b.op('Concat', [next[key], adversarial.discriminator[key]], { axis: 0 }) : next[key];
    b.output(`${key}_next`, whole);
  }
  return next.norm;
}

/** Options of an update. */
export interface UpdateOptions {
  readonly state: AdamState;
  readonly settings: AdamSettings;
  readonly stopped: readonly Value[];
  readonly adversarial?: AdversarialLoss | undefined;
}

function isFixed({ start }: Parameter): boolean {
  return 'fixed' in start;
}
