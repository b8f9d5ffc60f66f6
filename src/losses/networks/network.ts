import type { GraphBuilder, Value } from '../../graph/builder.js';

/** Padding of a network's layers: zeros, or reflection, which does not mark the border. */
export type Border = 'zeros' | 'reflected';

/** The layers that training compares. */
export interface ObjectiveLayers {
  /** Layers of the style at full size, at half of it and, where there is a third list, at a quarter. */
  readonly style: readonly [full: readonly string[], half: readonly string[], ...coarser: (readonly string[])[]];
  /** Those of them that have the weight of all the others of a scale together. */
  readonly deep: readonly string[];
  /**
   * Layer of the content, what is shown, whatever the strokes; and the scale at which it sees more than strokes: 0 is the
   * full size, 1 half of it.
   */
  readonly content: { readonly layer: string; readonly scale: 0 | 1 };
  /** Layer of shapes, at 1/2 of the size, and of the structure, at 1/4 and 1/8 of it: where things are. */
  readonly structure: string;
  /** What training lacks without deeper layers; absent where nothing is lacking. */
  readonly missing?: string;
}

/** A frozen network whose features are compared. */
export interface LossNetwork {
  /** Name for reports. */
  readonly name: string;
  /** Its layers, shallow to deep. */
  readonly layers: readonly string[];
  /** Layers whose Gram matrices carry the style. */
  readonly styleLayers: readonly string[];
  /** Layers that the content is compared in. */
  readonly contentLayers: readonly string[];
  /** Layers that training compares. */
  readonly objective: ObjectiveLayers;
  /**
   * Adds the network and returns the features of the wanted layers, [n, c, h′, w′].
   *
   * @param image [n, 3, h, w], RGB in [0, 1].
   * @param border of the features between its layers; zeros where absent.
   */
  features(b: GraphBuilder, image: Value, wanted: readonly string[], border?: Border): Map<string, Value>;
}
