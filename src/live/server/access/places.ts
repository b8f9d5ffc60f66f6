import { isLoopback } from './access.js';
import { ConnectionCounter, type Limits } from './limits.js';

/** Connections that an address may have beside the places that are kept, to show its token. */
const TO_SHOW_TOKEN = 2;
/** Addresses that have shown the token and are remembered, at most. */
const MOST_KNOWN = 1000;

/** A connection's place. */
export interface Place {
  /** Whether the connection has to show the token soon to keep it. */
  readonly toShowToken: boolean;
  leave(): void;
}

/**
 * The places for connections. Some are kept for this machine and for addresses that have shown the token for control: a
 * crowd of strangers cannot keep out who runs the show.
 */
export class Places {
  private readonly counter = new ConnectionCounter();
  private readonly known = new Set<string>();
  private all = 0;
  private strangers = 0;

  /** @param say called with an address that is refused */
  constructor(
    private readonly limits: Pick<Limits, 'connections' | 'connectionsKept' | 'connectionsPerAddress'>,
    private readonly say: (line: string) => void,
  ) {}

  /** Takes a place; undefined where there is none for that address. */
  enter(address: string): Place | undefined {
    const { connections, connectionsKept, connectionsPerAddress } = this.limits;
    const local = isLoopback(address);
    const count = this.counter.add(address);
    const known = local || this.known.has(address);
    const open = this.strangers < connections - connectionsKept && count <= connectionsPerAddress;
    const mayStay = local || (count <= connectionsPerAddress && (known || open));
    const toShowToken = !mayStay && !known && count <= TO_SHOW_TOKEN;
    if (this.all >= connections || !(mayStay || toShowToken)) {
      this.counter.remove(address);
      this.say(
        `A connection from ${address} was refused: ${count - 1} of ${this.all} are from there, ` +
          `and ${connectionsKept} places are kept for this machine and for who has shown the token.`,
      );
      return undefined;
    }
    this.all++;
    if (!known) this.strangers++;
    let left = false;
    return {
      toShowToken,
      leave: () => {
        if (left) return;
        left = true;
        this.all--;
        if (!known) this.strangers--;
        this.counter.remove(address);
      },
    };
  }

  /** Takes note that the token for control was shown from an address. */
  vouch(address: string): void {
    if (this.known.size < MOST_KNOWN) this.known.add(address);
  }

  /** Whether an address has shown the token. */
  knows(address: string): boolean {
    return this.known.has(address);
  }
}
