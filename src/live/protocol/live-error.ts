/** The server's error response to a change. */
export class LiveError extends Error {
  override readonly name = 'LiveError';

  constructor(
    /** Stable, for programs; `LIVE_LOST` when the connection was lost before the response. */
    readonly code: string,
    message: string,
    /** What to do about it. */
    readonly hint?: string | undefined,
  ) {
    super(message);
  }
}
