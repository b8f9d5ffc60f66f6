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

/** What answers requests. */
export interface Site {
  readonly show: Show;
  readonly access: Access;
  readonly pages: ReadonlyMap<string, Page>;
  readonly urls: () => LiveUrls;
  /** Origins whose pages may frame the overlay. */
  readonly frameAncestors: readonly string[];
}

/** An answer; without a body only a status. */
interface Answer {
  readonly status: number;
  readonly body: Buffer | string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was let in. */
interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  readonly origin: Origin;
}

const THUMBNAILS = '/thumbnails/';
const PICTURES: Readonly<Record<string, string>> = { '.jpg': 'image/jpeg', '.png': 'image/png', '.webp': 'image/webp' };

const refused = (status: number, why: string): Answer => ({ status, body: `${why}\n` });
const notFound = refused(404, 'There is nothing here.');
const tokenNeeded = refused(401, 'A token is needed: open the address that stylecast printed.');

/** Makes what answers the requests of an HTTP server. */
export function answerer(site: Site): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = routesOf(site);
  return (request, response) => {
    // A request that the client gave up must not end the process.
    response.on('error', () => undefined);
    const answer = admit(site.access, request) ?? find(site, routes, request);
    Promise.resolve(answer)
      .catch(() => refused(500, 'The answer failed.'))
      .then((answer) => send(site, request, response, answer));
  };
}

/** Why a request is not let in; undefined when it is. Also for requests that become WebSockets. */
export function admit(access: Access, request: IncomingMessage): Answer | undefined {
  if (!access.knowsHost(request)) {
    return refused(421, 'This server does not go by that name. Start it with the name among its allowed hosts.');
  }
  if (access.origin(request) === 'foreign') return refused(403, 'Pages of other sites are not let in.');
  return undefined;
}

type Route = (asked: Asked) => Answer | Promise<Answer>;

/** Everything that can be asked for; paths are compared as they are, letter by letter. */
function routesOf({ show, access, pages, urls }: Site): (asked: Asked) => Route | undefined {
  const snapshot = sharedStill();
  const routes = new Map<string, Route>([
    // Also for the page that waits as a file for the server: whether it runs is no secret.
    ['/healthz', () => ({ status: 200, body: 'ok\n', headers: { 'cross-origin-resource-policy': 'cross-origin' } })],
    [SOCKET_PATH, () => ({ ...refused(426, 'This address speaks WebSocket.'), headers: { upgrade: 'websocket' } })],
    [
      '/snapshot.jpg',
      async ({ origin, token }) => {
        if (!access.mayView(origin, token)) return tokenNeeded;
        const frame = show.newest;
        if (!frame) return refused(503, 'There is no picture yet.');
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
): Answer | Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...refused(405, 'Only GET and HEAD are answered.'), headers: { allow: 'GET, HEAD' } };
  }
  const [path = '', search = ''] = (request.url ?? '').split('?', 2);
  const query = new URLSearchParams(search);
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const asked = { path, query, token: bearer ?? query.get('token') ?? undefined, origin: access.origin(request) };
  return routes(asked)?.(asked) ?? notFound;
}

function send(site: Site, request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const [path] = (request.url ?? '').split('?', 1);
  const { origin } = request.headers;
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    ...protection(site, path ?? '', request.headers.host ?? ''),
    ...(origin !== undefined && site.access.origin(request) === 'allowed'
      ? { 'access-control-allow-origin': origin, vary: 'origin' }
      : {}),
    ...answer.headers,
    'content-type': answer.type ?? 'text/plain; charset=utf-8',
    'content-length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Headers that keep a page to itself: it loads nothing from elsewhere, and nobody frames or embeds it. */
function protection(site: Site, path: string, host: string): Record<string, string> {
  // A host that was not let in is not repeated; older browsers do not count WebSockets among 'self'.
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

/** Encodes a still once, however many ask for the same frame. */
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
