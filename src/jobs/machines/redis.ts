import type { Queue as BullQueue, Worker as BullWorker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { EngineError, messageOf, OptionError } from '../../errors.js';
import { VERSION } from '../folder.js';

/** Milliseconds between two tries to reach Redis again. */
const AGAIN = 1000;
/** Milliseconds that a command may take, where the connection stands. */
const ANSWER = 10_000;
/** Milliseconds after which a worker that has said nothing counts as gone. */
const SILENT = 30_000;

/** What Redis says to a wrong or a missing password. */
const REFUSED = /NOAUTH|WRONGPASS|ERR AUTH|NOPERM/;

const WORKERS = 'stylecast:workers';

const card = z.strictObject({ version: z.string(), device: z.string(), host: z.string(), pid: z.int() });

/** What a worker says of itself. */
export type WorkerCard = Readonly<z.infer<typeof card>>;

/** BullMQ, which is loaded where it is used only. */
export type Bull = {
  readonly Queue: typeof BullQueue;
  readonly Worker: typeof BullWorker;
  readonly WaitingError: new () => Error;
  readonly UnrecoverableError: new (message: string) => Error;
};

/** A connection to Redis, and the engine that works on it. */
export class RedisConnection {
  private away = false;

  private constructor(
    readonly bull: Bull,
    readonly client: Redis,
    /** The address without its password. */
    readonly address: string,
    private readonly note: (text: string) => void,
  ) {
    client.on('error', (error) => this.isAway(messageOf(error)));
    client.on('end', () => this.isAway('the connection was closed'));
    client.on('ready', () => {
      if (this.away) this.note(`Redis at ${this.address} is there again.`);
      this.away = false;
    });
  }

  /**
   * Connects to Redis.
   *
   * @param url `redis://[user:password@]host[:port][/number]`, or `rediss://` for TLS
   * @param patience milliseconds to wait for it; default: without end
   * @throws OptionError `REDIS_PACKAGES` where BullMQ is not installed, `REDIS_ADDRESS`; EngineError `REDIS_PASSWORD`,
   * `REDIS_AWAY`
   */
  static async open(
    url: string,
    note: (text: string) => void,
    { patience, signal }: { readonly patience?: number; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RedisConnection> {
    const address = addressOf(url);
    const { bull, Redis } = await loadPackages();
    // BullMQ wants commands to wait for as long as it takes; those that must not are given a limit here.
    const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => AGAIN });
    const connection = new RedisConnection(bull, client, address, note);
    try {
      await connection.ready(patience, signal);
      return connection;
    } catch (error) {
      client.disconnect();
      throw error;
    }
  }

  /** Whether commands are answered at this moment. */
  get isThere(): boolean {
    return this.client.status === 'ready';
  }

  /** The result of commands; undefined where Redis does not answer, which is said once. */
  async answer<T>(commands: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.isAway('no answer');
        resolve(undefined);
      }, ANSWER);
    });
    return Promise.race([commands, late]).finally(() => clearTimeout(timer));
  }

  /** Tells the others that a worker is there. */
  async announce(worker: WorkerCard): Promise<void> {
    await this.client.zadd(WORKERS, Date.now(), JSON.stringify(worker));
    await this.client.zremrangebyscore(WORKERS, '-inf', Date.now() - SILENT);
  }

  /** Tells the others that a worker is gone. */
  async leave(worker: WorkerCard): Promise<void> {
    await this.client.zrem(WORKERS, JSON.stringify(worker));
  }

  /** The workers that have said something in the last half minute. */
  async workers(): Promise<WorkerCard[]> {
    const cards = await this.client.zrangebyscore(WORKERS, Date.now() - SILENT, '+inf');
    return cards.flatMap((text) => parseCard(text) ?? []);
  }

  close(): void {
    this.client.removeAllListeners('end');
    this.client.disconnect();
  }

  private isAway(why: string): void {
    if (!this.away) this.note(`Redis at ${this.address} is away (${why}): waiting for it.`);
    this.away = true;
  }

  private ready(patience: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { client, address } = this;
    if (client.status === 'ready') return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      let last = 'no answer';
      const settle = (act: () => void) => () => {
        clearTimeout(timer);
        client.off('ready', arrived).off('error', failed);
        signal?.removeEventListener('abort', stopped);
        act();
      };
      const gaveUp = () => {
        const hint = 'Check the address, and that Redis runs there.';
        reject(new EngineError('REDIS_AWAY', `Redis at ${address} cannot be reached: ${last}.`, { hint }));
      };
      const arrived = settle(resolve);
      const stopped = settle(gaveUp);
      const failed = (error: Error) => {
        last = messageOf(error) || (error as NodeJS.ErrnoException).code || last;
        if (REFUSED.test(last)) settle(() => reject(wrongPassword(address, last)))();
      };
      const timer = patience === undefined ? undefined : setTimeout(stopped, patience);
      client.on('ready', arrived).on('error', failed);
      signal?.addEventListener('abort', stopped);
    });
  }
}

/** What a worker says of itself; undefined for what none has said. */
function parseCard(text: string): WorkerCard | undefined {
  try {
    return card.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The queue of segments for one device and this version: workers of others never see them. */
export function queueName(device: string): string {
  return `stylecast-${VERSION}-${device.replaceAll(':', '-')}`;
}

/** @throws OptionError `REDIS_ADDRESS` for what is none */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^rediss?:$/.test(url.protocol) && url.hostname !== '') return `${url.hostname}:${url.port || 6379}`;
  throw new OptionError('REDIS_ADDRESS', 'The address of Redis is not one that begins with redis:// or rediss://.', {
    hint: 'For example redis://render-1:6379, or rediss://user:password@render-1 with TLS and a password.',
  });
}

function wrongPassword(address: string, said: string): EngineError {
  return new EngineError('REDIS_PASSWORD', `Redis at ${address} refuses the password: ${said}.`, {
    hint: 'Give it in the address, redis://user:password@host, which may stand in a file (@file) or in STYLECAST_REDIS.',
  });
}

async function loadPackages(): Promise<{ readonly bull: Bull; readonly Redis: typeof Redis }> {
  try {
    const [bull, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bull: bull as unknown as Bull, Redis: ioredis.Redis };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new OptionError('REDIS_PACKAGES', 'Work on many machines needs the packages bullmq and ioredis.', {
      hint: 'Install them beside stylecast: npm install bullmq ioredis',
      cause,
    });
  }
}
