/** What a client may cost. */
export interface Limits {
  /** TCP connections, together and from one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Milliseconds for the headers of a request, for TLS, and from the WebSocket's opening to hello. */
  readonly helloMs: number;
  /** Milliseconds between pings; who has not answered by the next is gone. */
  readonly pingMs: number;
  /** Milliseconds that a frame may stay unacknowledged. */
  readonly stalledMs: number;
  /** Bytes of a text message. */
  readonly textBytes: number;
  /** Bytes of a camera's frame. */
  readonly cameraBytes: number;
  /** Messages a second after a burst of twice as many. */
  readonly messagesPerSecond: number;
  /** Bytes that a camera may send a second, after a burst of as many. */
  readonly cameraBytesPerSecond: number;
  /** Bytes that wait for one client; beyond them it gets no frames, and after `stalledMs` it is closed. */
  readonly unsentBytes: number;
  /** Changes of one controller that are under way at a time. */
  readonly pendingChanges: number;
}

/** The limits that hold where nothing else is asked for. */
export const LIMITS: Limits = {
  connections: 400,
  connectionsPerAddress: 200,
  helloMs: 5_000,
  pingMs: 15_000,
  stalledMs: 30_000,
  textBytes: 16 * 1024,
  cameraBytes: 4 * 1024 * 1024,
  messagesPerSecond: 150,
  cameraBytesPerSecond: 32 * 1024 * 1024,
  unsentBytes: 8 * 1024 * 1024,
  pendingChanges: 32,
};

/** Allows `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  private tokens: number;
  private at = performance.now();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  /** Takes `amount` if there is as much; tells whether there was. */
  take(amount = 1): boolean {
    const now = performance.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) / 1000) * this.perSecond);
    this.at = now;
    if (amount > this.tokens) return false;
    this.tokens -= amount;
    return true;
  }
}

/** Counts by address, and forgets addresses that have none. */
export class Census {
  private readonly counts = new Map<string, number>();

  /** Adds one; tells how many there are. */
  enter(address: string): number {
    const count = (this.counts.get(address) ?? 0) + 1;
    this.counts.set(address, count);
    return count;
  }

  leave(address: string): void {
    const count = (this.counts.get(address) ?? 0) - 1;
    if (count > 0) this.counts.set(address, count);
    else this.counts.delete(address);
  }
}
