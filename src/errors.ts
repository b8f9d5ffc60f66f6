/** Details that every stylecast error carries. */
export interface ErrorDetails {
  /** What the user can do about it: one sentence in the imperative. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Base class of every error that stylecast throws deliberately.
 *
 * `message` says what happened, with the value, and what was expected; `hint` says what to do; `code` is stable and
 * meant for programs. Subclasses tell who can fix it.
 */
export class StylecastError extends Error {
  /** Stable identifier such as `MEDIA_NOT_FOUND`. */
  readonly code: string;
  /** What the user can do about it. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }
}

/** An option or argument is wrong: the caller can fix it. */
export class OptionError extends StylecastError {}

/** A file, stream, camera or ffmpeg itself is at fault. */
export class MediaError extends StylecastError {}

/** A preset or network on disk is missing, broken or not to be trusted. */
export class PresetError extends StylecastError {}

/** A runtime, device or worker failed. */
export class EngineError extends StylecastError {}

/** A tensor graph is not well formed. */
export class GraphError extends StylecastError {}

/** Training cannot start or continue. */
export class TrainError extends StylecastError {}

/** The text of anything thrown, for use inside another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of an error; `INTERNAL` for one that stylecast did not throw deliberately. */
export function codeOf(error: unknown): string {
  return error instanceof StylecastError ? error.code : 'INTERNAL';
}
