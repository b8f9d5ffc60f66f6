import type { Size } from '../../frame.js';
import type { LiveFrame } from '../../media/live-frame.js';

export type { LiveFrame };

/** What of the picture is painted. */
export type MaskMode = 'none' | 'person' | 'background' | 'picture' | 'cutout';

/** What controllers can change while a show runs; kept over a restart. */
export interface LiveSettings {
  /** Name of the style; null shows the source as it is. */
  readonly style: string | null;
  /** A second style to blend with; null for none. */
  readonly second: string | null;
  /** 0 shows `style` alone, 1 `second` alone. */
  readonly blend: number;
  /** The same for edges and colours alone, where both are styles of one network; null follows `blend`. */
  readonly fine: number | null;
  /** How far styles of a network of many are from the mean of these: 1 as they were learned, 0 the mean itself. */
  readonly truncation: number;
  /** Seconds in which one style of a network of many becomes the next of them, on and on; 0 stays. */
  readonly drift: number;
  /** 0 shows the source, 1 the full style. */
  readonly strength: number;
  /** Takes only the luminance from the style. */
  readonly keepColors: boolean;
  /** Style everything, only the person, only the background, where a mask is white, or cut the background out (alpha). */
  readonly mask: MaskMode;
  /** Style for the part that the mask leaves; null shows the source there. */
  readonly outside: string | null;
  readonly mirror: boolean;
  /** Height in pixels that the network works at, at most; the output keeps the source's size. */
  readonly height: number;
  readonly paused: boolean;
}

/** A style as the gallery shows it. */
export interface StyleCard {
  readonly name: string;
  readonly title: string;
  readonly tier: string | undefined;
  /** URL path of a small picture of it; undefined where the preset has none. */
  readonly thumbnail: string | undefined;
}

/** Milliseconds, medians over the last second. */
export interface Latency {
  /** From captured to the start of painting. */
  readonly wait: number;
  readonly paint: number;
  /** The part of painting that finding the person took; absent without a mask. */
  readonly mask?: number;
  readonly encode: number;
  /** From captured to handed to the viewers' sockets. */
  readonly total: number;
  /** From handed to a viewer's socket to acknowledged by the viewer: network and drawing. */
  readonly delivery: number;
}

/** Live figures, told once a second. */
export interface LiveStats {
  readonly fpsIn: number;
  readonly fpsOut: number;
  readonly latency: Latency;
  /** Frames dropped since the start: before painting, and summed over viewers. */
  readonly drops: { readonly source: number; readonly viewers: number };
  readonly viewers: number;
  readonly controllers: number;
  /** What computes, as a user would say it: `CPU (2 threads)`. */
  readonly device: string;
  /** What the source gives, and what the network works at now. */
  readonly picture: Size;
  readonly working: Size;
  /** State of the source: `live`, `connecting`, `lost`, `ended`. */
  readonly source: string;
  /** State of each output, by its name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * A running show, as the server sees it: the loop from the source through the network to the outputs. The server never
 * reaches further down than this.
 */
export interface Show {
  readonly settings: LiveSettings;
  readonly stats: LiveStats;
  readonly styles: readonly StyleCard[];
  /**
   * Changes settings; resolves when they are in force.
   *
   * @throws StylecastError with the old settings kept, when a style cannot be loaded or a value is out of range
   */
  change(settings: Partial<LiveSettings>): Promise<LiveSettings>;
  /** The ways to mask that there are. */
  readonly masks: readonly MaskMode[];
  /** The file behind a style's thumbnail; undefined where there is none. */
  thumbnail(name: string): string | undefined;
  /** The newest finished frame; undefined before the first. */
  readonly newest: LiveFrame | undefined;
  /** Called for each finished frame, in order; must return at once. Returns how to stop listening. */
  onFrame(listener: (frame: LiveFrame) => void): () => void;
  /** Called when the settings changed, with the new ones. Returns how to stop listening. */
  onSettings(listener: (settings: LiveSettings) => void): () => void;
  /** Hands in a picture from a browser's camera (a JPEG); undefined unless the show's source is the browser. */
  readonly feed?: ((jpeg: Uint8Array, capturedAt: number) => void) | undefined;
}
