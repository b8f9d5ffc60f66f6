import { type AdamSettings, type AdamState, adam } from '../../autodiff/adam.js';
import { backward } from '../../autodiff/backward.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import { deceptionLoss, discriminatorLoss, discriminatorShare } from '../../losses/terms/adversarial.js';
import { discriminator } from '../../nets/discriminator.js';
import type { TrainedParameters } from '../../nets/parameters/parameters.js';
import { SharedParameters } from '../../nets/parameters/shared.js';

/** Adam's memory of gradients is kept short: the opponent changes (Radford 2016, arXiv 1511.06434). */
export const BETA = 0.5;

/** What becomes of a discriminator in a step, and what it says then. */
export interface Contest {
  /** Its next state; no gradient of the style network's is to flow through its parameters. */
  readonly judge: AdamState;
  /** How far the paintings are from deceiving it as it is next. */
  readonly deception: Value;
  /** Its own loss, and the share of the patches that it told right. */
  readonly reports: { readonly discriminator: Value; readonly share: Value };
}

/**
 * Adds a discriminator whose parameters follow those that are there: it learns to tell pictures of the domain from
 * paintings, and then says, as it is now, how much the paintings look like the domain.
 *
 * @param domain,picture as many pictures of the one as of the other, [n, 3, s, s]. @param state of all parameters.
 */
export function contest(
  b: GraphBuilder,
  parameters: TrainedParameters,
  { domain, picture }: { readonly domain: Value; readonly picture: Value },
  state: AdamState,
  settings: AdamSettings,
): Contest {
  const [learners, first] = [parameters.list.length, parameters.size];
  const batch = Number(domain.dims[0]);
  const judged = discriminator(b, parameters, b.op('Concat', [domain, picture], { axis: 0 }));
  const [real, fake] = b.ops('Split', [judged, b.ints([batch, batch])], { axis: 0 }, { outputs: 2 }) as [Value, Value];
  const loss = discriminatorLoss(b, real, fake);
  const own = statePart(b, state, first, parameters.size);
  const slopes = backward(b, loss, parameters.values.slice(learners));
  const judge = adam(b, flat(b, slopes), own, { ...settings, beta1: BETA });
  const now = SharedParameters.of(b, parameters.list.slice(learners), judge.parameters, first);
  return {
    judge,
    deception: deceptionLoss(b, discriminator(b, now, picture)),
    reports: { discriminator: loss, share: discriminatorShare(b, real, fake) },
  };
}

/** Gradients one after the other, as a vector. */
export function flat(b: GraphBuilder, gradients: readonly Value[]): Value {
  const rows = gradients.map((each) => b.op('Reshape', [each, b.ints([-1])]));
  return b.op('Concat', rows, { axis: 0 });
}

/** Adam's state of the parameters from one place to another. */
export function statePart(b: GraphBuilder, state: AdamState, from: number, to: number): AdamState {
  const part = (x: Value) => b.op('Slice', [x, b.ints([from]), b.ints([to]), b.ints([0])]);
  return { parameters: part(state.parameters), mean: part(state.mean), square: part(state.square) };
}
