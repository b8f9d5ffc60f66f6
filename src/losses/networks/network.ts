import type { GraphBuilder, Value } from '../../graph/builder.js';

/** What a network finds beyond the border of a picture: nothing, or the picture reflected, which leaves the border alone. */
export type Border = 'zeros' | 'reflected';

/** A frozen network whose features a style is compared in. */
export interface LossNetwork {
  /** What it is, for reports. */
  readonly name: string;
  /** The layers that it has, shallow to deep. */
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
