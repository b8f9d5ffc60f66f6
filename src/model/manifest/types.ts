/** Number type of a tensor at the edge of a network. */
export type PixelType = 'float32' | 'float16' | 'uint8';
/**
 * Order of the four dimensions of a picture tensor: batch, channels, rows, columns or batch, rows, columns, channels.
 */
export type Layout = 'nchw' | 'nhwc';
/** Order of the colour channels. */
export type Channels = 'rgb' | 'bgr';
/** Cost of a style: `lite` for real time on a laptop's CPU, `tiny` smallest on disk, `foreign` unknown. */
export type Tier = 'lite' | 'standard' | 'fine' | 'tiny' | 'foreign';
/** One number per channel, in the order that {@link PictureTensor.channels} names. */
export type PerChannel = readonly [number, number, number];

/** A picture that a style was made from. */
export interface Credit {
  readonly title: string;
  readonly author: string;
  /** Year of the picture; negative before our era. */
  readonly year?: number;
  /** Where the picture file came from. */
  readonly source?: string;
  readonly licence?: string;
  /** SHA-256 of the picture file, 64 lower-case hexadecimal digits. */
  readonly sha256?: string;
}

/** How a network was trained, in enough detail to repeat it. */
export interface Training {
  /** The command line. */
  readonly command: string;
  readonly seed: number;
  readonly steps: number;
  /** Side of the training pictures in pixels. */
  readonly size: number;
  /** Training data in words. */
  readonly data: string;
  /** Version of stylecast. */
  readonly version: string;
}

/** Measurements of `stylecast eval`; see docs/quality.md. */
export interface Figures {
  /** Multiply-accumulate operations for 640×360, in units of 10⁹. */
  readonly gmac: number;
  readonly parameters: number;
  /** Milliseconds per picture of 640×360 on the author's machine. */
  readonly ms?: number;
  /** Distance of the strokes to the style picture's, and of the shapes to the sources'. */
  readonly strokes?: number;
  readonly structure?: number;
  /** Overlap of the person's mask on source and painting, 0 to 1. */
  readonly person?: number;
  /** Style distance of results, and of the sources, to the style picture. */
  readonly style?: number;
  readonly sourceStyle?: number;
  readonly content?: number;
  readonly ssim?: number;
  readonly warping?: number;
  readonly sourceWarping?: number;
  readonly flicker?: number;
}

/** The network's file, beside the manifest. */
export interface ModelFile {
  /** Path relative to the preset's folder, with `/` between its parts; never outside the folder. */
  readonly file: string;
  /** SHA-256 of the file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Length of the file in bytes. */
  readonly bytes: number;
}

/**
 * How a network represents a picture: `x = (pixel / 255 * (high - low) + low - mean) / std`, per channel, with `pixel`
 * in 0–255 and `[low, high] = range`.
 */
export interface PictureTensor {
  /** Name of the graph's input or output. */
  readonly name: string;
  readonly type: PixelType;
  readonly layout: Layout;
  readonly channels: Channels;
  /** Values of black and white before `mean` and `std`. */
  readonly range: readonly [low: number, high: number];
  /** Subtracted per channel; default: none. */
  readonly mean?: PerChannel;
  /** Divisor per channel; default: none. */
  readonly std?: PerChannel;
}

/** The picture input of a network. */
export interface NetworkInput extends PictureTensor {
  /** Width and height must be whole multiples of this many pixels. */
  readonly multiple: number;
  /** Fixed input size in pixels; default: any size. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Fixed batch size; default: any. */
  readonly batch?: number;
}

/** The picture output of a network, of the same size as its input. */
export type NetworkOutput = PictureTensor;

/** An input besides the picture, such as a style vector. */
export interface FurtherInput {
  readonly name: string;
  readonly type: PixelType | 'int32' | 'int64' | 'bool';
  readonly dims: readonly number[];
  /** One number for every element, or all of them in row-major order. */
  readonly default: number | readonly number[];
}

/** An output that becomes an input of the next frame; zero at the start and after a cut. */
export interface StateLoop {
  readonly input: string;
  readonly output: string;
}

/** One of the styles of a network that has many. */
export interface NamedStyle {
  readonly name: string;
  /** Title for users; default: the name. */
  readonly title?: string;
  readonly vector: readonly number[];
  /** SHA-256 of the picture file that it was learned from, 64 lower-case hexadecimal digits. */
  readonly sha256?: string;
  /** A small picture of it, beside the manifest. */
  readonly thumbnail?: string;
}

/** Style selection of a network of many styles. */
export interface Modulation {
  /** Name of the further input that takes style vectors: float32 [2, n], one for strokes, one for edges and colours. */
  readonly input: string;
  /**
   * Name of the further input that varies the strokes: float32 [channels, rows, columns], laid out as tiles over the
   * network's coarsest features, relative to their standard deviation. Absent in networks without noise.
   */
  readonly noise?: string;
  /** The mean style vector, n numbers, towards which styles are truncated. */
  readonly mean: readonly number[];
  readonly styles: readonly NamedStyle[];
  /**
   * A network that predicts the style vector of any picture: `picture` uint8 [1, height, width, 3] (RGB, sides
   * multiples of 8, the longer one 640) to `style` float32 [1, n]. Absent where only learned styles are available.
   */
  readonly prediction?: ModelFile;
}

/** The content of `preset.json`: how to run its network, and its credits. */
export interface Manifest {
  readonly format: 1;
  /** Letters, digits, `.`, `_` and `-`, starting with a letter or digit; a preset's folder has the same name. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly tier: Tier;
  /** SPDX expression of the network's weights, or `unstated`. */
  readonly licence: string;
  readonly credits: readonly Credit[];
  readonly model: ModelFile;
  readonly input: NetworkInput;
  readonly output: NetworkOutput;
  readonly inputs: readonly FurtherInput[];
  readonly state: readonly StateLoop[];
  /** How much of the source's fine detail of light is put on its paintings, 0 to 1; default: 0. */
  readonly detail?: number;
  readonly modulation?: Modulation;
  readonly training?: Training;
  readonly figures?: Figures;
  /** A small picture of the style, beside the manifest. */
  readonly thumbnail?: string;
  /** A larger one. */
  readonly sample?: string;
}
