import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { messageOf, OptionError } from '../../../errors.js';
import { DEFAULT_SETTINGS } from '../../settings/table.js';
import type { LookBook } from '../../show/controls.js';
import type { LiveSettings, Show } from '../../show/types.js';
import { LIMITS, TokenBucket } from '../access/limits.js';
import type { RateLimitedLog } from '../rate-limited-log.js';
import { applyFromOutside } from './apply.js';
import { type OscMessage, type OscValue, readOsc } from './osc-message.js';

/** Where OSC is listened for. */
export interface OscOptions {
  /** Default 127.0.0.1. OSC knows no token: who reaches the port may steer the show. */
  readonly host?: string | undefined;
  readonly port: number;
}

/** What every address begins with. */
const PREFIX = '/stylecast/';

/** Takes settings and looks by OSC over UDP: `/stylecast/strength 0.8`, `/stylecast/look "Calm"`. */
export class OscListener {
  private readonly bucket = new TokenBucket(LIMITS.messagesPerSecond, 2 * LIMITS.messagesPerSecond);

  private constructor(
    private readonly socket: Socket,
    private readonly show: Pick<Show, 'change' | 'styles'>,
    private readonly looks: () => LookBook | undefined,
    private readonly problems: Pick<RateLimitedLog, 'log'>,
  ) {
    socket.on('message', (packet) => this.receive(packet));
  }

  /**
   * @param looks undefined before the show begins
   * @throws OptionError `LIVE_PORT_TAKEN`, `LIVE_LISTEN`
   */
  static async open(
    { host = '127.0.0.1', port }: OscOptions,
    show: Pick<Show, 'change' | 'styles'>,
    looks: () => LookBook | undefined,
    problems: Pick<RateLimitedLog, 'log'>,
  ): Promise<OscListener> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (cause: NodeJS.ErrnoException) => {
        socket.close();
        const taken = cause.code === 'EADDRINUSE';
        const message = taken
          ? `UDP port ${port} is taken by another program; OSC cannot be listened for there.`
          : `OSC cannot be listened for on ${host}:${port}: ${messageOf(cause)}`;
        const hint = taken
          ? 'Choose another port with --osc.'
          : 'Use an address of this machine, and a port above 1023.';
        reject(new OptionError(taken ? 'LIVE_PORT_TAKEN' : 'LIVE_LISTEN', message, { hint, cause }));
      });
      socket.bind(port, host, resolve);
    });
    return new OscListener(socket, show, looks, problems);
  }

  get port(): number {
    return this.socket.address().port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }

  private receive(packet: Buffer): void {
    try {
      for (const message of readOsc(packet)) {
        if (!this.bucket.take()) throw new Error('too many messages a second');
        this.take(message).catch((error) => this.problem(error));
      }
    } catch (error) {
      this.problem(error);
    }
  }

  private problem(error: unknown): void {
    this.problems.log('osc', `OSC: ${messageOf(error)}`);
  }

  private async take({ address, values }: OscMessage): Promise<void> {
    const name = address.startsWith(PREFIX) ? address.slice(PREFIX.length) : undefined;
    if (name === undefined) throw new Error(`${address.slice(0, 60)} is no address here; expected ${PREFIX}…`);
    const [value = null] = values;
    if (name !== 'look') {
      await applyFromOutside(this.show, { [name]: settingOf(name, value) });
      return;
    }
    const look = (await this.looks()?.list())?.find((one) => one.name === value);
    if (!look) throw new Error(`there is no look ${JSON.stringify(value).slice(0, 60)}`);
    await applyFromOutside(this.show, { auto: false, ...look.settings });
  }
}

/** The value of a setting: buttons send numbers for switches, and no sender can easily say null. */
function settingOf(name: string, value: OscValue): OscValue {
  const usual = DEFAULT_SETTINGS[name as keyof LiveSettings];
  if (typeof usual === 'boolean' && typeof value === 'number') return value !== 0;
  return value === '' ? null : value;
}
