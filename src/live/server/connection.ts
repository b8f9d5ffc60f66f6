import type { WebSocket } from 'ws';
import { messageOf, OptionError, StylecastError } from '../../errors.js';
import {
  CLOSE,
  type Hello,
  type LiveUrls,
  ProtocolError,
  type Role,
  readHello,
  readMessage,
  type ServerMessage,
} from '../protocol/protocol.js';
import { FRAME_KIND, PROTOCOL_VERSION, readFrame } from '../protocol/wire.js';
import type { LiveStats, Show, StyleCard } from '../show/types.js';
import { type Access, isLoopback, type RequestOrigin } from './access/access.js';
import { type Limits, TokenBucket } from './access/limits.js';
import { applyFromOutside } from './api/apply.js';
import type { News } from './api/news.js';
import type { FrameBroadcaster, Viewer } from './frame-broadcaster.js';
import type { RateLimitedLog } from './rate-limited-log.js';

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly show: Show;
  readonly broadcaster: FrameBroadcaster;
  /** The frames before they are painted; undefined where those are not shown. */
  readonly sources: FrameBroadcaster | undefined;
  readonly access: Access;
  readonly limits: Limits;
  readonly problems: RateLimitedLog;
  readonly urls: () => LiveUrls;
  /** The addresses for programs on this machine. */
  readonly localUrls: () => LiveUrls;
  /** The show's figures with those of the way to the viewers. */
  readonly stats: () => LiveStats;
  /** The styles; their thumbnails' paths contain the token that is required. */
  readonly styles: () => readonly StyleCard[];
  readonly news: News;
}

/** How long a closing handshake may take, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1000;

/** One WebSocket from opening to close: a hello with a role, then messages of that role. */
export class Connection {
  /** Set by the hello. */
  role: Role | undefined;
  viewer: Viewer | undefined;
  private watched: FrameBroadcaster | undefined;
  /** Whether it answered the last ping. */
  alive = true;
  /** Since when more bytes are unsent than allowed, in milliseconds of `performance.now()`. */
  private backlogSince: number | undefined;
  private readonly helloTimer: NodeJS.Timeout;
  private readonly messages: TokenBucket;
  private readonly bytes: TokenBucket;
  private changes = 0;
  /** Offset of the server's clock from the camera's, estimated from the fastest frame. */
  private clock = Number.POSITIVE_INFINITY;

  /**
   * @param origin where the request came from
   * @param onCamera called when this becomes a camera
   */
  constructor(
    readonly socket: WebSocket,
    readonly address: string,
    private readonly origin: RequestOrigin,
    private readonly context: ConnectionContext,
    private readonly onCamera: (camera: Connection) => void,
  ) {
    const { helloMs, messagesPerSecond, cameraBytesPerSecond } = context.limits;
    this.messages = new TokenBucket(messagesPerSecond, 2 * messagesPerSecond);
    this.bytes = new TokenBucket(cameraBytesPerSecond, cameraBytesPerSecond);
    this.helloTimer = setTimeout(() => this.refuse(CLOSE.noHello, `no hello within ${helloMs} ms`), helloMs);
    socket.on('message', (data, binary) => this.receive(data as Buffer<ArrayBuffer>, binary));
    socket.on('pong', () => {
      this.alive = true;
    });
    // Too long, or not WebSocket framing: ws closes it with a standard close code.
    socket.on('error', (error) => this.log('protocol', error.message));
    socket.on('close', () => {
      clearTimeout(this.helloTimer);
      if (this.viewer) this.watched?.leave(this.viewer);
    });
  }

  /** Largest message of this connection in bytes. */
  get maxMessageBytes(): number {
    return this.role === 'camera' ? this.context.limits.cameraBytes : this.context.limits.textBytes;
  }

  send(message: ServerMessage): void {
    if (this.socket.bufferedAmount > this.context.limits.unsentBytes) return;
    this.socket.send(JSON.stringify(message));
  }

  /** Called once a second: closes a connection that does not read what it is sent. */
  check(now: number): void {
    const { limits } = this.context;
    if (this.socket.bufferedAmount <= limits.unsentBytes) this.backlogSince = undefined;
    else this.backlogSince ??= now;
    const waiting = Math.max(this.viewer?.waiting(now) ?? 0, now - (this.backlogSince ?? now));
    if (waiting > limits.stalledMs) this.refuse(CLOSE.stalled, `nothing acknowledged for ${limits.stalledMs} ms`);
  }

