import { join } from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import { OptionError } from '../../errors.js';
import { userFolder } from '../../model/folders.js';
import type { LiveUrls } from '../protocol/protocol.js';
import type { ShowControls } from '../show/controls.js';
import { checkNumbers } from '../show/numbers.js';
import type { DeliveryStats, LiveStats, Show, ShowStats, StyleCard } from '../show/types.js';
import { Access, hostInUrl, isLoopback, storedToken, unbracketed } from './access/access.js';
import { Attempts } from './access/attempts.js';
import { lanAddresses, readCertificate, storedCertificate } from './access/certificate.js';
import { LIMITS, type Limits } from './access/limits.js';
import { Places } from './access/places.js';
import { apiOf } from './api/api.js';
import { News } from './api/news.js';
import { OscListener, type OscOptions } from './api/osc.js';
import { FrameBroadcaster } from './frame-broadcaster.js';
import { rejectionOf, requestHandler } from './http.js';
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
  /** Viewers from elsewhere than this machine and without the token for control, at most; 250 unless told otherwise. */
  readonly viewers?: number | undefined;
  /** Where settings and looks are taken by OSC; by default nowhere. */
  readonly osc?: OscOptions | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Folder of the stored token and certificate; default: `live` in the user's stylecast folder. */
  readonly folder?: string | undefined;
  /** What can be done by the HTTP API beside changing settings; called for each request. */
  readonly controls?: (() => ShowControls | undefined) | undefined;
  /** Called with problems of clients, at most one line a second for each kind. */
  readonly log?: ((line: string) => void) | undefined;
}

/** Characters that a token has, at least and at most. */
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
  const host = unbracketed(options.host ?? '127.0.0.1');
  const { port = DEFAULT_PORT, viewToken, tls = false, allowedHosts, allowedOrigins = [] } = options;
  checkNumbers({ port, viewers: options.viewers, osc: options.osc?.port });
  const folder = options.folder ?? join(userFolder(), 'live');
  const token = options.token ?? (isLoopback(host) ? undefined : await storedToken(folder));
  checkToken('token', options.token);
  checkToken('view token', viewToken);
  const limits = {
    ...LIMITS,
    ...(options.viewers === undefined ? {} : { viewers: options.viewers }),
    ...options.limits,
  };
  const problems = new RateLimitedLog(options.log ?? (() => undefined));
  const places = new Places(limits, (line) => problems.log('places', line));
  const attempts = new Attempts((line) => problems.log('attempts', line));
  const rules = { host, token, viewToken, allowedHosts, allowedOrigins };
  const access = new Access(rules, attempts, (address) => places.vouch(address));
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
  const localUrls = () =>
    urlsAt(`${wide || isLoopback(host) ? 'http' : scheme}://${hostInUrl(wide ? '127.0.0.1' : host)}`);
  const urls = () => urlsAt(`${scheme}://${hostInUrl(wide ? (lanAddresses()[0] ?? '127.0.0.1') : host)}`);
  const stats = () => wholeStats(show.stats, broadcaster.stats, sockets.controllers);
  const styles = () => show.styles.map((card) => withToken(card, viewToken));
  const frameAncestors = allowedOrigins.filter((origin) => origin !== 'null');

  const controls = () => options.controls?.();
  const osc = options.osc && (await OscListener.open(options.osc, show, () => controls()?.looks, problems));
  const news = new News();
  const unlisten = show.onStyles?.(() => news.tell({ type: 'styles', styles: styles() }));
  const api = apiOf({ show, stats, styles, urls, limits, controls, news });
  const answer = requestHandler({ show, access, pages, urls, frameAncestors }, api);
  const broadcaster = new FrameBroadcaster(show, limits, problems);
  const onSource = show.onSource?.bind(show);
  const sources = onSource && new FrameBroadcaster({ newest: undefined, onFrame: onSource }, limits, problems, true);
  const context = { show, broadcaster, sources, access, limits, problems, urls, localUrls, stats, styles, news };
  const sockets = new Sockets(context);
  const stop = async () => {
    unlisten?.();
    await osc?.close();
    broadcaster.close();
    sources?.close();
    await sockets.close();
  };
  const listener = await openListener(
    { host, port, limits, places, certificate },
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
    localUrls: localUrls(),
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

/** Short tokens can be guessed; longer ones than the protocol allows could never match. */
function checkToken(what: string, token: string | undefined): void {
  if (token === undefined || (token.length >= MIN_TOKEN_LENGTH && token.length <= MAX_TOKEN_LENGTH)) return;
  const message = `The ${what} has ${token.length} characters; expected ${MIN_TOKEN_LENGTH} to ${MAX_TOKEN_LENGTH}.`;
  throw new OptionError('LIVE_TOKEN', message, {
    hint: 'Choose another one, or leave it out: one for control is made up where it is needed.',
  });
}

/** A QR code in block characters, for terminals with dark or light backgrounds. */
function qrText(url: string): string {
  return renderUnicodeCompact(url, { border: 2 });
}

/** The figures of a show with those of the way to its viewers: where they become whole. */
function wholeStats(show: ShowStats, broadcaster: DeliveryStats, controllers: number): LiveStats {
  const { latency, dropped, ...own } = show;
  const { encode, total, delivery, viewers, drops } = broadcaster;
  return {
    ...own,
    latency: { ...latency, encode, total, delivery },
    drops: { source: dropped, viewers: drops },
    viewers,
    controllers,
  };
}

function withToken(card: StyleCard, token: string | undefined): StyleCard {
  if (card.thumbnail === undefined || token === undefined) return card;
  return { ...card, thumbnail: `${card.thumbnail}?token=${encodeURIComponent(token)}` };
}
