import { type AdamSettings, type AdamState, adam } from '../../autodiff/adam.js';
import { backward } from '../../autodiff/backward.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import { discriminatorAccuracy, discriminatorLoss, generatorLoss } from '../../losses/terms/adversarial.js';
import { discriminator } from '../../nets/discriminator.js';
import type { TrainedParameters } from '../../nets/parameters/parameters.js';
import { SharedParameters } from '../../nets/parameters/shared.js';

/** Adam's β₁ is small because the opponent changes (Radford 2016, arXiv 1511.06434). */
export const ADAM_BETA1 = 0.5;

/** A discriminator's update in a step, and the generator loss from it. */
export interface AdversarialLoss {
  /** Its next state; no gradient of the style network flows through its parameters. */
  readonly discriminator: AdamState;
  /** The generator loss with the updated discriminator. */
  readonly generatorLoss: Value;
  /** Its own loss, and the share of patches that it classified correctly. */
  readonly reports: { readonly discriminator: Value; readonly share: Value };
}

/**
 * Adds a discriminator whose parameters follow the existing ones: it learns to distinguish pictures of the domain
 * from paintings; the updated discriminator then gives the generator loss.
 *
 * @param domain,picture the same number of pictures of both, [n, 3, s, s]. @param state of all parameters.
 */
export function adversarialLoss(
  b: GraphBuilder,
  parameters: TrainedParameters,
  { domain, picture }: { readonly domain: Value; readonly picture: Value },
  state: AdamState,
  settings: AdamSettings,
): AdversarialLoss {
  const [learners, first] = [parameters.list.length, parameters.size];
  const batch = Number(domain.dims[0]);
  const judged = discriminator(b, parameters, b.op('Concat', [domain, picture], { axis: 0 }));
  const [real, fake] = b.ops('Split', [judged, b.ints([batch, batch])], { axis: 0 }, { outputs: 2 }) as [Value, Value];
  const loss = discriminatorLoss(b, real, fake);
  const own = statePart(b, state, first, parameters.size);
  const slopes = backward(b, loss, parameters.values.slice(learners));
  const updated = adam(b, flatten(b, slopes), own, { ...settings, beta1: ADAM_BETA1 });
  const now = SharedParameters.of(b, parameters.list.slice(learners), updated.parameters, first);
  return {
    discriminator: updated,
    generatorLoss: generatorLoss(b, discriminator(b, now, picture)),
    reports: { discriminator: loss, share: discriminatorAccuracy(b, real, fake) },
  };
}

/** Concatenates gradients into a vector. */
export function flatten(b: GraphBuilder, gradients: readonly Value[]): Value {
  const rows = gradients.map((each) => b.op('Reshape', [each, b.ints([-1])]));
  return b.op('Concat', rows, { axis: 0 });
}

/** Adam's state of a range of the parameters. */
export function statePart(b: GraphBuilder, state: AdamState, from: number, to: number): AdamState {
  const part = (x: Value) => b.op('Slice', [x, b.ints([from]), b.ints([to]), b.ints([0])]);
  return { parameters: part(state.parameters), mean: part(state.mean), square: part(state.square) };
}
