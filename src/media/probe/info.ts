import type { Rational } from '../../frame.js';
import type { Clock } from './clock.js';

/** Colour description of a video stream in ffmpeg's names; undefined where the file does not say. */
export interface Colour {
  readonly matrix: string | undefined;
  readonly primaries: string | undefined;
  readonly transfer: string | undefined;
  readonly range: 'tv' | 'pc' | undefined;
}

/** The video stream that will be stylized. */
export interface VideoInfo {
  /** Index of the stream in the file. */
  readonly index: number;
  readonly codec: string;
  readonly pixelFormat: string;
  /** Size as shown, in pixels: after rotation. */
  readonly width: number;
  readonly height: number;
  /** Clockwise turn that the file asks for: 0, 90, 180 or 270 degrees. */
  readonly rotation: number;
  /** Shape of a pixel as shown (width : height), after rotation. */
  readonly sampleAspectRatio: Rational;
  readonly timeBase: Rational;
  readonly frameRate: Rational | undefined;
  /** Time stamp of the first frame in seconds, if known. */
  readonly startTime: number | undefined;
  /** When the last frame has been shown, in seconds of the same clock, if known. */
  readonly endTime: number | undefined;
  /** Number of frames: exact where the container counts them, else estimated from the duration. */
  readonly frames: number | undefined;
  readonly interlaced: boolean;
  /** Whether its format has transparency; what is transparent in it is found by `findTransparency`. */
  readonly alpha: boolean;
  /** Perceptual quantizer (`pq`), hybrid log-gamma (`hlg`), or neither. */
  readonly hdr: 'pq' | 'hlg' | undefined;
  readonly colour: Colour;
  /** Whether players choose it unasked. */
  readonly default: boolean;
  /** What the file says of the picture, such as `timecode`. */
  readonly tags: Tags;
  /** How the views of two eyes lie in a picture, in ffprobe's words, such as `side by side`. */
  readonly stereo: string | undefined;
  /** What lies beside the frames, such as `Spherical Mapping`, in ffprobe's words. */
  readonly sideData: readonly string[];
  /** Whether its colours are Dolby Vision's own, without a layer that others can show. */
  readonly dolbyOnly: boolean;
}

/** A stream that travels beside the picture: sound, subtitles, an attachment, cover art, data. */
export interface OtherStream {
  readonly index: number;
  readonly type: 'audio' | 'subtitle' | 'attachment' | 'cover' | 'video' | 'data';
  readonly codec: string;
  /** Four characters that tell what ffmpeg does not know, such as `tmcd`. */
  readonly codecTag?: string | undefined;
  readonly tags?: Tags;
  /** What it is for, in ffprobe's words, such as `forced` or `hearing_impaired`. */
  readonly purposes?: readonly string[];
  readonly sampleRate?: number | undefined;
  /** Bits of a sample of sound that is not compressed. */
  readonly bits?: number | undefined;
  /** Whether it belongs to another programme of a broadcast than the picture. */
  readonly elsewhere?: boolean;
}

/** A chapter in seconds of the file's own time stamps. */
export interface Chapter {
  readonly start: number;
  readonly end: number;
  readonly tags: Tags;
}

/** Names and values as ffprobe gives them. */
export type Tags = Readonly<Record<string, string>>;

/** What ffprobe says of a file or stream. */
export interface MediaInfo {
  readonly path: string;
  /** What is read in its place: ffmpeg cannot read all of it. */
  readonly copy?: string;
  /** Demuxer names, for example `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string;
  /** Length in seconds, if known. */
  readonly duration: number | undefined;
  /** Time stamp of the earliest stream in seconds. */
  readonly startTime: number;
  /** Whether its frames have time stamps: raw streams have none, and cannot be sought in. */
  readonly timed: boolean;
  readonly video: VideoInfo;
  readonly others: readonly OtherStream[];
  readonly chapters: readonly Chapter[];
  readonly tags: Tags;
  /** Whether something in the picture is transparent, from `findTransparency`; absent where it was not checked. */
  readonly transparent?: boolean;
  /** How its clock runs and how long its last frame is shown, from `readClock`; absent where it was not checked. */
  readonly clock?: Clock;
  /** Seconds of sound before the beginning that an edit list hides, from `readClock`; absent where nobody looked. */
  readonly hiddenSound?: number;
}
