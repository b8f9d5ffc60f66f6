import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Attempts } from './attempts.js';
import { writePrivateFiles } from './private-files.js';

/** Origin of a request: an own page or no page at all, a page that may watch, any other page. */
export type RequestOrigin = 'own' | 'allowed' | 'foreign';

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

/** The client of a request. */
export interface Asker {
  readonly origin: RequestOrigin;
  readonly token: string | undefined;
  readonly address: string;
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

  /**
   * @param attempts where wrong tokens are counted
   * @param onToken called with each address that has sent the control token
   */
  constructor(
    private readonly rules: AccessRules,
    private readonly attempts: Pick<Attempts, 'wait' | 'wrong'>,
    private readonly onToken: (address: string) => void = () => undefined,
  ) {
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

  origin(request: IncomingMessage): RequestOrigin {
    const { origin, host } = request.headers;
    if (origin === undefined) return 'own';
    if (this.rules.allowedOrigins?.includes(origin)) return 'allowed';
    if (!/^https?:/.test(origin) || !URL.canParse(origin)) return 'foreign';
    return new URL(origin).host === host?.toLowerCase() ? 'own' : 'foreign';
  }

  mayControl(asker: Asker): boolean {
    const { token } = this.rules;
    return asker.origin === 'own' && (token === undefined || this.shows(asker, [token]));
  }

  /** The control token also allows watching. */
  mayView(asker: Asker): boolean {
    const { token, viewToken } = this.rules;
    if (asker.origin === 'foreign') return false;
    return viewToken === undefined || this.shows(asker, token === undefined ? [viewToken] : [viewToken, token]);
  }

  /** Seconds that an address has to wait after too many wrong tokens; 0 where it has not. */
  wait(address: string): number {
    return Math.ceil(this.attempts.wait(address) / 1000);
  }

  private shows({ token, address }: Asker, accepted: readonly string[]): boolean {
    // While it has to wait, the right token is refused as well: a difference would give it away.
    if (token === undefined || this.attempts.wait(address) > 0) return false;
    const { token: control, viewToken } = this.rules;
    if (control !== undefined && same(token, control)) this.onToken(address);
    if (accepted.some((one) => same(token, one))) return true;
    if (viewToken === undefined || !same(token, viewToken)) this.attempts.wrong(address, token);
    return false;
  }
}

/** An address, of IPv4 without the prefix that it has in an IPv6 socket. */
export function unmapIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** A host as written in a URL: IPv6 addresses in brackets. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** A host without the brackets that it has in a URL. */
export function unbracketed(host: string): string {
  return /^\[(.*)\]$/.exec(host)?.[1] ?? host;
}

function same(given: string | undefined, expected: string): boolean {
  // Digests have equal lengths, as timingSafeEqual requires.
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
