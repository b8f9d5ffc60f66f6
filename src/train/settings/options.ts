import type { OnnxDevice } from '../../engine/runtime/devices.js';
import type { TierName } from '../../nets/tiers.js';
import type { Progress } from '../progress.js';

/** What to train, on what, and for how long. */
export interface TrainOptions {
  /** How to train, a name of `METHODS`; `single` where absent. */
  readonly method?: string;
  /** The style: one or more pictures of it. */
  readonly pictures: readonly string[];
  /**
   * With the method `modulated`: a folder of pictures, whose manners, and those of parts of them, are learned besides,
   * so that the network can paint in the style of any picture.
   */
  readonly any?: string;
  /**
   * Name or folder of a preset of many styles: the pictures become further styles of it, of which only the style vectors
   * are learned, in under a minute each. The other styles, and what they look like, stay as they are.
   */
  readonly into?: string;
  /** Methods `adversarial` and `gan`: a folder of pictures, searched with the folders in it, that make the style. */
  readonly domain?: string;
  /** A folder of photographs, searched with the folders in it; pictures made for the purpose where absent. */
  readonly photos?: string;
  /** Folder of the preset to be made; what is needed to go on lies beside it, in `<output>.training`. */
  readonly output: string;
  /** Size of the network; `lite` where absent. */
  readonly tier?: TierName;
  /** How long to train. Give this or `steps`; 25 minutes where both are absent. */
  readonly minutes?: number;
  readonly steps?: number;
  /** Side of the training crops in pixels, a multiple of 32; 256 where absent. */
  readonly size?: number;
  /** How much flicker counts: 1 is usual, 0 trains without. */
  readonly temporal?: number;
  /** Size of the strokes: 2 paints them twice as large. */
  readonly styleScale?: number;
  /** Balance of style against content: 2 lets the style count twice. */
  readonly styleStrength?: number;
  /**
   * How much the verdict of a patch discriminator counts, which learns to tell paintings from pictures of the style; 0,
   * no discriminator, where absent. With the methods `single` and `modulated`; the others have one anyway.
   */
  readonly adversarial?: number;
  /** How much keeping the content counts: 2 lets it count twice. */
  readonly contentStrength?: number;
  /**
   * Fold the norms' statistics over photographs into the weights: a purely local network, a seventh faster, which
   * tiles exactly and knows nothing of the frame as a whole; but a poorer likeness, above all of night scenes.
   */
  readonly freeze?: boolean;
  readonly seed?: number;
  /**
   * What to begin with: the folder of an earlier training of the same tier or a smaller one, or `scratch` for random
   * weights. Where absent, the network that comes with stylecast; `tiny` begins with random weights.
   */
  readonly from?: string;
  /** Goes on from the last checkpoint, with the settings it was made with. */
  readonly resume?: boolean;
  /** Replaces a preset, and a training, that is there already. */
  readonly overwrite?: boolean;
  /**
   * VGG-19 weights, a `.safetensors` file. Where absent, the one that `fetchLossNetwork` brought; where there is none,
   * fixed random filters, which paint worse strokes.
   */
  readonly lossNetwork?: string;
  /** Where the steps are computed; the CPU where absent. */
  readonly device?: OnnxDevice;
  /** Threads that compute; all of them where absent. */
  readonly threads?: number;
  /** Stops after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told the share of the pictures of `any` that were looked at, before the first step. */
  readonly onLook?: (share: number) => void;
  /** Told what the user should know before it begins. */
  readonly onNote?: (note: string) => void;
}
