import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { renderSVG } from 'uqr';
import { encodeStill } from '../protocol/encode-frame.js';
import type { LiveUrls } from '../protocol/protocol.js';
import type { LiveFrame, Show } from '../show/types.js';
import type { Access, Origin } from './access/access.js';
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

/** A request that passed the checks of `Host` and `Origin`. */
interface AdmittedRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  readonly origin: Origin;
}

const THUMBNAILS = '/thumbnails/';
const PICTURES: Readonly<Record<string, string>> = { '.jpg': 'image/jpeg', '.png': 'image/png', '.webp': 'image/webp' };

const errorResponse = (status: number, why: string): HttpResponse => ({ status, body: `${why}\n` });
const notFound = errorResponse(404, 'There is nothing here.');
const tokenNeeded = errorResponse(401, 'A token is needed: open the address that stylecast printed.');

/** Returns the request handler of an HTTP server. */
export function requestHandler(site: Site): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = routesOf(site);
  return (request, response) => {
    // A request aborted by the client must not end the process.
    response.on('error', () => undefined);
    const answer = rejectionOf(site.access, request) ?? find(site, routes, request);
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
  const snapshot = sharedStill();
  const routes = new Map<string, Route>([
    // Also for the waiting page, which is opened from a file: whether the server runs is not secret.
    ['/healthz', () => ({ status: 200, body: 'ok\n', headers: { 'cross-origin-resource-policy': 'cross-origin' } })],
    [
      SOCKET_PATH,
      () => ({ ...errorResponse(426, 'This address speaks WebSocket.'), headers: { upgrade: 'websocket' } }),
    ],
    [
      '/snapshot.jpg',
      async ({ origin, token }) => {
        if (!access.mayView(origin, token)) return tokenNeeded;
        const frame = show.newest;
        if (!frame) return errorResponse(503, 'There is no picture yet.');
        return { status: 200, body: await snapshot(frame), type: 'image/jpeg' };
      },
    ],
    [
      '/qr.svg',
      ({ query, origin, token }) => {
        if (!access.mayControl(origin, token)) return tokenNeeded;
        const page = query.get('page') ?? 'control';
        const all = urls();
        if (!Object.hasOwn(all, page)) return notFound;
        return { status: 200, body: renderSVG(all[page as keyof LiveUrls]), type: 'image/svg+xml' };
      },
    ],
  ]);
  for (const [path, page] of pages) routes.set(path, () => ({ status: 200, ...page }));
  const thumbnail: Route = async ({ path, origin, token }) => {
    if (!access.mayView(origin, token)) return tokenNeeded;
    const card = show.styles.find(({ name }) => `${THUMBNAILS}${encodeURIComponent(name)}` === path);
    const file = card && show.thumbnail(card.name);
    const type = file && PICTURES[extname(file).toLowerCase()];
    const body = type && (await readFile(file).catch(() => undefined));
    return body ? { status: 200, body, type } : notFound;
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
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const asked = { path, query, token: bearer ?? query.get('token') ?? undefined, origin: access.origin(request) };
  return routes(asked)?.(asked) ?? notFound;
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
function sharedStill(): (frame: LiveFrame) => Promise<Buffer> {
  let of: LiveFrame | undefined;
  let still: Promise<Buffer> | undefined;
  return (frame) => {
    if (of !== frame || !still) {
      of = frame;
      still = encodeStill(frame);
    }
    return still;
  };
}
