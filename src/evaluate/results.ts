import type { Tier } from '../model/manifest/types.js';
import type { Cost } from './cost.js';

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

/** Measurements of one style; means over all compared pictures, clips or flicker scenes. */
export interface EvaluatedStyle {
  readonly name: string;
  readonly title: string;
  readonly tier: Tier;
  readonly cost: Cost;
  readonly speed: Speed;
  /** Index of its own style picture. */
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
  readonly content: number;
  readonly ssim: number;
  /** Mean squared error of the results to their sources, values from 0 to 1. */
  readonly mse: number;
  /** Mean of the clips' warping errors; undefined without clips. */
  readonly warping: number | undefined;
  readonly sourceWarping: number | undefined;
  /** Mean change of the result from frame to frame of a noisy still scene, over that of the scene, not denoised. */
  readonly flicker: number;
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
