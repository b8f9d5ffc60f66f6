import type { Size } from '../../frame.js';
import type { LiveFrame } from '../../media/live-frame.js';

export type { LiveFrame };

/** Which part of the picture is painted. */
export type MaskMode = 'none' | 'person' | 'background' | 'picture' | 'cutout';

/** What gives way where painting takes too long: the detail, or the frames a second. */
export type Preference = 'pace' | 'detail';

/** What controllers can change while a show runs; kept over a restart. */
export interface LiveSettings {
  /** Name of the style; null shows the source as it is, whatever else is set but `mirror` and a cut-out. */
  readonly style: string | null;
  /** Chooses the style by what is to be seen, anew at cuts; choosing one by hand ends it. */
  readonly auto: boolean;
  /** A second style to blend with; null for none, which it becomes when nothing of it is blended in any more. */
  readonly second: string | null;
  /** 0 shows `style` alone, 1 `second` alone. */
  readonly blend: number;
  /** Blend of the fine layers (edges and colours), where both are styles of one network; null follows `blend`. */
  readonly fine: number | null;
  /** Truncation of the styles of a network of many: 1 as learned, 0 their mean. */
  readonly truncation: number;
  /** Style cycling: seconds in which one style of a network of many fades into the next; 0 for none. */
  readonly drift: number;
  /** 0 shows the source, 1 the full style. */
  readonly strength: number;
  /** How much of the source's fine detail stays, 0 to 1; null as each style says. */
  readonly detail: number | null;
  /** Takes only the luminance from the style. */
  readonly keepColors: boolean;
  /**
   * Paint everything, only the person, only the background, where a mask file is white, or cut out the background
   * (alpha).
   */
  readonly mask: MaskMode;
  /** Style outside the mask; null shows the source there. */
  readonly outside: string | null;
  readonly mirror: boolean;
  /** Largest working height of the network in pixels; the output keeps its size. */
  readonly height: number;
  /** What is kept where painting takes too long: the pace, at fewer lines, or the detail, at fewer frames a second. */
  readonly prefer: Preference;
  readonly paused: boolean;
}

/** A small picture of a style as it is served. */
export interface Thumbnail {
  readonly body: Buffer;
  readonly type: string;
}

/** A style as the gallery shows it. */
export interface StyleCard {
  readonly name: string;
  /** Title of the painting: the same for all styles of one. */
  readonly title: string;
  /** Who painted it, where that is told. */
  readonly artist?: string | undefined;
  readonly tier: string | undefined;
  /** URL path of its thumbnail; undefined where the preset has none. */
  readonly thumbnail: string | undefined;
  /** For pictures that the user has added: whether their style was predicted, or learned from them. */
  readonly added?: 'predicted' | 'learned' | undefined;
}

/** What is told of the learning of an added style. */
export interface LearningFigures {
  /** Its name. */
  readonly style: string;
  /** `learning`, or `failed: reason` until another is begun. */
  readonly state: string;
  /** 0 to 1. */
  readonly share: number;
  /** Estimated seconds; absent before the first step. */
  readonly secondsLeft?: number | undefined;
}

/** What a show takes from the source's picture to the finished one: milliseconds, medians over the last second. */
export interface ShowLatency {
  /** From captured to the start of painting. */
  readonly wait: number;
  readonly paint: number;
  /** The part of painting spent on the mask; absent without a mask. */
  readonly mask?: number;
}

/** The same with the way to the viewers. */
export interface Latency extends ShowLatency {
  readonly encode: number;
  /** From captured to handed to the viewers' sockets. */
  readonly total: number;
  /** From handed to a viewer's socket to acknowledged by the viewer: network and drawing. */
  readonly delivery: number;
}

/** What is told of an output of a show. */
export interface OutputFigures {
  readonly kind: 'record' | 'publish' | 'hls' | 'virtual-camera';
  /** `connecting`, `live`, `retrying in 2 s: reason`, `failed: reason`. */
  readonly state: string;
  /** Seconds from the first frame to the last. */
  readonly seconds: number;
  /** Bytes written or sent so far, of HLS those that are on disk now; absent where that is not known, as with RTSP. */
  readonly bytes?: number;
  /** Frames that were not written, as the encoder or the line was too slow. */
  readonly dropped: number;
}

/** Statistics of a show. */
export interface ShowStats {
  readonly fpsIn: number;
  readonly fpsOut: number;
  readonly latency: ShowLatency;
  /** Frames dropped before painting since the start. */
  readonly dropped: number;
  /** The device in words: `CPU (2 threads)`. */
  readonly device: string;
  /** Size of the source, and current working size of the network. */
  readonly picture: Size;
  readonly working: Size;
  /** State of the source: `live`, `connecting`, `lost`, `ended`. */
  readonly source: string;
  /** Whether the source stands still: the last painting is shown again, and the network rests. */
  readonly still: boolean;
  /** Each output, by its name. */
  readonly outputs: Readonly<Record<string, OutputFigures>>;
  /** The style that is being learned; absent where none is. */
  readonly learning?: LearningFigures | undefined;
}

/** The statistics that are sent once a second. */
export interface LiveStats extends Omit<ShowStats, 'latency' | 'dropped'> {
  readonly latency: Latency;
  /** Frames dropped since the start: before painting, and summed over viewers. */
  readonly drops: { readonly source: number; readonly viewers: number };
  readonly viewers: number;
  readonly controllers: number;
}

/** Statistics of delivery from the show to the viewers; milliseconds are medians over the last second. */
export interface DeliveryStats {
  readonly viewers: number;
  /** Frames dropped because a viewer was too slow, summed over all viewers since the start. */
  readonly drops: number;
  /** Frames encoded per second. */
  readonly fps: number;
  readonly encode: number;
  /** From captured to handed to the viewers' sockets. */
  readonly total: number;
  /** From handed to a viewer's socket to acknowledged. */
  readonly delivery: number;
}

/**
 * A running show as the server sees it: the loop from source through network to outputs. The server uses nothing below
 * this interface.
 */
export interface Show {
  readonly settings: LiveSettings;
  readonly stats: ShowStats;
  readonly styles: readonly StyleCard[];
  /**
   * Changes settings; resolves when they are in force. The last change wins, field by field: where a newer one takes the
   * place of what still waits for a style, the older one resolves with what is in force.
   *
   * @throws StylecastError with the old settings kept, when a style cannot be loaded or a value is out of range
   */
  change(settings: Partial<LiveSettings>): Promise<LiveSettings>;
  /** The available mask modes. */
  readonly masks: readonly MaskMode[];
  /** A style's small picture; undefined where there is none. */
  thumbnail(name: string): Promise<Thumbnail | undefined>;
  /** The newest finished frame; undefined before the first. */
  readonly newest: LiveFrame | undefined;
  /** Called for each finished frame, in order; must return at once. Returns a function that removes the listener. */
  onFrame(listener: (frame: LiveFrame) => void): () => void;
  /**
   * Called for each frame of the source before it is painted; undefined where that is not shown. Returns a function that
   * removes the listener.
   */
  onSource?(listener: (frame: LiveFrame) => void): () => void;
  /** Called when there are other styles; undefined where they stay. Returns a function that removes the listener. */
  onStyles?(listener: () => void): () => void;
  /** Called when the settings changed, with the new ones. Returns a function that removes the listener. */
  onSettings(listener: (settings: LiveSettings) => void): () => void;
  /** Passes in a picture of a browser's camera (JPEG); undefined unless that is the show's source. */
  readonly feed?: ((jpeg: Uint8Array, capturedAt: number) => void) | undefined;
}
