import {
  EngineError,
  GraphError,
  MediaError,
  messageOf,
  OptionError,
  PresetError,
  StylecastError,
} from '../../errors.js';

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
const CLASSES = { EngineError, GraphError, PresetError, OptionError, MediaError } as const;

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
