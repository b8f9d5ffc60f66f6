import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dataUrl } from '../../html.js';
import type { EvaluatedStyle } from '../results.js';

/** Folder of the page in the package; it is not built. */
const FOLDER = fileURLToPath(new URL('../../../src/evaluate/blind/page/', import.meta.url));

/** The part of an evaluation that the page compares. */
export interface ComparedPaintings {
  readonly styles: readonly Pick<EvaluatedStyle, 'name' | 'own' | 'pictures'>[];
}

/** Two painters and the photographs that both have painted, by name. */
interface Match {
  readonly photograph: string;
  readonly painters: readonly [string, string];
}

/**
 * A page on which paintings of the same photograph are compared in pairs, in random order and without their names: one
 * HTML file that needs nothing else. Paintings are compared with those that have the same style picture.
 *
 * @param painted an evaluation made with `pictures`.
 * @returns undefined where no two paintings can be compared.
 */
export async function blindPage({ styles }: ComparedPaintings): Promise<string | undefined> {
  const matches: Match[] = [];
  for (const [at, one] of styles.entries()) {
    for (const other of styles.slice(at + 1)) {
      if (one.own !== other.own || one.name === other.name) continue;
      const painted = new Set(other.pictures?.map(({ name }) => name));
      for (const { name } of one.pictures ?? []) {
        if (painted.has(name)) matches.push({ photograph: name, painters: [one.name, other.name] });
      }
    }
  }
  if (matches.length === 0) return undefined;
  const sources: Record<string, string> = {};
  const paintings: Record<string, Record<string, string>> = {};
  for (const { name: painter, pictures = [] } of styles) {
    for (const { name, source, result } of pictures) {
      sources[name] = dataUrl('jpeg', source);
      paintings[name] = { ...paintings[name], [painter]: dataUrl('jpeg', result) };
    }
  }
  const data = JSON.stringify({ matches, sources, paintings });
  const [html, style, script, ranking] = await Promise.all([
    readFile(`${FOLDER}blind.html`, 'utf8'),
    readFile(`${FOLDER}blind.css`, 'utf8'),
    readFile(`${FOLDER}blind.js`, 'utf8'),
    readFile(new URL('./bradley-terry.js', import.meta.url), 'utf8'),
  ]);
  // Votes that the browser keeps belong to these very pictures.
  const id = createHash('sha256').update(data).digest('hex').slice(0, 16);
  const parts = {
    '<html lang="en">': `<html lang="en" data-votes="${id}">`,
    '<link rel="stylesheet" href="blind.css">': `<style>\n${style}</style>`,
    ' id="data">': ` id="data">${data.replaceAll('<', '\\u003c')}`,
    ' src="blind.js">': `>\n${ranking}\n${script}`,
  };
  return Object.entries(parts).reduce((page, [place, part]) => page.replace(place, () => part), html);
}
