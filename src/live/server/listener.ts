import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf, OptionError } from '../../errors.js';
import { hostInUrl, isLoopback, unmapIPv4 } from './access/access.js';
import type { Certificate } from './access/certificate.js';
import type { Limits } from './access/limits.js';
import type { Places } from './access/places.js';

/** Handlers of incoming requests. */
export interface Handlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
}

/** Where and how to listen. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: Limits;
  readonly places: Places;
  readonly certificate: Certificate | undefined;
}

/** The first byte of a TLS handshake. */
const TLS_HANDSHAKE = 0x16;

/**
 * Listens for HTTP; with a certificate for HTTPS, and on the same port for HTTP from this machine: OBS does not accept
 * a self-signed certificate.
 *
 * @returns the port and a function that closes the listener
 * @throws OptionError `LIVE_PORT_TAKEN`, `LIVE_LISTEN`
 */
export async function openListener(
  options: ListenOptions,
  handlers: Handlers,
): Promise<{ port: number; close(): Promise<void> }> {
  const { limits, places, certificate } = options;
  const timing = {
    headersTimeout: limits.helloMs,
    requestTimeout: 2 * limits.helloMs,
    connectionsCheckingInterval: Math.min(1000, limits.helloMs),
    keepAliveTimeout: limits.helloMs,
    maxHeaderSize: 8192,
  };
  const idle = 4 * limits.helloMs;
  const http = createServer(timing);
  const https = certificate && createTlsServer({ ...timing, ...certificate, handshakeTimeout: limits.helloMs });
  for (const server of https ? [http, https] : [http]) {
    // Disconnects a client that does not read its response; WebSockets use pings instead.
    server.timeout = idle;
    server.on('request', (request, response) => handlers.request(request, response));
    server.on('upgrade', (request, stream, head) => {
      stream.on('error', () => undefined);
      handlers.upgrade(request, stream, head);
    });
    server.on('clientError', (_, socket) => socket.destroy());
  }
  https?.on('tlsClientError', () => undefined);

  const front = https ?? http;
  front.prependListener('connection', (socket: Socket) => {
    const address = unmapIPv4(socket.remoteAddress ?? '');
    const place = places.enter(address);
    if (!place) return socket.destroy();
    socket.on('close', place.leave);
    if (!place.toShowToken) return;
    const timer = setTimeout(() => places.knows(address) || socket.destroy(), limits.helloMs);
    socket.on('close', () => clearTimeout(timer));
  });
  if (https) dispatchByFirstByte(https, http, limits.helloMs);
  const port = await listen(front, options);
  return {
    port,
    async close() {
      const closed = new Promise((resolve) => front.close(resolve));
      http.close();
      http.closeAllConnections();
      front.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Passes a connection on to HTTPS or, if it does not begin with a TLS handshake and comes from this machine, to HTTP.
 */
function dispatchByFirstByte(https: Server, http: Server, patience: number): void {
  const secured = https.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  const [counted, ...others] = secured;
  https.removeAllListeners('connection');
  https.on('connection', (socket: Socket) => {
    counted?.call(https, socket);
    if (socket.destroyed) return;
    socket.on('error', () => undefined);
    socket.setTimeout(patience, () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.pause();
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) for (const other of others) other.call(https, socket);
      else if (isLoopback(unmapIPv4(socket.remoteAddress ?? ''))) http.emit('connection', socket);
      else socket.destroy();
      process.nextTick(() => socket.resume());
    });
  });
  // It never listens itself; this event starts its request timeouts.
  http.emit('listening');
}

function listen(server: Server, { host, port }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const message = taken
        ? `Port ${port} is taken by another program.`
        : `Cannot listen on ${hostInUrl(host)}:${port}: ${messageOf(cause)}`;
      const hint = taken
        ? 'Stop the other program, or choose another port; 0 takes a free one.'
        : 'Use an address of this machine, 0.0.0.0 for all of them, and a port above 1023.';
      reject(new OptionError(taken ? 'LIVE_PORT_TAKEN' : 'LIVE_LISTEN', message, { hint, cause }));
    });
    server.listen({ port, host, ipv6Only: isIPv6(host) && host !== '::' }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}
