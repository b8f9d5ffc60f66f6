import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderSVG } from 'uqr';
import { encodePng, encodeStill } from '../protocol/encode-frame.js';
import type { LiveUrls } from '../protocol/protocol.js';
import type { LiveFrame, Show } from '../show/types.js';
import { type Access, type Asker, unmapIPv4 } from './access/access.js';
import type { Page } from './pages.js';
import { SOCKET_PATH } from './socket.js';

/** What the HTTP handler needs. */
export interface Site {
  readonly show: Show;
  readonly access: Access;
  readonly pages: ReadonlyMap<string, Page>;
  readonly urls: () => LiveUrls;
  /** Origins whose pages may frame the overlay. */
  readonly frameAncestors: readonly string[];
}

/** A response; without a body only a status. */
interface HttpResponse {
  readonly status: number;
  readonly body: Buffer | string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was let in. */
interface AdmittedRequest extends Asker {
  readonly path: string;
  /** Whether a page of another site led here. */
  readonly crossSite: boolean;
  readonly query: URLSearchParams;
}

const THUMBNAILS = '/thumbnails/';
const API = '/api/';

const errorResponse = (status: number, why: string): HttpResponse => ({ status, body: `${why}\n` });
const notFound = errorResponse(404, 'There is nothing here.');
const tokenNeeded = errorResponse(401, 'A token is needed: open the address that stylecast printed.');

/** Creates the request handler of the HTTP server. */
export function requestHandler(
  site: Site,
  api: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = routesOf(site);
  return (request, response) => {
    // A request aborted by the client must not end the process.
    response.on('error', () => undefined);
    const refusal = rejectionOf(site.access, request);
    if (!refusal && (request.url ?? '').startsWith(API)) {
      const asker = askerOf(site.access, request);
      // Not by the token in the address: that ends up in logs.
      if (site.access.mayControl(asker)) return void api(request, response);
      return send(site, request, response, denied(site.access, asker));
    }
    const answer = refusal ?? find(site, routes, request);
    Promise.resolve(answer)
      .catch(() => errorResponse(500, 'The answer failed.'))
      .then((answer) => send(site, request, response, answer));
  };
}

/** The response to a request that is rejected; undefined when it is admitted. Also used for WebSocket upgrades. */
export function rejectionOf(access: Access, request: IncomingMessage): HttpResponse | undefined {
  if (!access.knowsHost(request)) {
    return errorResponse(421, 'This server does not go by that name. Start it with the name among its allowed hosts.');
  }
  if (access.origin(request) === 'foreign') return errorResponse(403, 'Pages of other sites are not let in.');
  return undefined;
}

type Route = (asked: AdmittedRequest) => HttpResponse | Promise<HttpResponse>;

/** All routes; paths are compared exactly. */
function routesOf({ show, access, pages, urls }: Site): (asked: AdmittedRequest) => Route | undefined {
  const snapshot = (type: string, encode: (frame: LiveFrame) => Promise<Buffer>): Route => {
    const shared = sharedStill(encode);
    return async (asked) => {
      if (!access.mayView(asked)) return denied(access, asked);
      const frame = show.newest;
      if (!frame) return errorResponse(503, 'There is no picture yet.');
      return { status: 200, body: await shared(frame), type };
    };
  };
  const routes = new Map<string, Route>([
    // Also for the waiting page, which is opened from a file: whether the server runs is not secret.
    ['/healthz', () => ({ status: 200, body: 'ok\n', headers: { 'cross-origin-resource-policy': 'cross-origin' } })],
    [
      SOCKET_PATH,
      () => ({ ...errorResponse(426, 'This address speaks WebSocket.'), headers: { upgrade: 'websocket' } }),
    ],
    ['/snapshot.jpg', snapshot('image/jpeg', encodeStill)],
    ['/snapshot.png', snapshot('image/png', encodePng)],
    [
      '/qr.svg',
      (asked) => {
        if (!access.mayControl(asked)) return denied(access, asked);
        const page = asked.query.get('page') ?? 'control';
        const all = urls();
        if (!Object.hasOwn(all, page)) return notFound;
        return { status: 200, body: renderSVG(all[page as keyof LiveUrls]), type: 'image/svg+xml' };
      },
    ],
  ]);
  for (const [path, page] of pages) routes.set(path, () => ({ status: 200, ...page }));
  routes.set('/overlay', ({ query, crossSite }) => {
    if (!crossSite || !query.has('style')) return { status: 200, ...pages.get('/overlay')! };
    // A link or a window of another site must change nothing: the page is served, its query is ignored.
    query.delete('style');
    return { status: 303, body: '', headers: { location: `/overlay?${query}` } };
  });
  const thumbnail: Route = async (asked) => {
    if (!access.mayView(asked)) return denied(access, asked);
    const { path } = asked;
    const card = show.styles.find(({ name }) => `${THUMBNAILS}${encodeURIComponent(name)}` === path);
    const picture = card && (await show.thumbnail(card.name));
    return picture ? { status: 200, ...picture } : notFound;
  };
  return ({ path }) => routes.get(path) ?? (path.startsWith(THUMBNAILS) ? thumbnail : undefined);
}

function find(
  { access }: Site,
  routes: ReturnType<typeof routesOf>,
  request: IncomingMessage,
): HttpResponse | Promise<HttpResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...errorResponse(405, 'Only GET and HEAD are answered.'), headers: { allow: 'GET, HEAD' } };
  }
  const [path = '', search = ''] = (request.url ?? '').split('?', 2);
  const query = new URLSearchParams(search);
  const asker = askerOf(access, request);
  const asked: AdmittedRequest = {
    ...asker,
    path,
    query,
    token: asker.token ?? query.get('token') ?? undefined,
    crossSite: /^(cross|same)-site$/.test(String(request.headers['sec-fetch-site'] ?? '')),
  };
  return routes(asked)?.(asked) ?? notFound;
}

