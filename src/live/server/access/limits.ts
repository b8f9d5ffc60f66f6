/** Limits on the resources that clients can use. */
export interface Limits {
  /** TCP connections together; of these those for this machine and for who has shown the token alone; from one address. */
  readonly connections: number;
  readonly connectionsKept: number;
  readonly connectionsPerAddress: number;
  /** Viewers from elsewhere than this machine and without the token for control. */
  readonly viewers: number;
  /** Milliseconds for the headers of a request, for TLS, and from the WebSocket's opening to hello. */
  readonly helloMs: number;
  /** Milliseconds between pings; a client that has not answered by the next is disconnected. */
  readonly pingMs: number;
  /** Milliseconds that a frame may stay unacknowledged. */
  readonly stalledMs: number;
  /** Bytes of a text message. */
  readonly textBytes: number;
  /** Bytes of a camera's frame. */
  readonly cameraBytes: number;
  /** Messages per second, after a burst of twice as many. */
  readonly messagesPerSecond: number;
  /** Bytes per second from a camera, after a burst of as many. */
  readonly cameraBytesPerSecond: number;
  /** Unsent bytes of one client; above this it gets no frames, and after `stalledMs` it is closed. */
  readonly unsentBytes: number;
  /** Concurrent changes of one controller. */
  readonly pendingChanges: number;
}

/** The default limits. */
export const LIMITS: Limits = {
  connections: 400,
  connectionsKept: 100,
  connectionsPerAddress: 100,
  viewers: 250,
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

  /** Takes `amount` tokens if available; returns whether they were. */
  take(amount = 1): boolean {
    const now = performance.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) / 1000) * this.perSecond);
    this.at = now;
    if (amount > this.tokens) return false;
    this.tokens -= amount;
    return true;
  }
}

/** Counts connections by address. */
export class ConnectionCounter {
  private readonly counts = new Map<string, number>();

  /** Adds one; returns the new count of the address. */
  add(address: string): number {
    const count = (this.counts.get(address) ?? 0) + 1;
    this.counts.set(address, count);
    return count;
  }

  remove(address: string): void {
    const count = (this.counts.get(address) ?? 0) - 1;
    if (count > 0) this.counts.set(address, count);
    else this.counts.delete(address);
  }
}
