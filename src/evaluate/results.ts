import type { Tier } from '../model/manifest/types.js';

/** Cost of a network. */
export interface Cost {
  /** Multiply-accumulate operations for one picture of 640×360, in units of 10⁹. */
  readonly gmac: number;
  /** Number of weights. */
  readonly parameters: number;
  /** Length of its file. */
  readonly bytes: number;
}

/** Time of a network per picture on this machine, with all threads, without decoding and encoding. */
export interface Speed {
  /** Median milliseconds a picture. */
  readonly ms: number;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly device: string;
}

/** Measurements on one clip. */
export interface ClipFigures {
  readonly name: string;
  readonly frames: number;
  /** Mean warping error of the result. */
  readonly warping: number;
  /** Mean warping error of the clip itself. */
  readonly sourceWarping: number;
  /** Share of pixels with reliable motion. */
  readonly trusted: number;
  /** Whether the motion was estimated or given. */
  readonly motion: 'estimated' | 'given';
}

/** A picture of a report, as JPEG. */
export interface ReportPicture {
  readonly name: string;
  readonly source: Uint8Array;
  readonly result: Uint8Array;
}

/** Figures of paintings, against their sources and their style picture. */
export interface PaintingFigures {
  /** Distance of the strokes to those of its own style picture; undefined without one, and without VGG-19. */
  readonly strokes: number | undefined;
  /** Crispness, over that of its own style picture. */
  readonly crispness: number | undefined;
  /** Distance of the shapes to the source's; undefined without VGG-19. */
  readonly structure: number | undefined;
  /** How much of the sources' local light and dark, and of their local colours, is kept: 1 is all. */
  readonly light: number;
  readonly colour: number | undefined;
  /** Faces in all the sources, and how many of them are found in the paintings; undefined where they were not looked for. */
  readonly faces: { readonly source: number; readonly found: number } | undefined;
  /** Overlap of the person's mask on source and painting; undefined where no source has a person. */
  readonly person: number | undefined;
  /** Content distance to the sources. */
  readonly content: number;
  readonly ssim: number;
  /** Mean squared error of the results to their sources, values from 0 to 1. */
  readonly mse: number;
}

/** What was measured of one style, or of paintings made elsewhere; means over all judged pictures, clips or flicker scenes. */
export interface EvaluatedStyle extends PaintingFigures {
  readonly name: string;
  readonly title: string;
  /** Tier, cost and speed of a style; undefined of paintings made elsewhere. */
  readonly tier: Tier | undefined;
  readonly cost: Cost | undefined;
  readonly speed: Speed | undefined;
  /** Pictures that were judged. */
  readonly judged: number;
  /** Which of the style pictures is its own. */
  readonly own: number | undefined;
  /** Style distance to its own style picture, where that is known. */
  readonly style: number | undefined;
  /** Style distance of the sources to that picture. */
  readonly sourceStyle: number | undefined;
  /** Style distance to every style picture. */
  readonly styles: readonly number[];
  /** Distance of the results from the domain, and of the sources, where there is one. */
  readonly domain: number | undefined;
  readonly sourceDomain: number | undefined;
  /** Mean of the clips' warping errors; undefined without clips. */
  readonly warping: number | undefined;
  readonly sourceWarping: number | undefined;
  /** Mean change of the result from frame to frame of a noisy still scene, over that of the scene, not denoised; of styles. */
  readonly flicker: number | undefined;
  readonly clips: readonly ClipFigures[];
  /** If pictures were requested: results, and maps of flicker (brighter changes more). */
  readonly pictures?: readonly ReportPicture[];
  readonly flickerMap?: Uint8Array;
}

/** The result of an evaluation. */
export interface Evaluation {
  /** Name of the loss network. */
  readonly lossNetwork: string;
  /** Names and files of the style pictures, in the order of `styles` of each style. */
  readonly stylePictures: readonly { readonly name: string; readonly file: string }[];
  /** Whether sampling grids were aligned with camera motion and results filtered over time. */
  readonly steady: boolean;
  /** Whether clips and the still scene were denoised first. */
  readonly denoise: boolean;
  /** Number of compared pictures. */
  readonly judged: number;
  /** Style distance of the sources to every style picture. */
  readonly sourceStyles: readonly number[];
  readonly styles: readonly EvaluatedStyle[];
}
