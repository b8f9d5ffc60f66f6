import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CLOSE } from '../protocol/protocol.js';
import { unmapIPv4 } from './access/access.js';
import { Connection, type ConnectionContext } from './connection.js';

/** The path of the one WebSocket endpoint. */
export const SOCKET_PATH = '/ws';

/** Milliseconds between heartbeat messages, for clients that cannot see pings, such as browsers. */
const HEARTBEAT_MS = 5000;
/** Largest chunk that one read from a socket returns, in bytes. */
const CHUNK = 64 * 1024;

/** All WebSockets of a server: accepts them, pings them, and sends state to controllers. */
export class Sockets {
  private readonly server: WebSocketServer;
  private readonly connections = new Set<Connection>();
  private camera: Connection | undefined;
  private readonly timers: NodeJS.Timeout[];
  private readonly unlisten: readonly (() => void)[];

  constructor(private readonly context: ConnectionContext) {
    const { limits, show } = context;
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.cameraBytes,
      maxFragments: 64,
    });
    this.unlisten = [
      show.onSettings((settings) => this.broadcast({ type: 'settings', settings })),
      context.news.listen((item) => this.broadcast(item)),
    ];
    this.timers = [
      setInterval(() => this.everySecond(), 1000),
      setInterval(() => this.ping(), limits.pingMs),
      setInterval(() => this.sendHeartbeats(), HEARTBEAT_MS),
    ];
    for (const timer of this.timers) timer.unref();
  }

  get controllers(): number {
    return [...this.connections].filter(({ role }) => role === 'control').length;
  }

  /** Accepts a connection whose `Host` and `Origin` have been checked. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const origin = this.context.access.origin(request);
    this.server.handleUpgrade(request, stream, head, (socket) => {
      const address = unmapIPv4(request.socket.remoteAddress ?? 'unknown');
      const connection = new Connection(socket, address, origin, this.context, (camera) => this.replaceCamera(camera));
      this.connections.add(connection);
      socket.on('close', () => {
        this.connections.delete(connection);
        if (this.camera === connection) this.camera = undefined;
      });
      this.guard(stream, connection);
    });
  }

  /** Closes all connections; resolves when all are closed. */
  async close(): Promise<void> {
    for (const unlisten of this.unlisten) unlisten();
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(
      [...this.connections].map((connection) => {
        const gone = new Promise((resolve) => connection.socket.once('close', resolve));
        connection.close(CLOSE.goingAway, 'the server stops');
        return gone;
      }),
    );
  }

  /**
   * ws has one size limit for all connections, the camera's. Others are cut off when a message exceeds their own limit.
   */
  private guard(stream: Duplex, connection: Connection): void {
    let unfinished = 0;
    connection.socket.on('message', () => {
      unfinished = 0;
    });
    stream.on('data', (chunk: Buffer) => {
      unfinished += chunk.length;
      if (unfinished > connection.maxMessageBytes + CHUNK) {
        connection.refuse(CLOSE.tooLarge, `a message of more than ${connection.maxMessageBytes} bytes`);
        connection.socket.pause();
      }
    });
  }

  private replaceCamera(camera: Connection): void {
    this.camera?.close(CLOSE.replaced, 'another camera took over');
    this.camera = camera;
  }

  private broadcast(message: Parameters<Connection['send']>[0]): void {
    for (const connection of this.connections) if (connection.role === 'control') connection.send(message);
  }

  private everySecond(): void {
    const now = performance.now();
    for (const connection of this.connections) connection.check(now);
    if (this.controllers > 0) this.broadcast({ type: 'stats', stats: this.context.stats() });
  }

  private sendHeartbeats(): void {
    for (const connection of this.connections) if (connection.role) connection.send({ type: 'beat' });
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
