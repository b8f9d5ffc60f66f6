import { backward } from '../../autodiff/backward.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model, Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { contentLoss } from '../../losses/terms/content.js';
import { rangeLoss, smoothnessLoss } from '../../losses/terms/picture.js';
import { featuresOf, grams, layersOf, pyramid, styleLoss } from '../../losses/terms/style.js';
import { luminance } from '../../losses/terms/temporal.js';
import type { StyleTarget } from '../../quality/style/target.js';

/** Weights of the terms of the objective. */
export interface PaintWeights {
  readonly content: number;
  readonly style: number;
  readonly smoothness: number;
  /** Smoothness of chroma: colour speckles are the most visible artefact. */
  readonly chroma: number;
  readonly range: number;
}

/** Options of the objective. */
export interface ObjectiveSettings {
  readonly network: LossNetwork;
  /** Gram matrices of the style by scale and layer, [1, c, c]; as many scales as the picture is compared at. */
  readonly target: StyleTarget;
  /** Multiples of 4 · 2^(scales − 1). */
  readonly width: number;
  readonly height: number;
  readonly weights: PaintWeights;
}

/** The objective as values of a graph under construction. */
export interface Objective {
  readonly loss: Value;
  /** Gradient with respect to the picture, in its shape. */
  readonly gradient: Value;
  /** The terms before their weights, dims [] each. */
  readonly terms: Readonly<Record<keyof PaintWeights, Value>>;
}

/** The terms that `paintObjective` reports, in their order. */
export const TERMS = ['content', 'style', 'smoothness', 'chroma', 'range'] as const;

/** The name of the input that takes the photograph's features of a layer. */
export function contentName(layer: string): string {
  return `content ${layer}`;
}

/**
 * Adds the objective of a picture that is itself the parameter (Gatys, Ecker and Bethge 2016, with the pyramid of
 * Snelgrove 2017): content and Gram losses, smoothness, and a penalty outside [0, 1]. The photograph's features are
 * inputs named by `contentName`, [1, c, h′, w′].
 *
 * @param picture [1, 3, height, width], RGB, about [0, 1].
 */
export function paintObjective(b: GraphBuilder, picture: Value, settings: ObjectiveSettings): Objective {
  const { network, weights } = settings;
  const target = settings.target.map(
    (layers) => new Map([...layers].map(([layer, gram]) => [layer, constant(b, gram)])),
  );
  const layers = layersOf(target);
  const features = featuresOf(b, network, pyramid(b, picture, target.length), layers, [network.contentLayers]);
  const photograph = new Map(
    network.contentLayers.map((layer) => [
      layer,
      b.input(contentName(layer), 'float32', features[0]!.get(layer)!.dims),
    ]),
  );
  const terms = {
    content: contentLoss(b, features[0]!, photograph),
    style: styleLoss(b, grams(b, features, layers), target),
    smoothness: smoothnessLoss(b, picture),
    chroma: smoothnessLoss(b, b.op('Sub', [picture, luminance(b, picture)])),
    range: rangeLoss(b, picture),
  };
  const weighted = TERMS.map((name) => b.op('Mul', [terms[name], b.scalar('float32', weights[name])]));
  const loss = weighted.reduce((sum, term) => b.op('Add', [sum, term]));
  const [gradient] = backward(b, loss, [picture]);
  return { loss, gradient: gradient!, terms };
}

/**
 * A model that computes the losses of a picture and its gradient.
 *
 * Inputs: `picture` float32 [1, 3, height, width] and the photograph's features. Outputs: `loss` and the terms,
 * float32 [], and `gradient`, float32 [1, 3, height, width].
 */
export function objectiveModel(settings: ObjectiveSettings): Model {
  const b = new GraphBuilder('painting objective');
  const picture = b.input('picture', 'float32', [1, 3, settings.height, settings.width]);
  const { loss, gradient, terms } = paintObjective(b, picture, settings);
  for (const [name, value] of Object.entries({ loss, gradient, ...terms })) b.output(name, value);
  return b.build();
}

/** A model of the content features: `picture` in, outputs named by `contentName`. */
export function contentModel(network: LossNetwork, width: number, height: number): Model {
  const b = new GraphBuilder('content features');
  const picture = b.input('picture', 'float32', [1, 3, height, width]);
  for (const [layer, value] of network.features(b, picture, network.contentLayers)) b.output(contentName(layer), value);
  return b.build();
}

function constant(b: GraphBuilder, { dims, data }: Tensor): Value {
  return b.constant('float32', dims, data);
}
