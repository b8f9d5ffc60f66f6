import type { OnnxDevice } from '../../engine/runtime/devices.js';
import type { TierName } from '../../nets/tiers.js';
import type { TrainProgress } from '../progress.js';

/** What to train, on what, and for how long. */
export interface TrainOptions {
  /** Training method, a name of `METHODS`; default `single`. */
  readonly method?: string;
  /** The style: one or more pictures of it. */
  readonly pictures: readonly string[];
  /**
   * With the method `modulated`: a folder of pictures whose styles, and those of crops of them, are learned in
   * addition, so that the network generalises to any picture.
   */
  readonly any?: string;
  /**
   * Name or folder of a preset of many styles: the pictures become further styles of it, of which only the style
   * vectors are learned, in under a minute each. The other styles are not changed.
   */
  readonly into?: string;
  /** Methods `adversarial` and `gan`: a folder of pictures, searched recursively, that define the style. */
  readonly domain?: string;
  /** A clip of which frames were painted over: the network learns to paint the rest of it like that. */
  readonly frames?: string;
  /**
   * The paintings, of the size of the clip's frames: files named by the number of their frame as `frame_0120.png`, or
   * `120=file.png`.
   */
  readonly painted?: readonly string[];
  /** A folder of photographs, searched recursively; default: synthetic pictures. */
  readonly photos?: string;
  /** Folder of the new preset; checkpoint, preview and report are in `<output>.training` beside it. */
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
  /** Style against content: 2 lets the style count twice, and structure be twice as far from the photograph's. */
  readonly styleStrength?: number;
  /**
   * Weight of a patch discriminator, which learns to distinguish paintings from pictures of the style; default 0, none;
   * with `frames` 0.5. For the methods `single`, `modulated` and `frames`; the others always have one.
   */
  readonly adversarial?: number;
  /** Weight of content preservation: 2 keeps structure twice as near, and light and colour count twice. */
  readonly contentStrength?: number;
  /**
   * Fold the norms' statistics over photographs into the weights: a purely local network, a seventh faster, which
   * tiles exactly and has no global flicker, but matches the style less well, above all in night scenes.
   */
  readonly freeze?: boolean;
  readonly seed?: number;
  /**
   * Initial weights: the folder of an earlier training of the same tier or a smaller one, or `scratch` for random
   * weights. Default: those that come with stylecast; `tiny` starts with random weights.
   */
  readonly from?: string;
  /** Resume from the last checkpoint, with its settings. */
  readonly resume?: boolean;
  /** Replace an existing preset and training. */
  readonly overwrite?: boolean;
  /**
   * VGG-19 weights, a `.safetensors` file. Default: the one downloaded by `fetchLossNetwork`; without it, fixed random
   * filters, which give worse strokes.
   */
  readonly lossNetwork?: string;
  /** Device of the training steps; default: the CPU. */
  readonly device?: OnnxDevice;
  /** CPU threads; default: all. */
  readonly threads?: number;
  /** Aborting stops after the current step, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Called with the share of the pictures of `any` that have been read, before the first step. */
  readonly onLook?: (share: number) => void;
  /** Called with notes to the user before training starts. */
  readonly onNote?: (note: string) => void;
}