/** The client of a request, with the token from its headers. */
function askerOf(access: Access, request: IncomingMessage): Asker {
  return {
    origin: access.origin(request),
    token: /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1],
    address: unmapIPv4(request.socket.remoteAddress ?? 'unknown'),
  };
}

/** The response to a request that is not allowed. */
function denied(access: Access, { token, address }: Asker): HttpResponse {
  const wait = token === undefined ? 0 : access.wait(address);
  if (wait === 0) return tokenNeeded;
  return {
    ...errorResponse(429, `Too many wrong tokens: try again in ${wait} s.`),
    headers: { 'retry-after': String(wait) },
  };
}

function send(site: Site, request: IncomingMessage, response: ServerResponse, answer: HttpResponse): void {
  const [path] = (request.url ?? '').split('?', 1);
  const { origin } = request.headers;
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    ...securityHeaders(site, path ?? '', request.headers.host ?? ''),
    ...(origin !== undefined && site.access.origin(request) === 'allowed'
      ? { 'access-control-allow-origin': origin, vary: 'origin' }
      : {}),
    ...answer.headers,
    'content-type': answer.type ?? 'text/plain; charset=utf-8',
    'content-length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Security headers: a page loads nothing from other origins and cannot be framed or embedded by them. */
function securityHeaders(site: Site, path: string, host: string): Record<string, string> {
  // A host that was rejected is not echoed; older browsers do not include WebSockets in 'self'.
  const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  const ancestors = path === '/overlay' ? ["'self'", ...site.frameAncestors].join(' ') : "'none'";
  const camera = path === '/camera' ? '(self)' : '()';
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      "media-src 'self' blob:",
      `connect-src 'self'${sockets}`,
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${ancestors}`,
    ].join('; '),
    'permissions-policy': `camera=${camera}, microphone=(), geolocation=(), display-capture=()`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** Encodes a still once for all concurrent requests of one frame. */
function sharedStill(encode: (frame: LiveFrame) => Promise<Buffer>): (frame: LiveFrame) => Promise<Buffer> {
  let of: LiveFrame | undefined;
  let still: Promise<Buffer> | undefined;
  return (frame) => {
    if (of !== frame || !still) {
      of = frame;
      still = encode(frame);
    }
    return still;
  };
}
