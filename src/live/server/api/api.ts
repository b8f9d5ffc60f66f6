import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf, OptionError, StylecastError } from '../../../errors.js';
import type { LiveUrls } from '../../protocol/protocol.js';
import { PICTURE_BYTES } from '../../settings/gallery/picture.js';
import { checkLook, checkLooks } from '../../settings/look-file.js';
import { lookOf } from '../../settings/table.js';
import type { ShowControls } from '../../show/controls.js';
import type { LiveStats, Show, StyleCard } from '../../show/types.js';
import { type Limits, TokenBucket } from '../access/limits.js';
import { applyFromOutside } from './apply.js';
import { readBody, readBytes, TooLarge } from './body.js';
import { streamEvents } from './events.js';
import type { News } from './news.js';

/** What the API works on. */
export interface ApiSite {
  readonly show: Show;
  readonly stats: () => LiveStats;
  readonly styles: () => readonly StyleCard[];
  readonly urls: () => LiveUrls;
  readonly limits: Limits;
  /** What can be done beside changing settings; undefined where nothing can, or before the show begins. */
  readonly controls: () => ShowControls | undefined;
  readonly news: News;
}

/** Bytes of a body, at most: all the looks that may be kept have room in it. */
const BODY_BYTES = 2 ** 18;

/** Pictures that are taken in at a time. */
const UPLOADS = 2;

/** A status and the JSON body; undefined where the route writes the response itself. */
type Reply = readonly [status: number, value: object] | undefined;

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What stands in the path for `:name`. */
  readonly name: string;
  readonly query: URLSearchParams;
  body(): Promise<Record<string, unknown>>;
  /** The body as a picture's bytes. */
  picture(): Promise<Buffer>;
}

type Route = (call: Call, site: ApiSite) => Promise<Reply>;

/** Addresses below `/api` and what they do, by method. */
export const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  show: {
    GET: async (_, { show, stats, styles, urls }) => {
      return [200, { settings: show.settings, stats: stats(), styles: styles(), masks: show.masks, urls: urls() }];
    },
  },
  settings: {
    GET: async (_, { show }) => [200, show.settings],
    PATCH: async ({ body }, { show }) => [200, await applyFromOutside(show, await body())],
  },
  styles: {
    GET: async (_, { styles }) => [200, { styles: styles() }],
    POST: async ({ query, picture }, site) => {
      const book = controlsOf(site).styles;
      return [201, { style: await book.add(await picture(), query.get('name') ?? '') }];
    },
  },
  'styles/:name': {
    PATCH: async ({ name, body }, site) => {
      const { title } = fields(await body(), { title: 'string' });
      return [200, { style: await controlsOf(site).styles.rename(name, String(title ?? '')) }];
    },
    DELETE: async ({ name }, site) => {
      await controlsOf(site).styles.remove(name);
      return [200, { removed: name }];
    },
  },
  'learn/start': {
    POST: async ({ body }, site) => {
      const { style } = fields(await body(), { style: 'string' });
      await controlsOf(site).styles.learn(String(style ?? ''));
      return [202, { learning: style }];
    },
  },
  'learn/stop': { POST: async (_, site) => [200, { stopped: (await controlsOf(site).styles.stopLearning()) ?? null }] },
  events: {
    GET: async ({ response }, { show, stats, news }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      streamEvents(response, show, stats, news);
      return undefined;
    },
  },
  snapshot: { POST: async (_, site) => [201, { file: await controlsOf(site).snapshot() }] },
  'record/start': {
    POST: async ({ body }, site) => {
      const { file } = fields(await body(), { file: 'string' });
      return [201, { output: await controlsOf(site).record(file as string | undefined) }];
    },
  },
  'record/stop': { POST: async ({ body }, site) => stop('record', await body(), site) },
  'publish/start': {
    POST: async ({ body }, site) => {
      const { url, kilobits } = fields(await body(), { url: 'string', kilobits: 'number' });
      return [201, { output: await controlsOf(site).publish(String(url ?? ''), kilobits as number | undefined) }];
    },
  },
  'publish/stop': { POST: async ({ body }, site) => stop('publish', await body(), site) },
  'hls/start': {
    POST: async ({ body }, site) => {
      const { folder } = fields(await body(), { folder: 'string' });
      return [201, { output: await controlsOf(site).hls(folder as string | undefined) }];
    },
  },
  'hls/stop': { POST: async ({ body }, site) => stop('hls', await body(), site) },
  looks: {
    // Before the show has begun there are none, which is no failure: pages ask as soon as they are there.
    GET: async (_, site) => [200, { looks: (await site.controls()?.looks.list()) ?? [] }],
    PUT: async ({ body }, site) => {
      const looks = checkLooks((await body()).looks);
      await controlsOf(site).looks.replace(looks);
      site.news.tell({ type: 'looks', looks });
      return [200, { looks }];
    },
  },
  'looks/:name': {
    PUT: async ({ name, body }, site) => {
      const given = fields(await body(), { color: 'string', key: 'string', settings: 'object' });
      const look = checkLook({ settings: lookOf(site.show.settings), ...given, name });
      await controlsOf(site).looks.save(look);
      await tellLooks(site);
      return [200, look];
    },
    POST: async ({ name }, site) => {
      const look = (await controlsOf(site).looks.list()).find((one) => one.name === name);
      if (!look) return missing(name);
      return [200, await applyFromOutside(site.show, { ...look.settings })];
    },
    DELETE: async ({ name }, site) => {
      if (!(await controlsOf(site).looks.remove(name))) return missing(name);
      await tellLooks(site);
      return [200, { removed: name }];
    },
  },
};