  /** Closes with a code, and terminates the socket if the other side does not answer. */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    setTimeout(() => this.socket.terminate(), CLOSE_TIMEOUT_MS).unref();
  }

  /** Closes because of an error of the client, and logs it. */
  refuse(code: number, reason: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.log(String(code), reason);
    this.close(code, reason);
  }

  private log(kind: string, reason: string): void {
    this.context.problems.log(kind, `${this.role ?? 'client'} ${this.address} was disconnected: ${reason}`);
  }

  private receive(data: Buffer<ArrayBuffer>, binary: boolean): void {
    // Messages that arrived before the close was processed still come here.
    if (this.socket.readyState !== this.socket.OPEN) return;
    try {
      if (!this.messages.take()) throw new ProtocolError(CLOSE.tooMany, 'too many messages a second');
      if (data.length > this.maxMessageBytes || (!binary && data.length > this.context.limits.textBytes)) {
        throw new ProtocolError(CLOSE.tooLarge, `a message of ${data.length} bytes`);
      }
      if (binary) this.handlePicture(data);
      else if (this.role) this.handleText(data.toString());
      else this.handleHello(readHello(data.toString()));
    } catch (error) {
      if (error instanceof ProtocolError) this.refuse(error.code, error.message);
      else this.refuse(1011, messageOf(error).slice(0, 120));
    }
  }

  private handleHello(hello: Hello): void {
    const { access, show, broadcaster, urls, localUrls, styles, stats, limits } = this.context;
    const { role, token, style, view } = hello;
    const asker = { origin: this.origin, token, address: this.address };
    const controls =
      (role !== 'viewer' || view === 'source' || style !== undefined || broadcaster.stats.viewers >= limits.viewers) &&
      access.mayControl(asker);
    // What the source shows, and a mask or a cut-out hides, is not for everyone who may watch.
    if (role === 'viewer' && view === 'painted' ? !access.mayView(asker) : !controls) {
      const wait = token === undefined ? 0 : access.wait(this.address);
      if (wait > 0) throw new ProtocolError(CLOSE.tooMany, `too many wrong tokens: try again in ${wait} s`);
      if (this.origin !== 'own' && role !== 'viewer')
        throw new ProtocolError(CLOSE.forbidden, 'another site may only watch');
      throw new ProtocolError(CLOSE.token, token === undefined ? 'a token is needed' : 'the token is wrong');
    }
    if (role === 'viewer' && broadcaster.stats.viewers >= limits.viewers && !controls && !isLoopback(this.address)) {
      throw new ProtocolError(CLOSE.full, `${limits.viewers} watch already, which is as many as may`);
    }
    if (view === 'source' && !this.context.sources)
      throw new ProtocolError(CLOSE.forbidden, 'the source of this show is not shown');
    if (role === 'camera' && !show.feed)
      throw new ProtocolError(CLOSE.noCamera, 'the picture of this show comes from elsewhere');
    clearTimeout(this.helloTimer);
    this.role = role;
    const more =
      role === 'control' ? { styles: styles(), masks: show.masks, urls: urls(), localUrls: localUrls() } : {};
    this.send({ v: PROTOCOL_VERSION, type: 'welcome', role, settings: show.settings, now: now(), ...more });
    if (role === 'viewer') {
      this.watched = view === 'source' ? this.context.sources : broadcaster;
      this.viewer = this.watched?.join(this.socket, hello);
    }
    if (role === 'control') this.send({ type: 'stats', stats: stats() });
    if (role === 'camera') this.onCamera(this);
    if (style !== undefined && controls) {
      applyFromOutside(show, { style }).catch((error) => this.context.problems.log('style', messageOf(error)));
    }
  }

  private handleText(text: string): void {
    const message = readMessage(text);
    if (message.type === 'ack') {
      if (this.viewer) this.watched?.acknowledge(this.viewer, message.sequence);
    } else if (this.role === 'control') {
      void this.change(message.id, message.settings);
    } else {
      throw new ProtocolError(CLOSE.forbidden, `a ${this.role} may not change settings`);
    }
  }

  private async change(id: number, settings: Record<string, unknown>): Promise<void> {
    const { pendingChanges } = this.context.limits;
    this.changes++;
    try {
      if (this.changes > pendingChanges) {
        throw new OptionError('LIVE_BUSY', `More than ${pendingChanges} changes are under way.`, {
          hint: 'Wait for answers before sending more.',
        });
      }
      this.send({ type: 'done', id, settings: await applyFromOutside(this.context.show, settings) });
    } catch (error) {
      if (!(error instanceof StylecastError))
        this.context.problems.log('change', `A change failed: ${messageOf(error)}`);
      const { code, message, hint } =
        error instanceof StylecastError
          ? error
          : { code: 'LIVE_FAILED', message: 'The change failed.', hint: undefined };
      this.send({ type: 'error', id, code, message, ...(hint === undefined ? {} : { hint }) });
    } finally {
      this.changes--;
    }
  }

  private handlePicture(data: Buffer<ArrayBuffer>): void {
    if (this.role !== 'camera') throw new ProtocolError(CLOSE.forbidden, 'only a camera may send pictures');
    if (!this.bytes.take(data.length)) throw new ProtocolError(CLOSE.tooMany, 'too many bytes a second');
    const frame = readFrame(data);
    if (frame?.kind !== FRAME_KIND.jpeg || frame.image[0] !== 0xff || frame.image[1] !== 0xd8) {
      throw new ProtocolError(CLOSE.malformed, 'a binary message that is no JPEG frame');
    }
    if (!Number.isFinite(frame.capturedAt)) throw new ProtocolError(CLOSE.malformed, 'capturedAt: expected a time');
    this.clock = Math.min(this.clock, now() - frame.capturedAt);
    this.context.show.feed?.(frame.image, frame.capturedAt + this.clock);
    this.send({ type: 'ack', sequence: frame.sequence });
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
