import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A static file that is served. */
export interface Page {
  readonly body: Buffer;
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
};

/** The folder of the pages in the package: they need no build. */
const FOLDER = fileURLToPath(new URL('../../../src/live/pages/', import.meta.url));

/** The client that the pages use, built from `client.ts`. */
const CLIENT = [
  '../protocol/client.js',
  '../protocol/live-error.js',
  '../protocol/web-socket.js',
  '../protocol/wire.js',
];

/**
 * Reads all static files by URL path: `/` (control), `/overlay`, `/camera`, their styles and scripts, and the client.
 * No other file is ever served.
 */
export async function readPages(): Promise<ReadonlyMap<string, Page>> {
  const pages = new Map<string, Page>();
  for (const file of await readdir(FOLDER, { recursive: true })) {
    const name = basename(file);
    const type = TYPES[extname(name)];
    if (!type) continue;
    const path = name === 'control.html' ? '/' : `/${name.replace(/\.html$/, '')}`;
    pages.set(path, { body: await readFile(join(FOLDER, file)), type });
  }
  for (const name of CLIENT) {
    pages.set(`/${basename(name)}`, { body: await readFile(new URL(name, import.meta.url)), type: TYPES['.js']! });
  }
  return pages;
}
