import {
  EngineError,
  GraphError,
  MediaError,
  messageOf,
  OptionError,
  PresetError,
  StylecastError,
} from '../../errors.js';

/** A request to a worker thread. */
export interface WorkerRequest<Request> {
  readonly id: number;
  readonly request: Request;
}

/** A response of a worker thread: one when it is ready, then one for each request. */
export type WorkerResponse<Response, Ready> =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'failed'; readonly error: SerializedError }
  | { readonly kind: 'done'; readonly id: number; readonly response: Response }
  | { readonly kind: 'error'; readonly id: number; readonly error: SerializedError };

/** Error classes that are preserved between threads. */
const CLASSES = { EngineError, GraphError, PresetError, OptionError, MediaError } as const;

/** A serialized error; without a class, one thrown by the runtime. */
export interface SerializedError {
  readonly of?: keyof typeof CLASSES;
  readonly code?: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Serializes an error for another thread. */
export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof StylecastError)) return { message: messageOf(error) };
  const { name, code, message, hint } = error;
  return { of: name in CLASSES ? (name as keyof typeof CLASSES) : 'EngineError', code, message, hint };
}

/**
 * Restores an error from another thread.
 *
 * @param failed makes one of what the runtime threw; default: `ENGINE_NETWORK`
 */
export function deserializeError(
  { of, code, message, hint }: SerializedError,
  failed: (reason: string) => StylecastError = networkError,
): StylecastError {
  if (of && code) return new CLASSES[of](code, message, hint === undefined ? {} : { hint });
  return failed(message);
}

/** The error of a network that the runtime cannot run. */
export function networkError(message: string): EngineError {
  const reason = message.replace(/\s+/g, ' ').slice(0, 300);
  return new EngineError('ENGINE_NETWORK', `The network cannot run: ${reason}`, {
    hint: 'It may use operators that this runtime lacks, or sizes other than its manifest says.',
  });
}
