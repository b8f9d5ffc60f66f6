import type { GraphBuilder, Value } from '../../graph/builder.js';

/** Padding of a network's layers: zeros, or reflection, which does not mark the border. */
export type Border = 'zeros' | 'reflected';

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
  /**
   * Adds the network and returns the features of the wanted layers, [n, c, h′, w′].
   *
   * @param image [n, 3, h, w], RGB in [0, 1].
   * @param border of the features between its layers; zeros where absent.
   */
  features(b: GraphBuilder, image: Value, wanted: readonly string[], border?: Border): Map<string, Value>;
}
