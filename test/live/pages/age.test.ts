import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { CompatData, CompatStatement, Identifier } from '@mdn/browser-compat-data';
import { describe, expect, it } from 'vitest';

/** The oldest Chromium that the pages must work in. */
const OLDEST = 100;

/** Names of our own that newer APIs happen to have too. */
const OURS = new Set(['draw', 'first', 'last', 'run', 'second', 'stats', 'token', 'wait', 'watch']);

/** What browsers know since when. */
const bcd = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('@mdn/browser-compat-data'), 'utf8'),
) as CompatData;

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGES = join(ROOT, 'src/live/pages');
const files = (ending: string) =>
  readdirSync(PAGES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, text: readFileSync(join(PAGES, name), 'utf8') }));
const scripts = [
  ...files('.js'),
  ...['client.js', 'web-socket.js', 'wire.js'].map((name) => ({
    name,
    text: readFileSync(join(ROOT, 'dist/live/protocol', name), 'utf8'),
  })),
];

/** The Chromium from which on something is there without a flag; infinite where never. */
function since(compat: CompatStatement): number {
  const chrome = [compat.support.chrome ?? []].flat();
  const versions = chrome
    .filter(({ flags, prefix, alternative_name }) => !flags && !prefix && !alternative_name)
    .map(({ version_added }) => Number.parseInt(String(version_added).replace('≤', ''), 10))
    .filter((version) => !Number.isNaN(version));
  return Math.min(Number.POSITIVE_INFINITY, ...versions);
}

/** For each name among the members of interfaces and built-in objects, the Chromium that knew it first anywhere. */
const members = new Map<string, number>();
const globals = new Map<string, number>();
for (const interfaces of [bcd.api, bcd.javascript.builtins]) {
  for (const [name, entry] of Object.entries(interfaces as Record<string, Identifier>)) {
    if (!entry.__compat) continue;
    globals.set(name, Math.min(globals.get(name) ?? Number.POSITIVE_INFINITY, since(entry.__compat)));
    for (const [key, member] of Object.entries(entry as Record<string, Identifier>)) {
      if (key === '__compat' || !member.__compat) continue;
      const short = key.replace(/_(static|event)$/, '');
      members.set(short, Math.min(members.get(short) ?? Number.POSITIVE_INFINITY, since(member.__compat)));
    }
  }
}

/** What is used that Chromium did not have then, each with the version that brought it. */
function tooNew(names: Iterable<string>, known: (name: string) => number | undefined): string[] {
  return [...new Set(names)].flatMap((name) => {
    const version = known(name);
    return version !== undefined && version > OLDEST && !OURS.has(name) ? [`${name} (Chromium ${version})`] : [];
  });
}

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]!);
const code = (text: string) => text.replace(/\/\*.*?\*\//gs, '').replace(/\/\/ .*/g, '');

describe(`pages use nothing newer than Chromium ${OLDEST}`, () => {
  it.each(scripts)('in $name', ({ text }) => {
    const source = code(text).replace(/'[^'\n]*'/g, "''");
    expect(tooNew(matches(source, /\.([a-z]\w*)/gi), (name) => members.get(name))).toEqual([]);
    expect(tooNew(matches(source, /(?<![.\w'#])([a-z]\w+)/gi), (name) => globals.get(name))).toEqual([]);
    // Syntax that came later: `using`, import attributes, the `v` flag of regular expressions.
    expect(matches(source, /(\b(?:await )?using \w+ =|\bimport [^;]* with \{|\/[dgimsuy]*v[dgimsuy]*\.)/g)).toEqual([]);
  });

  it.each(files('.css'))('in $name', ({ text }) => {
    const source = code(text);
    const css = bcd.css as unknown as Record<string, Record<string, Identifier>>;
    const version = (entry: Identifier | undefined) => entry?.__compat && since(entry.__compat);
    const declarations = [...source.matchAll(/^\s*([a-z-]+):\s*([^;{]+);/gm)].map(([, name, value]) => [name!, value!]);
    expect(declarations.length).toBeGreaterThan(10);
    const properties = css.properties!;
    expect(
      tooNew(
        declarations.map(([name]) => name!),
        (name) => version(properties[name]),
      ),
    ).toEqual([]);
    for (const [name, value] of declarations) {
      expect(tooNew(matches(value!, /([a-z][a-z-]+)/g), (word) => version(properties[name!]?.[word]))).toEqual([]);
    }
    const functions = { ...css.types!, ...css.types!.color, ...css.types!.gradient, ...css.types!.image };
    expect(
      tooNew(matches(source, /([a-z-]+)\(/g), (name) => version((functions as Record<string, Identifier>)[name])),
    ).toEqual([]);
    expect(tooNew(matches(source, /@([a-z-]+)/g), (name) => version(css['at-rules']![name]))).toEqual([]);
    // A rule for Firefox alone is one that Chromium skips.
    const selectors = matches(source, /:([a-z-]+)[^;]*\{/g).filter((name) => !name.startsWith('-moz-'));
    expect(tooNew(selectors, (name) => version(css.selectors![name]))).toEqual([]);
    // Nesting.
    expect(source).not.toMatch(/^\s*&/m);
    expect(source).not.toMatch(/\b\d+[sld]v[hwib]\b|\b\d+cq[wh]\b/);
  });

  it.each(files('.html'))('in $name', ({ text }) => {
    const { elements, global_attributes } = bcd.html as unknown as Record<string, Identifier>;
    for (const [, element, attributes] of text.matchAll(/<([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)/g)) {
      const own = elements![element!];
      const version = (entry: Identifier | undefined) => entry?.__compat && since(entry.__compat);
      expect(tooNew([element!], () => version(own))).toEqual([]);
      const names = matches(attributes!, /\s([a-z-]+)(?==|\s|$)/g);
      expect(tooNew(names, (name) => version(own?.[name]) ?? version(global_attributes![name]))).toEqual([]);
    }
  });

  it('and the check knows what is too new', () => {
    const known = (name: string) => members.get(name);
    expect(
      tooNew(['toSorted', 'groupBy', 'querySelector', 'at', 'withResolvers', 'requestVideoFrameCallback'], known),
    ).toEqual(['toSorted (Chromium 110)', 'groupBy (Chromium 117)', 'withResolvers (Chromium 119)']);
    expect(globals.get('ImageDecoder')).toBe(94);
    expect(globals.get('DocumentPictureInPicture')).toBeGreaterThan(OLDEST);
  });
});

describe('pages are small', () => {
  it.each([
    { page: 'overlay', parts: /^(overlay\/|(draw|page)\.)|^(client|wire)\.js/, most: 40 },
    { page: 'control', parts: /^(?!overlay|camera)/, most: 128 },
    { page: 'camera', parts: /^(camera\/|control\/gallery\/|(base|draw|page)\.)|^(client|wire)\.js/, most: 72 },
  ])('$page and everything it loads: under $most KiB', ({ parts, most }) => {
    const all = [...scripts, ...files('.css'), ...files('.html')].filter(({ name }) => parts.test(name));
    const bytes = all.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeGreaterThan(5000);
    expect(bytes).toBeLessThan(most * 1024);
  });

  it.each([...files('.js'), ...files('.css'), ...files('.html')])('$name names no other server', ({ text }) => {
    expect(
      matches(text, /((?:https?:)?\/\/[a-z0-9.-]+)/gi).filter((url) => !/^http:\/\/(www\.w3\.org|localhost)/.test(url)),
    ).toEqual([]);
  });
});
