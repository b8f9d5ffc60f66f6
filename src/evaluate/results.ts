import type { Tier } from '../model/manifest/types.js';
import type { Cost } from './cost.js';

/** How long a network takes for a picture on this machine, all threads on one picture, without decoding and encoding. */
export interface Speed {
  /** Median milliseconds a picture. */
  readonly ms: number;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly device: string;
}

/** What was measured on one clip. */
export interface ClipFigures {
  readonly name: string;
  readonly frames: number;
  /** Mean warping error of the result. */
  readonly warping: number;
  /** Mean warping error of the clip itself. */
  readonly sourceWarping: number;
  /** Share of the pixels whose motion could be trusted. */
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

/** What was measured of one style; means over all judged pictures, clips or flicker scenes. */
export interface EvaluatedStyle {
  readonly name: string;
  readonly title: string;
  readonly tier: Tier;
  readonly cost: Cost;
  readonly speed: Speed;
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
  /** Where pictures were asked for: results, and where the still scene flickers (brighter changes more). */
  readonly pictures?: readonly ReportPicture[];
  readonly flickerMap?: Uint8Array;
}

/** What came of an evaluation. */
export interface Evaluation {
  /** What the distances were measured with. */
  readonly lossNetwork: string;
  /** Names and files of the style pictures, in the order of `styles` of each style. */
  readonly stylePictures: readonly { readonly name: string; readonly file: string }[];
  /** Whether the sampling grid of networks followed the camera, and what was painted settled. */
  readonly steady: boolean;
  /** Whether the noise was taken off clips and off the still scene first. */
  readonly denoise: boolean;
  /** Pictures that were judged. */
  readonly judged: number;
  /** Style distance of the sources to every style picture. */
  readonly sourceStyles: readonly number[];
  readonly styles: readonly EvaluatedStyle[];
}
