import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CLOSE } from '../protocol/protocol.js';
import { plain } from './access/access.js';
import { type Common, Connection } from './connection.js';

/** The path of the one WebSocket endpoint. */
export const SOCKET_PATH = '/ws';

/** Milliseconds between signs of life for clients that see no pings, as pages do not. */
const BEAT = 5000;
/** What a read from a socket may bring at once, in bytes. */
const CHUNK = 64 * 1024;

/** All WebSockets of a server: takes them in, pings them, tells controllers what goes on. */
export class Sockets {
  private readonly server: WebSocketServer;
  private readonly connections = new Set<Connection>();
  private camera: Connection | undefined;
  private readonly timers: NodeJS.Timeout[];
  private readonly unlisten: () => void;

  constructor(private readonly common: Common) {
    const { limits, show } = common;
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.cameraBytes,
      maxFragments: 64,
    });
    this.unlisten = show.onSettings((settings) => this.tell({ type: 'settings', settings }));
    this.timers = [
      setInterval(() => this.everySecond(), 1000),
      setInterval(() => this.ping(), limits.pingMs),
      setInterval(() => this.beat(), BEAT),
    ];
    for (const timer of this.timers) timer.unref();
  }

  get controllers(): number {
    return [...this.connections].filter(({ role }) => role === 'control').length;
  }

  /** Takes in a connection whose `Host` and `Origin` are in order. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const origin = this.common.access.origin(request);
    this.server.handleUpgrade(request, stream, head, (socket) => {
      const address = plain(request.socket.remoteAddress ?? 'unknown');
      const connection = new Connection(socket, address, origin, this.common, (camera) => this.replaceCamera(camera));
      this.connections.add(connection);
      socket.on('close', () => {
        this.connections.delete(connection);
        if (this.camera === connection) this.camera = undefined;
      });
      this.guard(stream, connection);
    });
  }

  /** Says goodbye to everyone; resolves when all are gone. */
  async close(): Promise<void> {
    this.unlisten();
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(
      [...this.connections].map((connection) => {
        const gone = new Promise((resolve) => connection.socket.once('close', resolve));
        connection.close(CLOSE.goingAway, 'the server stops');
        return gone;
      }),
    );
  }

  /** ws has one size limit for all, the camera's. Others are cut off when a message of theirs grows beyond their own. */
  private guard(stream: Duplex, connection: Connection): void {
    let unfinished = 0;
    connection.socket.on('message', () => {
      unfinished = 0;
    });
    stream.on('data', (chunk: Buffer) => {
      unfinished += chunk.length;
      if (unfinished > connection.largestMessage + CHUNK) {
        connection.refuse(CLOSE.tooLarge, `a message of more than ${connection.largestMessage} bytes`);
        connection.socket.pause();
      }
    });
  }

  private replaceCamera(camera: Connection): void {
    this.camera?.close(CLOSE.replaced, 'another camera took over');
    this.camera = camera;
  }

  private tell(message: Parameters<Connection['say']>[0]): void {
    for (const connection of this.connections) if (connection.role === 'control') connection.say(message);
  }

  private everySecond(): void {
    const now = performance.now();
    for (const connection of this.connections) connection.check(now);
    if (this.controllers > 0) this.tell({ type: 'stats', stats: this.common.stats() });
  }

  private beat(): void {
    for (const connection of this.connections) if (connection.role) connection.say({ type: 'beat' });
  }

  private ping(): void {
    for (const connection of this.connections) {
      if (!connection.alive) connection.socket.terminate();
      else {
        connection.alive = false;
        connection.socket.ping();
      }
    }
  }
}
