import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { keep } from './keep.js';

/** Where a request comes from: our own page or no page at all, a page that may watch, any other page. */
export type Origin = 'own' | 'allowed' | 'foreign';

/** Who may do what. */
export interface AccessRules {
  /** Where the server listens. */
  readonly host: string;
  /** Wanted for control and camera; undefined wants none. */
  readonly token?: string | undefined;
  /** Wanted for watching; undefined lets everyone watch. */
  readonly viewToken?: string | undefined;
  /** Further names in `Host` under which the server may be reached. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins of other pages that may watch, such as `https://my.page`, or `null` for pages opened from files. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/;

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Checks `Host`, `Origin` and tokens. */
export class Access {
  private readonly names: ReadonlySet<string>;

  constructor(private readonly rules: AccessRules) {
    const own = isLoopback(rules.host) ? [] : [hostname(), `${hostname()}.local`];
    const names = ['localhost', '127.0.0.1', '::1', rules.host, ...own, ...(rules.allowedHosts ?? [])];
    this.names = new Set(names.map((name) => name.toLowerCase()));
  }

  /**
   * Whether `Host` is a name of this server. A page of another site whose name was made to point here (DNS rebinding)
   * says its own name.
   */
  knowsHost(request: IncomingMessage): boolean {
    const [, v6, name] = HOST.exec((request.headers.host ?? '').toLowerCase()) ?? [];
    const host = v6 ?? name;
    if (!host) return false;
    return this.names.has(host) || host === plain(request.socket.localAddress ?? '');
  }

  origin(request: IncomingMessage): Origin {
    const { origin, host } = request.headers;
    if (origin === undefined) return 'own';
    if (this.rules.allowedOrigins?.includes(origin)) return 'allowed';
    if (!/^https?:/.test(origin) || !URL.canParse(origin)) return 'foreign';
    return new URL(origin).host === host?.toLowerCase() ? 'own' : 'foreign';
  }

  mayControl(origin: Origin, token: string | undefined): boolean {
    return origin === 'own' && (this.rules.token === undefined || same(token, this.rules.token));
  }

  /** Whoever may control may watch. */
  mayView(origin: Origin, token: string | undefined): boolean {
    const { token: control, viewToken } = this.rules;
    if (origin === 'foreign') return false;
    return viewToken === undefined || same(token, viewToken) || (control !== undefined && same(token, control));
  }
}

/** An IPv4 address in the clothes of an IPv6 one, as itself. */
export function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** A host as it stands in a URL. */
export function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function same(given: string | undefined, expected: string): boolean {
  // Digests have one length, which timingSafeEqual wants.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(expected));
}

/**
 * The token that is kept in `folder` (128 random bits), made when there is none: addresses stay the same. Where it cannot
 * be kept, it holds for this time.
 */
export async function keptToken(folder: string): Promise<string> {
  const path = join(folder, 'token');
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (/^[\w-]{22}$/.test(kept)) return kept;
  const token = randomBytes(16).toString('base64url');
  await keep(folder, { token });
  return token;
}
