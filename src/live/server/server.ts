import { join } from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import { OptionError } from '../../errors.js';
import { userFolder } from '../../model/folders.js';
import type { LiveUrls } from '../protocol/protocol.js';
import type { LiveStats, Show, StyleCard } from '../show/types.js';
import { Access, hostInUrl, isLoopback, storedToken } from './access/access.js';
import { lanAddresses, readCertificate, storedCertificate } from './access/certificate.js';
import { type DeliveryStats, FrameBroadcaster } from './frame-broadcaster.js';
import { rejectionOf, requestHandler } from './http.js';
import { LIMITS, type Limits } from './limits.js';
import { openListener } from './listener.js';
import { readPages } from './pages.js';
import { RateLimitedLog } from './rate-limited-log.js';
import { SOCKET_PATH, Sockets } from './socket.js';

/** Options of the server of a show. */
export interface ServerOptions {
  /** Address to listen on; default 127.0.0.1; `0.0.0.0` or `::` for all interfaces. */
  readonly host?: string | undefined;
  /** Port; 0 picks a free one. */
  readonly port?: number | undefined;
  /**
   * Token required for control and camera. A server that others can reach always has one; default: the one stored in
   * `folder`.
   */
  readonly token?: string | undefined;
  /** Token required for watching; by default everyone who reaches the server may watch. */
  readonly viewToken?: string | undefined;
  /** `true` for a self-signed certificate, or the paths of a certificate and its key (PEM). */
  readonly tls?: boolean | { readonly cert: string; readonly key: string } | undefined;
  /** Further names in `Host` under which the server may be reached. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins of other pages that may watch, such as `https://my.page`, or `null` for pages opened from files. */
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Folder of the stored token and certificate; default: `live` in the user's stylecast folder. */
  readonly folder?: string | undefined;
  /** Called with problems of clients, at most one line per second for each kind. */
  readonly log?: ((line: string) => void) | undefined;
}

/** Least length of a token that other machines can try, and largest length. */
const MIN_TOKEN_LENGTH = 6;
const MAX_TOKEN_LENGTH = 200;

/** The default port. */
export const DEFAULT_PORT = 8090;

/** A running server. */
export interface LiveServer {
  readonly port: number;
  /** Addresses of the pages for other machines, with tokens in the fragment. */
  readonly urls: LiveUrls;
  /** Addresses of the pages for programs on this machine; without TLS unless only one other address is listened on. */
  readonly localUrls: LiveUrls;
  /** The token required for control and camera; undefined for none. */
  readonly token: string | undefined;
  /** The address of the control page as a QR code for a terminal; undefined where only this machine can open it. */
  readonly qr: string | undefined;
  /** The show's statistics merged with those of delivery to the viewers. */
  stats(): LiveStats;
  deliveryStats(): DeliveryStats;
  /** Closes all connections and stops listening, within about a second. */
  close(): Promise<void>;
}

/**
 * Serves a show: the pages, frames and control over WebSocket, and stills.
 *
 * @throws OptionError `LIVE_PORT_TAKEN`, `LIVE_LISTEN`, `LIVE_TOKEN`, `TLS_FILE`
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
  const token = options.token ?? (isLoopback(host) ? undefined : await storedToken(folder));
  checkToken(options.token, isLoopback(host) ? 1 : MIN_TOKEN_LENGTH);
  checkToken(viewToken, 1);
  const limits = { ...LIMITS, ...options.limits };
  const problems = new RateLimitedLog(options.log ?? (() => undefined));
  const access = new Access({ host, token, viewToken, allowedHosts, allowedOrigins });
  const pages = await readPages();
  const certificate = tls ? await (tls === true ? storedCertificate(folder) : readCertificate(tls)) : undefined;

  const scheme = certificate ? 'https' : 'http';
  const urlsAt = (origin: string): LiveUrls => {
    const base = `${origin}:${listener.port}`;
    const fragment = (value: string | undefined) => (value === undefined ? '' : `#token=${value}`);
    return {
      control: `${base}/${fragment(token)}`,
      overlay: `${base}/overlay${fragment(viewToken)}`,
      camera: `${base}/camera${fragment(token)}`,
    };
  };
  const wide = host === '0.0.0.0' || host === '::';
  const urls = () => urlsAt(`${scheme}://${hostInUrl(wide ? (lanAddresses()[0] ?? '127.0.0.1') : host)}`);
  const stats = () => mergeStats(show.stats, broadcaster.stats, sockets.controllers);
  const styles = () => show.styles.map((card) => withToken(card, viewToken));
  const frameAncestors = allowedOrigins.filter((origin) => origin !== 'null');

  const answer = requestHandler({ show, access, pages, urls, frameAncestors });
  const broadcaster = new FrameBroadcaster(show, limits, problems);
  const sockets = new Sockets({ show, broadcaster, access, limits, problems, urls, stats, styles });
  const stop = async () => {
    broadcaster.close();
    await sockets.close();
  };
  const listener = await openListener(
    { host, port, limits, certificate },
    {
      request: answer,
      upgrade(request, stream, head) {
        const status = request.url === SOCKET_PATH ? rejectionOf(access, request)?.status : 404;
        if (status === undefined) sockets.accept(request, stream, head);
        else stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      },
    },
  ).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    port: listener.port,
    get urls() {
      return urls();
    },
    localUrls: urlsAt(`${wide || isLoopback(host) ? 'http' : scheme}://${hostInUrl(wide ? '127.0.0.1' : host)}`),
    token,
    get qr() {
      return isLoopback(host) ? undefined : qrText(urls().control);
    },
    stats,
    deliveryStats: () => broadcaster.stats,
    async close() {
      await stop();
      await listener.close();
    },
  };
}

/** Short tokens could be guessed by trying; longer ones than the protocol allows could never match. */
function checkToken(token: string | undefined, least: number): void {
  if (token === undefined || (token.length >= least && token.length <= MAX_TOKEN_LENGTH)) return;
  throw new OptionError(
    'LIVE_TOKEN',
    `The token has ${token.length} characters; expected ${least} to ${MAX_TOKEN_LENGTH}.`,
    {
      hint: 'Choose another one, or leave it out: one is made up where it is needed.',
    },
  );
}

/** A QR code in block characters, for terminals with dark or light backgrounds. */
export function qrText(url: string): string {
  return renderUnicodeCompact(url, { border: 2 });
}

function mergeStats(stats: LiveStats, broadcaster: DeliveryStats, controllers: number): LiveStats {
  const { encode, total, delivery, viewers, drops } = broadcaster;
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
