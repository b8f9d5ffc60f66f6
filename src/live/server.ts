import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { renderUnicodeCompact } from 'uqr';
import { messageOf, OptionError } from '../errors.js';
import { userFolder } from '../model/folders.js';
import { Access, bracketed, isLoopback, keptToken, plain } from './access.js';
import { type Certificate, keptCertificate, lanAddresses, readCertificate } from './certificate.js';
import type { Common } from './connection.js';
import { admit, answerer } from './http.js';
import { Hub, type HubStats } from './hub.js';
import { Census, LIMITS, type Limits } from './limits.js';
import { readPages } from './pages.js';
import type { LiveUrls } from './protocol.js';
import { SOCKET_PATH, Sockets } from './socket.js';
import { TroubleLog } from './trouble.js';
import type { LiveStats, Show, StyleCard } from './types.js';

/** How a show is served. */
export interface ServerOptions {
  /** Address to listen on; 127.0.0.1 unless told otherwise, `0.0.0.0` or `::` for all. */
  readonly host?: string | undefined;
  /** Port; 0 takes a free one. */
  readonly port?: number | undefined;
  /** Wanted for control and camera. Beyond this machine there always is one: by default the one kept in `folder`. */
  readonly token?: string | undefined;
  /** Wanted for watching; by default everyone who reaches the server may watch. */
  readonly viewToken?: string | undefined;
  /** `true` for a certificate made here, or the paths of a certificate and its key (PEM). */
  readonly tls?: boolean | { readonly cert: string; readonly key: string } | undefined;
  /** Further names in `Host` under which the server may be reached. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins of other pages that may watch, such as `https://my.page`, or `null` for pages opened from files. */
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Where token and certificate are kept; `live` in the user's own folder. */
  readonly folder?: string | undefined;
  /** Hears of trouble with clients, at most a line a second for each kind. */
  readonly log?: ((line: string) => void) | undefined;
}

/** The default port. */
export const DEFAULT_PORT = 8090;

/** A server that runs. */
export interface LiveServer {
  readonly port: number;
  /** Addresses of the pages as others reach them, with their tokens in the fragment. */
  readonly urls: LiveUrls;
  /** Addresses of the pages for programs on this machine. */
  readonly localUrls: LiveUrls;
  /** The token that control and camera need; undefined when none. */
  readonly token: string | undefined;
  /** The show's figures with those of the way to the viewers. */
  stats(): LiveStats;
  hubStats(): HubStats;
  /** Says goodbye to all clients and stops listening, within about a second. */
  close(): Promise<void>;
}

/**
 * Serves a show: the pages, frames and control over WebSocket, and stills.
 *
 * @throws OptionError `LIVE_PORT_TAKEN`, `LIVE_LISTEN`, `TLS_FILE`
 */
export async function startServer(show: Show, options: ServerOptions = {}): Promise<LiveServer> {
  const {
    host = '127.0.0.1',
    port = DEFAULT_PORT,
    viewToken,
    tls = false,
    allowedHosts,
    allowedOrigins = [],
  } = options;
  const folder = options.folder ?? join(userFolder(), 'live');
  const token = options.token ?? (isLoopback(host) ? undefined : await keptToken(folder));
  const limits = { ...LIMITS, ...options.limits };
  const trouble = new TroubleLog(options.log ?? (() => undefined));
  const access = new Access({ host, token, viewToken, allowedHosts, allowedOrigins });
  const pages = await readPages();
  const certificate = tls ? await (tls === true ? keptCertificate(folder) : readCertificate(tls)) : undefined;

  const server = listener(limits, certificate);
  const listening = await listen(server, host, port);
  const urlsAt = (name: string): LiveUrls => {
    const base = `${certificate ? 'https' : 'http'}://${bracketed(name)}:${listening}`;
    const fragment = (value: string | undefined) => (value === undefined ? '' : `#token=${value}`);
    return {
      control: `${base}/${fragment(token)}`,
      overlay: `${base}/overlay${fragment(viewToken)}`,
      camera: `${base}/camera${fragment(token)}`,
    };
  };
  const wide = host === '0.0.0.0' || host === '::';
  const urls = () => urlsAt(wide ? (lanAddresses()[0] ?? '127.0.0.1') : host);
  const hub = new Hub(show, limits, trouble);
  const stats = () => merged(show.stats, hub.stats, sockets.controllers);
  const styles = () => show.styles.map((card) => withToken(card, viewToken));
  const common: Common = { show, hub, access, limits, trouble, urls, stats, styles };
  const sockets = new Sockets(common);

  server.on(
    'request',
    answerer({ show, access, pages, urls, frameAncestors: allowedOrigins.filter((o) => o !== 'null') }),
  );
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => undefined);
    const refusal = request.url === SOCKET_PATH ? admit({ access }, request) : { status: 404 };
    if (refusal)
      return stream.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    sockets.accept(request, stream, head);
  });
  return {
    port: listening,
    get urls() {
      return urls();
    },
    localUrls: urlsAt(wide ? '127.0.0.1' : host),
    token,
    stats,
    hubStats: () => hub.stats,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      hub.close();
      await sockets.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A QR code in block characters, for terminals with dark or light backgrounds. */
export function qrText(url: string): string {
  return renderUnicodeCompact(url, { border: 2 });
}

function listener(limits: Limits, certificate: Certificate | undefined): Server {
  const timing = {
    headersTimeout: limits.helloMs,
    requestTimeout: 2 * limits.helloMs,
    connectionsCheckingInterval: Math.min(1000, limits.helloMs),
    keepAliveTimeout: limits.helloMs,
    maxHeaderSize: 8192,
  };
  const server = certificate
    ? createTlsServer({ ...timing, ...certificate, handshakeTimeout: limits.helloMs })
    : createServer(timing);
  server.maxConnections = limits.connections;
  const census = new Census();
  server.on('connection', (socket: Socket) => {
    const address = plain(socket.remoteAddress ?? '');
    if (census.enter(address) > limits.connectionsPerAddress) socket.destroy();
    socket.on('close', () => census.leave(address));
  });
  server.on('clientError', (_, socket) => socket.destroy());
  if (certificate) server.on('tlsClientError', () => undefined);
  return server;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const where = `${bracketed(host)}:${port}`;
      reject(
        new OptionError(
          taken ? 'LIVE_PORT_TAKEN' : 'LIVE_LISTEN',
          taken ? `Port ${port} is taken by another program.` : `Cannot listen on ${where}: ${messageOf(cause)}`,
          {
            hint: taken
              ? 'Stop the other program, or choose another port; 0 takes a free one.'
              : 'Use an address of this machine, 0.0.0.0 for all of them, and a port above 1023.',
            cause,
          },
        ),
      );
    });
    server.listen({ port, host, ipv6Only: isIPv6(host) && host !== '::' }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function merged(stats: LiveStats, hub: HubStats, controllers: number): LiveStats {
  const { encode, total, delivery, viewers, drops } = hub;
  return {
    ...stats,
    latency: { ...stats.latency, encode, total, delivery },
    drops: { ...stats.drops, viewers: drops },
    viewers,
    controllers,
  };
}

function withToken(card: StyleCard, token: string | undefined): StyleCard {
  if (card.thumbnail === undefined || token === undefined) return card;
  return { ...card, thumbnail: `${card.thumbnail}?token=${encodeURIComponent(token)}` };
}