/** Creates the handler of requests to `/api/…`, all of which may control the show: others are refused before. */
export function apiOf(site: ApiSite): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { messagesPerSecond, pendingChanges } = site.limits;
  const bucket = new TokenBucket(messagesPerSecond, 2 * messagesPerSecond);
  let pending = 0;
  let uploads = 0;
  return async (request, response) => {
    const send = (status: number, value: object, headers: Record<string, string> = {}) => {
      const body = JSON.stringify(value);
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...headers,
      });
      response.end(body);
    };
    const busy = (message: string) => send(429, { code: 'LIVE_BUSY', message }, { 'retry-after': '1' });
    const fail = (status: number, { code, message, hint }: Pick<StylecastError, 'code' | 'message' | 'hint'>) =>
      send(status, { code, message, hint });
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://localhost');
    const [methods, name] = find(pathname.slice('/api/'.length));
    if (!methods) return fail(404, { code: 'API_PATH', message: 'There is nothing here.', hint: 'See docs/api.md.' });
    const route = Object.hasOwn(methods, request.method ?? '') ? methods[request.method!] : undefined;
    if (!route) {
      const allow = Object.keys(methods).join(', ');
      return send(405, { code: 'API_METHOD', message: `Only ${allow} is answered here.` }, { allow });
    }
    if (!bucket.take() || pending >= pendingChanges) {
      return busy('Too many requests at a time.');
    }
    const uploading = request.method === 'POST' && methods === ROUTES.styles;
    if (uploading && uploads >= UPLOADS) return busy(`More than ${UPLOADS} pictures at a time.`);
    pending++;
    if (uploading) uploads++;
    try {
      const body = () => readBody(request, BODY_BYTES);
      const picture = () => readBytes(request, PICTURE_BYTES);
      const reply = await route({ request, response, name, query, body, picture }, site);
      if (reply) send(...reply);
    } catch (error) {
      if (error instanceof StylecastError)
        fail(error instanceof NotYet ? 503 : error instanceof TooLarge ? 413 : 400, error);
      else fail(500, { code: 'LIVE_FAILED', message: messageOf(error), hint: undefined });
    } finally {
      pending--;
      if (uploading) uploads--;
    }
  };
}

function find(path: string): [methods: Readonly<Record<string, Route>> | undefined, name: string] {
  if (Object.hasOwn(ROUTES, path)) return [ROUTES[path], ''];
  const [, parent = '', last = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  const pattern = `${parent}/:name`;
  if (!Object.hasOwn(ROUTES, pattern)) return [undefined, ''];
  try {
    return [ROUTES[pattern], decodeURIComponent(last)];
  } catch {
    return [undefined, ''];
  }
}

class NotYet extends OptionError {}

function controlsOf({ controls }: ApiSite): ShowControls {
  const there = controls();
  if (there) return there;
  throw new NotYet('LIVE_WAITING', 'The show has not begun, or cannot do this.', { hint: 'Try again when it runs.' });
}

/** Tells all controllers which looks there are. */
async function tellLooks(site: ApiSite): Promise<void> {
  site.news.tell({ type: 'looks', looks: await controlsOf(site).looks.list() });
}

async function stop(kind: 'record' | 'publish' | 'hls', body: Record<string, unknown>, site: ApiSite): Promise<Reply> {
  const { output } = fields(body, { output: 'string' });
  return [200, { stopped: await controlsOf(site).stop(kind, output as string | undefined) }];
}

/** The fields of a body, which are of these types, and no others. */
function fields(body: Record<string, unknown>, types: Readonly<Record<string, string>>): Record<string, unknown> {
  for (const [name, value] of Object.entries(body)) {
    const type: string = typeof value;
    if (Object.hasOwn(types, name) && type === types[name]) continue;
    const shown = (JSON.stringify(value) ?? '').slice(0, 60);
    const all = Object.entries(types).map(([field, type]) => `${field} (${type})`);
    throw new OptionError('API_FIELD', `${name} is ${shown}; expected ${all.join(', ') || 'nothing'}.`, {
      hint: `Correct ${name} or leave it out.`,
    });
  }
  return body;
}

function missing(name: string): Reply {
  return [
    404,
    { code: 'LOOK', message: `There is no look "${name.slice(0, 60)}".`, hint: 'GET /api/looks lists them.' },
  ];
}
