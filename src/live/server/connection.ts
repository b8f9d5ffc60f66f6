import type { WebSocket } from 'ws';
import { messageOf, OptionError, StylecastError } from '../../errors.js';
import { namePattern } from '../../model/manifest/schema.js';
import {
  CLOSE,
  type Hello,
  type LiveUrls,
  Refusal,
  type Role,
  readHello,
  readMessage,
  type ServerMessage,
} from '../protocol/protocol.js';
import { FRAME_KIND, PROTOCOL_VERSION, readFrame } from '../protocol/wire.js';
import { checkSettings } from '../settings/settings.js';
import type { LiveSettings, LiveStats, Show, StyleCard } from '../show/types.js';
import type { Access, Origin } from './access/access.js';
import type { Hub, Viewer } from './hub.js';
import { type Limits, TokenBucket } from './limits.js';
import type { TroubleLog } from './trouble.js';

/** What connections share. */
export interface Common {
  readonly show: Show;
  readonly hub: Hub;
  readonly access: Access;
  readonly limits: Limits;
  readonly trouble: TroubleLog;
  readonly urls: () => LiveUrls;
  /** The show's figures with those of the way to the viewers. */
  readonly stats: () => LiveStats;
  /** The styles, their thumbnails' paths with the token that they want. */
  readonly styles: () => readonly StyleCard[];
}

/** How long a closed socket may take to say goodbye, in milliseconds. */
const FAREWELL = 1000;

/** One WebSocket from its opening to its end: says who it is, then acts by its role. */
export class Connection {
  /** Known from the hello on. */
  role: Role | undefined;
  viewer: Viewer | undefined;
  /** Whether it answered the last ping. */
  alive = true;
  /** Since when more is unsent than allowed, in milliseconds of `performance.now()`. */
  private clogged: number | undefined;
  private readonly helloTimer: NodeJS.Timeout;
  private readonly messages: TokenBucket;
  private readonly bytes: TokenBucket;
  private changes = 0;
  /** The server's clock less the camera's, as the quickest frame tells. */
  private clock = Number.POSITIVE_INFINITY;

  /**
   * @param origin where the request came from
   * @param onCamera called when this becomes a camera
   */
  constructor(
    readonly socket: WebSocket,
    readonly address: string,
    private readonly origin: Origin,
    private readonly common: Common,
    private readonly onCamera: (camera: Connection) => void,
  ) {
    const { helloMs, messagesPerSecond, cameraBytesPerSecond } = common.limits;
    this.messages = new TokenBucket(messagesPerSecond, 2 * messagesPerSecond);
    this.bytes = new TokenBucket(cameraBytesPerSecond, cameraBytesPerSecond);
    this.helloTimer = setTimeout(() => this.refuse(CLOSE.noHello, `no hello within ${helloMs} ms`), helloMs);
    socket.on('message', (data, binary) => this.hear(data as Buffer<ArrayBuffer>, binary));
    socket.on('pong', () => {
      this.alive = true;
    });
    // Too long or not WebSocket: ws closes it with the code of WebSocket itself.
    socket.on('error', (error) => this.log('protocol', error.message));
    socket.on('close', () => {
      clearTimeout(this.helloTimer);
      if (this.viewer) common.hub.leave(this.viewer);
    });
  }

  /** Bytes that one message of it may have. */
  get largestMessage(): number {
    return this.role === 'camera' ? this.common.limits.cameraBytes : this.common.limits.textBytes;
  }

  say(message: ServerMessage): void {
    if (this.socket.bufferedAmount > this.common.limits.unsentBytes) return;
    this.socket.send(JSON.stringify(message));
  }

  /** Looks once a second whether it reads what it is sent. */
  check(now: number): void {
    const { limits } = this.common;
    if (this.socket.bufferedAmount <= limits.unsentBytes) this.clogged = undefined;
    else this.clogged ??= now;
    const waiting = Math.max(this.viewer?.waiting(now) ?? 0, now - (this.clogged ?? now));
    if (waiting > limits.stalledMs) this.refuse(CLOSE.stalled, `nothing acknowledged for ${limits.stalledMs} ms`);
  }

