/** The part of the WebSocket interface that is used; browsers and `ws` both have it. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: (() => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(data: string | Uint8Array): void;
  close(): void;
}
/** How one is made. */
export type SocketClass = new (url: string) => Socket;
/** `WebSocket.OPEN`. */
export const OPEN = 1;

/** The browser's WebSocket, or that of the package `ws` in a Node.js that has none. */
export async function socketClass(): Promise<SocketClass> {
  const { WebSocket } = globalThis as { WebSocket?: SocketClass };
  return WebSocket ?? ((await import('ws')).WebSocket as unknown as SocketClass);
}

/** Milliseconds between attempts: doubles from first to last, minus a random part of up to half. */
const RETRY = { first: 100, last: 1000 };
/** Close codes that mean a busy server, and the milliseconds to wait after them. */
const LATER = new Set([4429, 4503]);
const LATER_MS = 5000;
/** Close codes after which reconnecting would fail the same way. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4404, 4409, 4413, 4426]);

/**
 * Milliseconds to wait before the next attempt; undefined where none would help.
 *
 * @param code the close code of the last connection
 * @param attempts how many have failed since there was one
 */
export function retryDelay(code: number, attempts: number): number | undefined {
  if (FINAL_CODES.has(code)) return undefined;
  const most = LATER.has(code) ? LATER_MS : Math.min(RETRY.last, RETRY.first * 2 ** attempts);
  return most * (1 - Math.random() / 2);
}
