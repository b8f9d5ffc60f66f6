import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { readStyle } from '#src/model/style.js';
import { addThumbnails } from '#src/train/report/thumbnails.js';

const folder = mkdtempSync(join(tmpdir(), 'stylecast-thumbnails-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The presets' network and manifest alone. */
function bare(name: string): string {
  const to = mkdtempSync(join(folder, name));
  for (const file of ['preset.json', 'model.onnx', 'predict.onnx'])
    if (existsSync(join('presets', name, file))) copyFileSync(join('presets', name, file), join(to, file));
  return to;
}

const pixels = (path: string) => sharp(path).raw().toBuffer({ resolveWithObject: true });

test('a preset shows how it paints', async () => {
  const to = bare('ink-tiny');
  const before = JSON.parse(readFileSync(join(to, 'preset.json'), 'utf8'));
  await addThumbnails(await readStyle(to), { threads: 2 });
  const { data, info } = await pixels(join(to, 'thumbnail.jpg'));
  expect([info.width, info.height]).toEqual([320, 180]);
  const kept = (await pixels('presets/ink-tiny/thumbnail.jpg')).data;
  expect(data.reduce((sum, value, i) => sum + Math.abs(value - kept[i]!), 0) / data.length).toBeLessThan(2);
  expect(JSON.parse(readFileSync(join(to, 'preset.json'), 'utf8'))).toEqual({ ...before, thumbnail: 'thumbnail.jpg' });
});

test('each style of many has one of its own, or those that are named', async () => {
  const to = bare('painters');
  await addThumbnails(await readStyle(to), { names: ['ink', 'cel'], threads: 2 });
  const styles = ['ink', 'cel', 'pencil'].map((name) => join(to, `thumbnail-${name}.jpg`));
  expect(styles.map(existsSync)).toEqual([true, true, false]);
  const [ink, cel] = [await pixels(styles[0]!), await pixels(styles[1]!)];
  expect([ink.info.width, ink.info.height]).toEqual([224, 126]);
  expect(ink.data.equals(cel.data)).toBe(false);
});
