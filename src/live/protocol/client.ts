import type { LiveSettings, StyleCard } from '../show/types.js';
import type { CameraPicture, ConnectionReason, ConnectionState, ConnectOptions, LiveConnection } from './connection.js';
import { LiveError } from './live-error.js';
import type { ServerMessage } from './protocol.js';
import { OPEN, retryDelay, type Socket, socketClass } from './web-socket.js';
import { FRAME_KIND, type FrameMessage, PROTOCOL_VERSION, readFrame, writeHeader } from './wire.js';

export type { CameraPicture, ConnectionReason, ConnectionState, ConnectOptions, LiveConnection } from './connection.js';
export { LiveError } from './live-error.js';

/** Milliseconds of silence after which the connection counts as lost: the server sends something every five seconds. */
const SILENCE_TIMEOUT_MS = 12_000;
/** Time limit for connecting in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000;
/** Pictures of a camera in flight. */
const CAMERA_IN_FLIGHT = 2;
const LOST = () => new LiveError('LIVE_LOST', 'The connection went away before the answer.', 'Try again.');

/** Connects to a live show. `url` is the address of any of its pages. */
export function connect(url: string, options: ConnectOptions = {}): LiveConnection {
  return new Client(url, options);
}

/** The token in the fragment of an address; by default that of the page that this runs in. */
export function tokenOf(url: string | undefined = page()): string | undefined {
  const [, fragment = ''] = url?.split('#', 2) ?? [];
  return new URLSearchParams(fragment).get('token') ?? undefined;
}

function page(): string | undefined {
  return (globalThis as { location?: { href?: string } }).location?.href;
}

class Client implements LiveConnection {
  state: ConnectionState = 'connecting';
  private readonly url: string;
  private readonly token: string | undefined;
  private style: string | undefined;
  private socket: Socket | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private welcome: Extract<ServerMessage, { type: 'welcome' }> | undefined;
  private readonly changes = new Map<number, [resolve: (settings: LiveSettings) => void, reject: (e: Error) => void]>();
  private nextChange = 0;
  private readonly taken = new Set<number>();
  private nextPicture = 0;
  private waiting: FrameMessage | undefined;
  private drawing = false;

  constructor(
    url: string,
    private readonly options: ConnectOptions,
  ) {
    const address = new URL(url);
    this.token = options.token ?? tokenOf(url) ?? tokenOf();
    this.style = options.style;
    this.url = `${/^(https|wss):$/.test(address.protocol) ? 'wss' : 'ws'}://${address.host}/ws`;
    // Deferred, so that the caller has the connection before the first callback.
    queueMicrotask(() => {
      if (this.state === 'closed') return;
      options.onState?.('connecting', undefined);
      void this.open();
    });
  }

  set(settings: Partial<LiveSettings>): Promise<LiveSettings> {
    if (!this.ready) return Promise.reject(LOST());
    const id = this.nextChange++;
    return new Promise((resolve, reject) => {
      this.changes.set(id, [resolve, reject]);
      this.sendMessage({ type: 'set', id, settings });
    });
  }

  send({ image, width, height, capturedAt = performance.timeOrigin + performance.now() }: CameraPicture): boolean {
    if (!this.ready || this.taken.size >= CAMERA_IN_FLIGHT) return false;
    const sequence = this.nextPicture++;
    this.taken.add(sequence);
    const pts = capturedAt / 1000;
    const header = writeHeader({ kind: FRAME_KIND.jpeg, sequence, pts, capturedAt, width, height }, image.length);
    const message = new Uint8Array(header.length + image.length);
    message.set(header);
    message.set(image, header.length);
    this.socket?.send(message);
    return true;
  }

  close(): void {
    clearTimeout(this.retry);
    this.reset();
    this.setState('closed');
  }

  private async open(): Promise<void> {
    this.startWatchdog(CONNECT_TIMEOUT_MS);
    try {
      const Class = await socketClass();
      // Closed while the class was loaded.
      if (this.state === 'closed') return;
      const socket = new Class(this.url);
      this.socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => this.sendHello();
      socket.onmessage = ({ data }) => this.receive(data);
      // The close event carries the reason.
      socket.onerror = () => undefined;
      socket.onclose = ({ code, reason }) => this.connectionLost(code, reason);
    } catch (error) {
      this.connectionLost(1006, String(error));
    }
  }

