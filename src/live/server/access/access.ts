import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writePrivateFiles } from './private-files.js';

/** Origin of a request: an own page or no page at all, a page that may watch, any other page. */
export type Origin = 'own' | 'allowed' | 'foreign';

/** Who may do what. */
export interface AccessRules {
  /** Where the server listens. */
  readonly host: string;
  /** Required for control and camera; undefined for none. */
  readonly token?: string | undefined;
  /** Required for watching; undefined lets everyone watch. */
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
   * Whether `Host` is a name of this server. In a DNS rebinding attack it is the name of the attacking site.
   */
  knowsHost(request: IncomingMessage): boolean {
    const [, v6, name] = HOST.exec((request.headers.host ?? '').toLowerCase()) ?? [];
    const host = v6 ?? name;
    if (!host) return false;
    return this.names.has(host) || host === unmapIPv4(request.socket.localAddress ?? '');
  }

  origin(request: IncomingMessage): Origin {
    const { origin, host } = request.headers;
    if (origin === undefined) return 'own';
    if (this.rules.allowedOrigins?.includes(origin)) return 'allowed';
    if (!/^https?:/.test(origin) || !URL.canParse(origin)) return 'foreign';
    return new URL(origin).host === host?.toLowerCase() ? 'own' : 'foreign';
  }

  mayControl(origin: Origin, token: string | undefined): boolean {
    return origin === 'own' && (this.rules.token === undefined || equalSecrets(token, this.rules.token));
  }

  /** Whoever may control may watch. */
  mayView(origin: Origin, token: string | undefined): boolean {
    const { token: control, viewToken } = this.rules;
    if (origin === 'foreign') return false;
    return (
      viewToken === undefined ||
      equalSecrets(token, viewToken) ||
      (control !== undefined && equalSecrets(token, control))
    );
  }
}

/** The IPv4 address behind an IPv4-mapped IPv6 address (`::ffff:…`); other addresses as they are. */
export function unmapIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** A host as written in a URL: IPv6 addresses in brackets. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function equalSecrets(given: string | undefined, expected: string): boolean {
  // timingSafeEqual needs inputs of equal length, which digests have.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(expected));
}

/**
 * The token stored in `folder` (128 random bits), created if missing, so that addresses stay valid. Where it cannot be
 * stored, it is valid for this run.
 */
export async function storedToken(folder: string): Promise<string> {
  const path = join(folder, 'token');
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (/^[\w-]{22}$/.test(kept)) return kept;
  const token = randomBytes(16).toString('base64url');
  await writePrivateFiles(folder, { token });
  return token;
}
