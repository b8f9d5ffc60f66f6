import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** Different wrong tokens that an address may try before it has to wait. */
const FREE = 10;
/** Milliseconds to wait: the first time, and at most; each twice the one before. */
const WAIT = { first: 1000, most: 5 * 60_000 } as const;
/** Milliseconds after which an address that tried nothing is forgotten, and addresses that are remembered, at most. */
const FORGET = 15 * 60_000;
const MOST = 10_000;

interface Tried {
  /** Digests of what was tried last: a page that keeps asking with an old token guesses nothing. */
  readonly tokens: Set<string>;
  waitMs: number;
  until: number;
  at: number;
}

/** Slows down who guesses tokens: after ten wrong ones an address has to wait, ever longer. */
export class Attempts {
  private readonly tried = new Map<string, Tried>();

  /** @param say called once each time that an address has to wait */
  constructor(private readonly say: (line: string) => void) {}

  /** Milliseconds that an address has to wait before a token of its is looked at. */
  wait(address: string, now = performance.now()): number {
    return Math.max(0, (this.tried.get(networkOf(address))?.until ?? 0) - now);
  }

  /** Takes note of a wrong token. */
  wrong(address: string, token: string, now = performance.now()): void {
    const one = this.of(networkOf(address), now);
    const digest = createHash('sha256').update(token).digest('base64');
    if (one.tokens.has(digest)) return;
    one.tokens.add(digest);
    if (one.tokens.size < FREE) return;
    // The oldest is forgotten, so that each further one counts.
    for (const oldest of one.tokens) {
      if (one.tokens.size < FREE) break;
      one.tokens.delete(oldest);
    }
    one.until = now + one.waitMs;
    this.say(`${address} has tried ${FREE} wrong tokens or more: it has to wait ${one.waitMs / 1000} s.`);
    one.waitMs = Math.min(WAIT.most, 2 * one.waitMs);
  }

  private of(network: string, now: number): Tried {
    const known = this.tried.get(network);
    const one =
      known && now - known.at < FORGET ? known : { tokens: new Set<string>(), waitMs: WAIT.first, until: 0, at: now };
    one.at = now;
    // The one that tried last stands at the end.
    this.tried.delete(network);
    this.tried.set(network, one);
    const [oldest] = this.tried.keys();
    if (this.tried.size > MOST && oldest !== undefined) this.tried.delete(oldest);
    return one;
  }
}

/** An address, of IPv6 the first half: the other is for its owner to choose. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [before = '', after] = address.split('::');
  const [head, tail] = [before, after ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = after === undefined ? 0 : 8 - head!.length - tail!.length;
  return [...head!, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail!].slice(0, 4).join(':');
}