  /** Closes with a code, and cuts the line if the other side does not answer. */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    setTimeout(() => this.socket.terminate(), FAREWELL).unref();
  }

  /** Closes because of what the client did. */
  refuse(code: number, reason: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.log(String(code), reason);
    this.close(code, reason);
  }

  private log(kind: string, reason: string): void {
    this.common.trouble.say(kind, `${this.role ?? 'client'} ${this.address} was disconnected: ${reason}`);
  }

  private hear(data: Buffer<ArrayBuffer>, binary: boolean): void {
    // What arrived before the close was heard still comes here.
    if (this.socket.readyState !== this.socket.OPEN) return;
    try {
      if (!this.messages.take()) throw new Refusal(CLOSE.tooMany, 'too many messages a second');
      if (data.length > this.largestMessage || (!binary && data.length > this.common.limits.textBytes)) {
        throw new Refusal(CLOSE.tooLarge, `a message of ${data.length} bytes`);
      }
      if (binary) this.picture(data);
      else if (this.role) this.message(data.toString());
      else this.greet(readHello(data.toString()));
    } catch (error) {
      if (error instanceof Refusal) this.refuse(error.code, error.message);
      else this.refuse(1011, messageOf(error).slice(0, 120));
    }
  }

  private greet(hello: Hello): void {
    const { access, show, hub, urls, styles, stats } = this.common;
    const { role, token, style } = hello;
    const controls = access.mayControl(this.origin, token);
    if (role === 'viewer' ? !access.mayView(this.origin, token) : !controls) {
      if (this.origin !== 'own' && role !== 'viewer') throw new Refusal(CLOSE.forbidden, 'another site may only watch');
      throw new Refusal(CLOSE.token, token === undefined ? 'a token is needed' : 'the token is wrong');
    }
    if (role === 'camera' && !show.feed)
      throw new Refusal(CLOSE.noCamera, 'the picture of this show comes from elsewhere');
    clearTimeout(this.helloTimer);
    this.role = role;
    const more = role === 'control' ? { styles: styles(), masks: show.masks, urls: urls() } : {};
    this.say({ v: PROTOCOL_VERSION, type: 'welcome', role, settings: show.settings, now: now(), ...more });
    if (role === 'viewer') this.viewer = hub.join(this.socket, hello);
    if (role === 'control') this.say({ type: 'stats', stats: stats() });
    if (role === 'camera') this.onCamera(this);
    if (style !== undefined && controls) {
      this.apply({ style }).catch((error) => this.common.trouble.say('style', messageOf(error)));
    }
  }

  private message(text: string): void {
    const message = readMessage(text);
    if (message.type === 'ack') {
      if (this.viewer) this.common.hub.acknowledge(this.viewer, message.sequence);
    } else if (this.role === 'control') {
      void this.change(message.id, message.settings);
    } else {
      throw new Refusal(CLOSE.forbidden, `a ${this.role} may not change settings`);
    }
  }

  private async change(id: number, settings: Record<string, unknown>): Promise<void> {
    const { pendingChanges } = this.common.limits;
    this.changes++;
    try {
      if (this.changes > pendingChanges) {
        throw new OptionError('LIVE_BUSY', `More than ${pendingChanges} changes are under way.`, {
          hint: 'Wait for answers before sending more.',
        });
      }
      this.say({ type: 'done', id, settings: await this.apply(settings) });
    } catch (error) {
      if (!(error instanceof StylecastError)) this.common.trouble.say('change', `A change failed: ${messageOf(error)}`);
      const { code, message, hint } =
        error instanceof StylecastError
          ? error
          : { code: 'LIVE_FAILED', message: 'The change failed.', hint: undefined };
      this.say({ type: 'error', id, code, message, ...(hint === undefined ? {} : { hint }) });
    } finally {
      this.changes--;
    }
  }

  /** A style is named from outside as the gallery does, or by what cannot be a path. */
  private async apply(settings: Record<string, unknown>): Promise<LiveSettings> {
    const { show } = this.common;
    checkSettings(settings);
    for (const name of [settings.style, settings.second, settings.outside]) {
      if (typeof name !== 'string' || namePattern.test(name) || show.styles.some((card) => card.name === name))
        continue;
      throw new OptionError('LIVE_STYLE', `There is no style "${name.slice(0, 40)}" in this show.`, {
        hint: 'Choose one of the gallery.',
      });
    }
    return show.change(settings);
  }

  private picture(data: Buffer<ArrayBuffer>): void {
    if (this.role !== 'camera') throw new Refusal(CLOSE.forbidden, 'only a camera may send pictures');
    if (!this.bytes.take(data.length)) throw new Refusal(CLOSE.tooMany, 'too many bytes a second');
    const frame = readFrame(data);
    if (frame?.kind !== FRAME_KIND.jpeg || frame.image[0] !== 0xff || frame.image[1] !== 0xd8) {
      throw new Refusal(CLOSE.malformed, 'a binary message that is no JPEG frame');
    }
    if (!Number.isFinite(frame.capturedAt)) throw new Refusal(CLOSE.malformed, 'capturedAt: expected a time');
    this.clock = Math.min(this.clock, now() - frame.capturedAt);
    this.common.show.feed?.(frame.image, frame.capturedAt + this.clock);
    this.say({ type: 'ack', sequence: frame.sequence });
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
