import type { LiveSettings, LiveStats, MaskMode, StyleCard } from '../show/types.js';
import type { LiveUrls, Role, ServerMessage } from './protocol.js';
import { FRAME_KIND, type FrameMessage, PROTOCOL_VERSION, readFrame, writeHeader } from './wire.js';

/**
 * How the connection is: `connecting` for the first time, `live`, `lost` and trying again, `refused` by the server for
 * good, `closed` by the program.
 */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'refused' | 'closed';

/** Why a connection is not live. */
export interface ConnectionReason {
  /** A WebSocket close code; those of stylecast are in docs/protocol.md. */
  readonly code: number;
  readonly message: string;
}

/** What a client wants, and what it does with what comes. */
export interface ConnectOptions {
  /** `viewer` gets frames, `control` settings and figures, `camera` hands in pictures; `viewer` unless told otherwise. */
  readonly role?: Role | undefined;
  /** By default the one in the fragment (`#token=…`) of the URL, or of the page that this runs in. */
  readonly token?: string | undefined;
  /** Frames on their way at a time, 1 to 4; 2 unless told otherwise. */
  readonly inFlight?: number | undefined;
  /** Frames a second at most. */
  readonly fps?: number | undefined;
  /** A style to ask for when first connected; needs the right to control. */
  readonly style?: string | undefined;
  /** Called with one frame at a time, the newest; the next is asked for when its promise resolves. */
  readonly onFrame?: ((frame: FrameMessage) => unknown) | undefined;
  readonly onSettings?: ((settings: LiveSettings) => void) | undefined;
  readonly onStats?: ((stats: LiveStats) => void) | undefined;
  /** Controllers: the gallery, the addresses of the pages, and the ways to mask that there are. */
  readonly onStyles?: ((styles: readonly StyleCard[], urls: LiveUrls, masks: readonly MaskMode[]) => void) | undefined;
  readonly onState?: ((state: ConnectionState, reason: ConnectionReason | undefined) => void) | undefined;
}

/** A picture that a camera hands in. */
export interface CameraPicture {
  /** A JPEG. */
  readonly image: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** When it was taken, in milliseconds since 1970; now unless told otherwise. */
  readonly capturedAt?: number | undefined;
}

/** A connection that comes back by itself until it is closed. */
export interface LiveConnection {
  readonly state: ConnectionState;
  /** Changes settings; resolves with all of them when they are in force, rejects with a {@link LiveError}. */
  set(settings: Partial<LiveSettings>): Promise<LiveSettings>;
  /** Cameras: hands in a picture; false when it was dropped because two are on their way or the server is away. */
  send(picture: CameraPicture): boolean;
  close(): void;
}

/** What the server answered to a change that it did not make. */
export class LiveError extends Error {
  override readonly name = 'LiveError';

  constructor(
    /** Stable, for programs; `LIVE_LOST` when the connection went away before the answer. */
    readonly code: string,
    message: string,
    /** What to do about it. */
    readonly hint?: string | undefined,
  ) {
    super(message);
  }
}

/** Milliseconds between attempts: doubles from the first to the last, less up to half by chance. */
const RETRY = { first: 100, last: 1000 };
/** Milliseconds without a word after which the server is given up: it says something every five seconds. */
const SILENCE = 12_000;
/** Milliseconds that connecting may take. */
const PATIENCE = 5000;
/** Close codes after which trying again would only repeat the mistake. */
const FINAL = new Set([4400, 4401, 4403, 4404, 4409, 4413, 4426]);
/** Pictures of a camera on their way at a time. */
const CAMERA_IN_FLIGHT = 2;
const LOST = () => new LiveError('LIVE_LOST', 'The connection went away before the answer.', 'Try again.');

/** What is used of a WebSocket, a browser's or that of `ws`. */
interface Socket {
  binaryType: string;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: (() => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(data: string | Uint8Array): void;
  close(): void;
}
type SocketClass = new (url: string) => Socket;
/** Its `readyState` between opening and the beginning of the end. */
const OPEN = 1;

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
    // The caller shall have the connection in hand before it hears of it.
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
      this.say({ type: 'set', id, settings });
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
    this.drop();
    this.turn('closed');
  }

  private async open(): Promise<void> {
    this.watch(PATIENCE);
    try {
      const Class = await socketClass();
      // Closed while the class was loaded.
      if (this.state === 'closed') return;
      const socket = new Class(this.url);
      this.socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => this.greet();
      socket.onmessage = ({ data }) => this.hear(data);
      // What went wrong is told by close.
      socket.onerror = () => undefined;
      socket.onclose = ({ code, reason }) => this.lose(code, reason);
    } catch (error) {
      this.lose(1006, String(error));
    }
  }

  private greet(): void {
    const { role = 'viewer', inFlight, fps } = this.options;
    // Fields that are undefined are left out by JSON.
    this.say({ v: PROTOCOL_VERSION, type: 'hello', role, token: this.token, style: this.style, inFlight, fps });
  }

  /** Whether it is live, and will be for a moment: a socket that closes takes nothing any more. */
  private get ready(): boolean {
    return this.state === 'live' && this.socket?.readyState === OPEN;
  }

  private say(message: object): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(message));
  }

  private hear(data: unknown): void {
    this.watch(SILENCE);
    if (data instanceof ArrayBuffer) {
      const frame = readFrame(new Uint8Array(data));
      if (!frame) return;
      // The newest wins; the one it takes the place of is done with.
      if (this.waiting) this.acknowledge(this.waiting);
      this.waiting = frame;
      if (!this.drawing) void this.draw();
    } else {
      this.obey(JSON.parse(String(data)) as ServerMessage);
    }
  }

  private async draw(): Promise<void> {
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
    if (this.state === 'live') this.say({ type: 'ack', sequence });
  }

  private obey(message: ServerMessage): void {
    const { onSettings, onStats, onStyles } = this.options;
    switch (message.type) {
      case 'welcome':
        this.attempts = 0;
        this.style = undefined;
        this.turn('live');
        onSettings?.(message.settings);
        if (message.styles && message.urls) onStyles?.(message.styles, message.urls, message.masks ?? []);
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
        this.answered(message.id)?.[0](message.settings);
        break;
      case 'error':
        this.answered(message.id)?.[1](new LiveError(message.code, message.message, message.hint));
        break;
    }
  }

  private answered(id: number) {
    const change = this.changes.get(id);
    this.changes.delete(id);
    return change;
  }

  /** Gives the server so long to say something. */
  private watch(ms: number): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lose(1006, 'the server is silent'), ms);
  }

  private lose(code: number, reason: string): void {
    if (this.state === 'closed') return;
    this.drop();
    const why = {
      code,
      message: reason || (code === 1006 ? 'the server cannot be reached' : `closed with code ${code}`),
    };
    if (FINAL.has(code)) {
      this.turn('refused', why);
      return;
    }
    this.turn(this.state === 'connecting' ? 'connecting' : 'lost', why);
    const most = Math.min(RETRY.last, RETRY.first * 2 ** this.attempts++);
    this.retry = setTimeout(() => void this.open(), most * (1 - Math.random() / 2));
  }

  /** Lets go of the socket and of everything that waited for it. */
  private drop(): void {
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

  private turn(state: ConnectionState, reason?: ConnectionReason): void {
    this.state = state;
    this.options.onState?.(state, reason);
  }
}

/** The browser's WebSocket, or that of the package `ws` in a Node.js that has none. */
async function socketClass(): Promise<SocketClass> {
  const { WebSocket } = globalThis as { WebSocket?: SocketClass };
  return WebSocket ?? ((await import('ws')).WebSocket as unknown as SocketClass);
}
