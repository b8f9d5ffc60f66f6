import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { inWords, previewStyles } from '#src/preview/preview.js';
import { failure } from '../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../fixtures/ffmpeg.js';
import { preset } from '../fixtures/networks.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
/** Red, then green, then blue: a second each. */
const clip = at('clip.mp4');
const parts = ['red', 'lime', 'blue'].flatMap((colour) => [
  '-f',
  'lavfi',
  '-i',
  `color=${colour}:size=96x64:rate=10:duration=1`,
]);
ffmpeg(...parts, '-lavfi', 'concat=n=3', '-c:v', 'libx264', '-crf', '1', '-pix_fmt', 'yuv420p', clip);
const inverted = preset(at('presets'), 'negative');
const OPTIONS = { device: 'cpu', threads: 1 } as const;

/** The mean colour of a cell of the sheet: its row and column. */
async function cell(sheet: string, row: number, column: number): Promise<number[]> {
  const { channels } = await sharp(
    await sharp(sheet)
      .extract({ left: 16 + 244 * column + 20, top: 16 + 202 * row + 26 + 20, width: 200, height: 100 })
      .toBuffer(),
  ).stats();
  return channels.slice(0, 3).map(({ mean }) => Math.round(mean / 255));
}

describe('a contact sheet', () => {
  test('three frames of the clip, and of every style named', async () => {
    const seen: string[] = [];
    const preview = await previewStyles({
      ...OPTIONS,
      ...{ input: clip, output: at('sheet.png'), styles: [inverted, inverted] },
      onStyle: (name, number, of) => void seen.push(`${name} ${number}/${of}`),
    });
    expect(preview).toMatchObject({ output: at('sheet.png'), painted: { width: 96, height: 64 }, failed: [] });
    expect(seen).toEqual([`${inverted} 1/2`, `${inverted} 2/2`]);
    const { width, height } = await sharp(at('sheet.png')).metadata();
    // Each row has a line of text above its frames of 240x160.
    expect([width, height]).toEqual([16 + 3 * 244 + 16, 16 + 3 * 202]);
    const colours = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    for (const [column, colour] of colours.entries()) {
      expect(await cell(at('sheet.png'), 0, column), `frame ${column}`).toEqual(colour);
      const painted = colour.map((level) => 1 - level);
      expect(await cell(at('sheet.png'), 1, column), `painted ${column}`).toEqual(painted);
    }
    for (const { seconds, device } of preview.styles) {
      expect(device).toBe('cpu');
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThan(60);
    }
  });

  test('a style that cannot be painted is left out and named; where none can, that is the error', async () => {
    const some = { ...OPTIONS, input: clip, output: at('some.jpg') };
    const { styles, failed } = await previewStyles({ ...some, styles: ['no-such-style', inverted] });
    expect(styles.map(({ name }) => name)).toEqual([inverted]);
    expect(failed).toMatchObject([{ name: 'no-such-style', code: 'PRESET_UNKNOWN' }]);
    expect(await failure(previewStyles({ ...some, output: at('none.jpg'), styles: ['no-such-style'] }))).toMatchObject({
      code: 'PRESET_UNKNOWN',
    });
    expect(existsSync(at('none.jpg'))).toBe(false);
  });

  test('a clip of one frame, and one that is aborted', async () => {
    ffmpeg('-i', clip, '-frames:v', '1', at('one.mp4'));
    const short = { ...OPTIONS, input: at('one.mp4'), styles: [inverted] };
    await previewStyles({ ...short, output: at('one.webp') });
    expect((await sharp(at('one.webp')).metadata()).width).toBe(16 + 244 + 16);
    const before = readdirSync(folder);
    const aborted = await previewStyles({ ...short, output: at('never.webp'), signal: AbortSignal.abort() });
    expect(aborted.output).toBeUndefined();
    expect(readdirSync(folder)).toEqual(before);
  });
});

test.each([
  [0.2, '1 s'],
  [40, '40 s'],
  [170, '3 min'],
  [7800, '2 h 10 min'],
])('%d s in words', (seconds, words) => expect(inWords(seconds)).toBe(words));
