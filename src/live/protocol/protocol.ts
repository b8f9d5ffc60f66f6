import { z } from 'zod';
import type { Look } from '../show/look.js';
import type { LiveSettings, LiveStats, MaskMode, StyleCard } from '../show/types.js';
import { PROTOCOL_VERSION } from './wire.js';

/** The role of a client. */
export type Role = 'viewer' | 'control' | 'camera';

/** Close codes of this protocol, beside the standard ones of WebSocket. */
export const CLOSE = {
  /** The server is stopping; reconnect later. */
  goingAway: 1001,
  /** Invalid JSON, an unknown message or field, a value out of range, or a binary message that is not a frame. */
  malformed: 4400,
  /** The token is missing or wrong. */
  token: 4401,
  /** The page's origin or the role may not do this. */
  forbidden: 4403,
  /** The source of the show is not a browser camera. */
  noCamera: 4404,
  /** No hello within the time allowed. */
  noHello: 4408,
  /** Another camera took over; do not reconnect. */
  replaced: 4409,
  /** A message is larger than the role may send. */
  tooLarge: 4413,
  /** Another version of the protocol. */
  version: 4426,
  /** More messages or bytes per second than allowed. */
  tooMany: 4429,
  /** As many watch as may. */
  full: 4503,
  /** Frames stayed unacknowledged, or messages unread, for too long. */
  stalled: 4430,
} as const;

/** Addresses of the pages, with the token in the fragment, which browsers never send. */
export interface LiveUrls {
  readonly control: string;
  readonly overlay: string;
  readonly camera: string;
}

/** All JSON messages of the server. */
export type ServerMessage =
  | {
      readonly v: typeof PROTOCOL_VERSION;
      readonly type: 'welcome';
      readonly role: Role;
      readonly settings: LiveSettings;
      /** The server's clock, in milliseconds since 1970. */
      readonly now: number;
      /** Controllers only. */
      readonly styles?: readonly StyleCard[];
      /** Controllers only. */
      readonly masks?: readonly MaskMode[];
      /** Controllers only. */
      readonly urls?: LiveUrls;
      /** Controllers only: the addresses for programs on the machine that runs the show, such as OBS. */
      readonly localUrls?: LiveUrls;
    }
  | { readonly type: 'settings'; readonly settings: LiveSettings }
  | { readonly type: 'styles'; readonly styles: readonly StyleCard[] }
  | { readonly type: 'looks'; readonly looks: readonly Look[] }
  | { readonly type: 'stats'; readonly stats: LiveStats }
  | { readonly type: 'done'; readonly id: number; readonly settings: LiveSettings }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    }
  | { readonly type: 'ack'; readonly sequence: number }
  | { readonly type: 'beat' };

const count = z.int().min(0).max(0xffff_ffff);

const hello = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  type: z.literal('hello'),
  role: z.enum(['viewer', 'control', 'camera']),
  token: z.string().max(200).optional(),
  style: z.string().min(1).max(200).optional(),
  view: z.enum(['painted', 'source']).default('painted'),
  inFlight: z.int().min(1).max(4).default(2),
  fps: z.number().min(0.1).max(240).optional(),
});

/** The first message of a client. */
export type Hello = z.infer<typeof hello>;

const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ack'), sequence: count }),
  // The values of settings are checked separately, so that the error can name the field.
  z.strictObject({ type: z.literal('set'), id: count, settings: z.record(z.string(), z.unknown()) }),
]);

/** A message of a client after its hello. */
export type ClientMessage = z.infer<typeof clientMessage>;

/** An invalid message, with the code to close the connection with and a short reason. */
export class ProtocolError extends Error {
  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * Reads a client's first message.
 *
 * @throws Refusal
 */
export function readHello(text: string): Hello {
  const value = json(text);
  if (typeof value === 'object' && value !== null && 'v' in value && value.v !== PROTOCOL_VERSION) {
    throw new ProtocolError(CLOSE.version, `this server speaks version ${PROTOCOL_VERSION}`);
  }
  return validated(hello, value);
}

/**
 * Reads a client's later message.
 *
 * @throws Refusal
 */
export function readMessage(text: string): ClientMessage {
  return validated(clientMessage, json(text));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError(CLOSE.malformed, 'not JSON');
  }
}

function validated<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'message';
  // A close reason holds 123 bytes.
  throw new ProtocolError(CLOSE.malformed, `${field}: ${issue?.message}`.replace(/[^ -~]/g, '?').slice(0, 120));
}
