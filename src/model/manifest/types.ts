/** Number type of a tensor at the edge of a network. */
export type PixelType = 'float32' | 'float16' | 'uint8';
/** Order of the four dimensions of a picture tensor: batch, channels, rows, columns or batch, rows, columns, channels. */
export type Layout = 'nchw' | 'nhwc';
/** Order of the colour channels. */
export type Channels = 'rgb' | 'bgr';
/** What a style costs to run: `lite` in real time on a laptop's CPU, `tiny` smallest on disk, `foreign` unknown. */
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

/** How a network was trained: enough to do it again. */
export interface Training {
  /** The command line. */
  readonly command: string;
  readonly seed: number;
  readonly steps: number;
  /** Side of the training pictures in pixels. */
  readonly size: number;
  /** What it learned on, in words. */
  readonly data: string;
  /** Version of stylecast. */
  readonly version: string;
}

/** What `stylecast eval` measured; see docs/quality.md. */
export interface Figures {
  /** Multiply-accumulate operations for 640×360, in units of 10⁹. */
  readonly gmac: number;
  readonly parameters: number;
  /** Milliseconds a picture of 640×360 on the machine of the one who measured. */
  readonly ms?: number;
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
 * How a network writes a picture down as numbers: `x = (pixel / 255 * (high - low) + low - mean) / std`, per channel,
 * with `pixel` in 0–255 and `[low, high] = range`.
 */
export interface PictureTensor {
  /** Name of the graph's input or output. */
  readonly name: string;
  readonly type: PixelType;
  readonly layout: Layout;
  readonly channels: Channels;
  /** What black and white become before `mean` and `std`. */
  readonly range: readonly [low: number, high: number];
  /** Subtracted per channel; nothing where absent. */
  readonly mean?: PerChannel;
  /** Divided by per channel; nothing where absent. */
  readonly std?: PerChannel;
}

/** The picture that goes into a network. */
export interface NetworkInput extends PictureTensor {
  /** Width and height must be whole multiples of this many pixels. */
  readonly multiple: number;
  /** The only size that the network takes, in pixels; any size where absent. */
  readonly size?: { readonly width: number; readonly height: number };
  /** The only number of pictures at a time that the network takes; any where absent. */
  readonly batch?: number;
}

/** The picture that comes out of a network, of the same size as the one that went in. */
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
  /** What people call it; the name where absent. */
  readonly title?: string;
  readonly vector: readonly number[];
  /** SHA-256 of the picture file that it was learned from, 64 lower-case hexadecimal digits. */
  readonly sha256?: string;
  /** A small picture of it, beside the manifest. */
  readonly thumbnail?: string;
}

/** What chooses among the styles of a network that has many. */
export interface Modulation {
  /** Name of the further input that takes style vectors: float32 [2, n], one for strokes, one for edges and colours. */
  readonly input: string;
  /**
   * Name of the further input that varies the strokes: float32 [channels, rows, columns], laid out as tiles over the
   * network's coarsest features, a deviation of 1 as strong as these. Absent in networks that take none.
   */
  readonly noise?: string;
  /** The mean style, n numbers: where a style that is weakened goes. */
  readonly mean: readonly number[];
  readonly styles: readonly NamedStyle[];
  /**
   * A network that gives the style vector of any picture: `picture` uint8 [1, height, width, 3] (RGB, sides multiples
   * of 8, the longer one 640) to `style` float32 [1, n]. Absent where only the styles that were learned are known.
   */
  readonly prediction?: ModelFile;
}

/** What `preset.json` says: how to run the network beside it, and whom to thank for it. */
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
  readonly modulation?: Modulation;
  readonly training?: Training;
  readonly figures?: Figures;
  /** A small picture of the style, beside the manifest. */
  readonly thumbnail?: string;
  /** A larger one. */
  readonly sample?: string;
}
