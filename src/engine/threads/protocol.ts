import { EngineError, GraphError, messageOf, OptionError, PresetError, StylecastError } from '../../errors.js';
import type { StateTensor } from '../analysis/recurrent-state.js';
import type { Canvas, Laid } from '../wrap/grid.js';
import type { NoisePeriod } from '../wrap/noise.js';
import type { Axes } from '../wrap/picture-nodes.js';
import type { TilePlan } from '../wrap/tiles.js';

/** A runtime that executes ONNX graphs. */
export type EngineName = 'onnx' | 'tfjs';

/** A model and how its session is to run. Buffers travel by transfer or copy, never shared: ONNX Runtime refuses that. */
export interface SessionSpec {
  /** An ONNX file. Input `frame`: uint8 `[1, H, W, 3]`; output `result`: uint8 `[1, h, w, 3]`. */
  readonly model: Uint8Array;
  /** Default `onnx`. */
  readonly engine?: EngineName;
  /** Execution provider as ONNX Runtime names it, or backend as the table of tfjs names it. */
  readonly provider: string;
  /** Compute in half precision; not on the CPU. */
  readonly half?: boolean;
  readonly threads: number;
  /** Outputs that are to stay on the device, where it can: they are only fed back. */
  readonly keep?: readonly string[];
}

/** What a worker thread is started for. */
export interface WorkerSpec {
  /** Paints the picture, or one tile of it. */
  readonly paint: SessionSpec;
  /** Where the network needs statistics of the whole picture: gives them from a thumbnail, as inputs of `paint`. */
  readonly statistics?: SessionSpec;
  /** Present when the picture is painted in tiles. */
  readonly tiles?: TilePlan;
  /** Present when the picture follows the scene in a canvas, with the axes of the network's input; not with tiles. */
  readonly canvas?: Canvas & { readonly axes: Axes };
  /** Present when noise varies the strokes and does not always begin at the picture's corner: in tiles or a canvas. */
  readonly noise?: NoisePeriod;
  /** What the network remembers; not with tiles. */
  readonly states?: readonly StateTensor[];
  /** Put the original to the left of the result. */
  readonly compare: boolean;
  /** The pictures follow each other: what is painted is to settle. */
  readonly steady?: boolean;
  /** Size of the pictures in pixels. */
  readonly width: number;
  readonly height: number;
}

/** A picture to paint. */
export interface PaintAsk {
  /** RGB24; the buffer is taken over. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where it lies in the canvas, if there is one. */
  readonly offset?: Laid | undefined;
  /** Begins anew: what the network remembers is forgotten. */
  readonly fresh?: boolean;
}

/** What a thread is asked. */
export interface Request<Ask> {
  readonly id: number;
  readonly ask: Ask;
}

/** What a worker says: once when it is ready, then once for each request. */
export type Answer<Reply> =
  | { readonly kind: 'ready'; readonly mixed: boolean }
  | { readonly kind: 'failed'; readonly error: Told }
  | { readonly kind: 'done'; readonly id: number; readonly reply: Reply }
  | { readonly kind: 'error'; readonly id: number; readonly error: Told };

/** Errors that threads tell by their class. */
const CLASSES = { EngineError, GraphError, PresetError, OptionError } as const;

/** An error on its way between threads; without a class, what the runtime threw. */
export interface Told {
  readonly of?: keyof typeof CLASSES;
  readonly code?: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Puts an error down for another thread. */
export function told(error: unknown): Told {
  if (!(error instanceof StylecastError)) return { message: messageOf(error) };
  const { name, code, message, hint } = error;
  return { of: name in CLASSES ? (name as keyof typeof CLASSES) : 'EngineError', code, message, hint };
}

/** The error that another thread told; what the runtime threw becomes `ENGINE_NETWORK`. */
export function heard({ of, code, message, hint }: Told): StylecastError {
  if (of && code) return new CLASSES[of](code, message, hint === undefined ? {} : { hint });
  const reason = message.replace(/\s+/g, ' ').slice(0, 300);
  return new EngineError('ENGINE_NETWORK', `The network cannot run: ${reason}`, {
    hint: 'It may use operators that this runtime lacks, or sizes other than its manifest says.',
  });
}