  private sendHello(): void {
    const { role = 'viewer', view, inFlight, fps } = this.options;
    const { token, style } = this;
    this.sendMessage({ v: PROTOCOL_VERSION, type: 'hello', role, view, token, style, inFlight, fps });
  }

  /** Whether messages can be sent: a closing socket accepts none. */
  private get ready(): boolean {
    return this.state === 'live' && this.socket?.readyState === OPEN;
  }

  private sendMessage(message: object): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(message));
  }

  private receive(data: unknown): void {
    this.startWatchdog(SILENCE_TIMEOUT_MS);
    if (data instanceof ArrayBuffer) {
      const frame = readFrame(new Uint8Array(data));
      if (!frame) return;
      // The newest frame wins; the one it replaces is acknowledged.
      if (this.waiting) this.acknowledge(this.waiting);
      this.waiting = frame;
      if (!this.drawing) void this.deliver();
    } else {
      this.handleMessage(JSON.parse(String(data)) as ServerMessage);
    }
  }

  private async deliver(): Promise<void> {
    this.drawing = true;
    while (this.waiting) {
      const { socket, waiting } = this;
      this.waiting = undefined;
      try {
        await this.options.onFrame?.(waiting);
      } catch (error) {
        console.error(error);
      }
      if (socket === this.socket) this.acknowledge(waiting);
    }
    this.drawing = false;
  }

  private acknowledge({ sequence }: FrameMessage): void {
    if (this.state === 'live') this.sendMessage({ type: 'ack', sequence });
  }

  private handleMessage(message: ServerMessage): void {
    const { onSettings, onStats, onLooks } = this.options;
    switch (message.type) {
      case 'welcome':
        this.attempts = 0;
        this.style = undefined;
        this.setState('live');
        onSettings?.(message.settings);
        this.welcome = message;
        this.tellStyles(message.styles);
        break;
      case 'styles':
        this.tellStyles(message.styles);
        break;
      case 'looks':
        onLooks?.(message.looks);
        break;
      case 'settings':
        onSettings?.(message.settings);
        break;
      case 'stats':
        onStats?.(message.stats);
        break;
      case 'ack':
        this.taken.delete(message.sequence);
        break;
      case 'done':
        this.takePending(message.id)?.[0](message.settings);
        break;
      case 'error':
        this.takePending(message.id)?.[1](new LiveError(message.code, message.message, message.hint));
        break;
    }
  }

  private tellStyles(styles: readonly StyleCard[] | undefined): void {
    const { urls, masks = [], localUrls = urls } = this.welcome ?? {};
    if (styles && urls && localUrls) this.options.onStyles?.(styles, urls, masks, localUrls);
  }

  private takePending(id: number) {
    const change = this.changes.get(id);
    this.changes.delete(id);
    return change;
  }

  /** Restarts the timer after which the connection counts as lost. */
  private startWatchdog(ms: number): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.connectionLost(1006, 'the server is silent'), ms);
  }

  private connectionLost(code: number, reason: string): void {
    if (this.state === 'closed') return;
    this.reset();
    const why = {
      code,
      message: reason || (code === 1006 ? 'the server cannot be reached' : `closed with code ${code}`),
    };
    const delay = retryDelay(code, this.attempts++);
    if (delay === undefined) {
      this.setState('refused', why);
      return;
    }
    this.setState(this.state === 'connecting' ? 'connecting' : 'lost', why);
    this.retry = setTimeout(() => void this.open(), delay);
  }

  /** Drops the socket and rejects everything that waited for it. */
  private reset(): void {
    clearTimeout(this.watchdog);
    const { socket } = this;
    this.socket = undefined;
    this.waiting = undefined;
    this.taken.clear();
    for (const [, reject] of this.changes.values()) reject(LOST());
    this.changes.clear();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private setState(state: ConnectionState, reason?: ConnectionReason): void {
    this.state = state;
    this.options.onState?.(state, reason);
  }
}
