import { join } from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import { OptionError } from '../../errors.js';
import { userFolder } from '../../model/folders.js';
import type { LiveUrls } from '../protocol/protocol.js';
import type { LiveStats, Show, StyleCard } from '../show/types.js';
import { Access, bracketed, isLoopback, keptToken } from './access/access.js';
import { keptCertificate, lanAddresses, readCertificate } from './access/certificate.js';
import { admit, answerer } from './http.js';
import { Hub, type HubStats } from './hub.js';
import { LIMITS, type Limits } from './limits.js';
import { openListener } from './listener.js';
import { readPages } from './pages.js';
import { SOCKET_PATH, Sockets } from './socket.js';
import { TroubleLog } from './trouble.js';

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

/** Characters that a token has, at least where other machines can try it, and at most. */
const LEAST_TOKEN = 6;
const MOST_TOKEN = 200;

/** The default port. */
export const DEFAULT_PORT = 8090;

/** A server that runs. */
export interface LiveServer {
  readonly port: number;
  /** Addresses of the pages as others reach them, with their tokens in the fragment. */
  readonly urls: LiveUrls;
  /** Addresses of the pages for programs on this machine; without TLS unless only one other address is listened on. */
  readonly localUrls: LiveUrls;
  /** The token that control and camera need; undefined when none. */
  readonly token: string | undefined;
  /** The address of the control page as a QR code for a terminal; undefined where only this machine can open it. */
  readonly qr: string | undefined;
  /** The show's figures with those of the way to the viewers. */
  stats(): LiveStats;
  hubStats(): HubStats;
  /** Says goodbye to all clients and stops listening, within about a second. */
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
  const token = options.token ?? (isLoopback(host) ? undefined : await keptToken(folder));
  checkToken(options.token, isLoopback(host) ? 1 : LEAST_TOKEN);
  checkToken(viewToken, 1);
  const limits = { ...LIMITS, ...options.limits };
  const trouble = new TroubleLog(options.log ?? (() => undefined));
  const access = new Access({ host, token, viewToken, allowedHosts, allowedOrigins });
  const pages = await readPages();
  const certificate = tls ? await (tls === true ? keptCertificate(folder) : readCertificate(tls)) : undefined;

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
  const urls = () => urlsAt(`${scheme}://${bracketed(wide ? (lanAddresses()[0] ?? '127.0.0.1') : host)}`);
  const stats = () => merged(show.stats, hub.stats, sockets.controllers);
  const styles = () => show.styles.map((card) => withToken(card, viewToken));
  const frameAncestors = allowedOrigins.filter((origin) => origin !== 'null');

  const answer = answerer({ show, access, pages, urls, frameAncestors });
  const hub = new Hub(show, limits, trouble);
  const sockets = new Sockets({ show, hub, access, limits, trouble, urls, stats, styles });
  const stop = async () => {
    hub.close();
    await sockets.close();
  };
  const listener = await openListener(
    { host, port, limits, certificate },
    {
      request: answer,
      upgrade(request, stream, head) {
        const status = request.url === SOCKET_PATH ? admit(access, request)?.status : 404;
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
    localUrls: urlsAt(`${wide || isLoopback(host) ? 'http' : scheme}://${bracketed(wide ? '127.0.0.1' : host)}`),
    token,
    get qr() {
      return isLoopback(host) ? undefined : qrText(urls().control);
    },
    stats,
    hubStats: () => hub.stats,
    async close() {
      await stop();
      await listener.close();
    },
  };
}

/** Nobody shall try all tokens that there are; and what is longer than the protocol takes would never be right. */
function checkToken(token: string | undefined, least: number): void {
  if (token === undefined || (token.length >= least && token.length <= MOST_TOKEN)) return;
  throw new OptionError('LIVE_TOKEN', `The token has ${token.length} characters; expected ${least} to ${MOST_TOKEN}.`, {
    hint: 'Choose another one, or leave it out: one is made up where it is needed.',
  });
}

/** A QR code in block characters, for terminals with dark or light backgrounds. */
export function qrText(url: string): string {
  return renderUnicodeCompact(url, { border: 2 });
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
