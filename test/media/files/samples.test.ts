import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { colourTags, expectKept } from '../../fixtures/kept.js';
import { copyVideo } from '../../fixtures/passthrough.js';

const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));
const names = readdirSync(SAMPLES).filter((name) => name.endsWith('.mp4'));

const folder = freshFolder();

describe('every sample is kept', () => {
  test.for(names)('%s', async (name, { annotate }) => {
    const source = join(SAMPLES, name);
    const result = join(folder, `${name}-copy${extname(name)}`);
    const { notes } = await copyVideo(source, result);
    const { time, offset, colour } = expectKept(source, result);
    await annotate(
      `times ${(time * 1e3).toFixed(3)} ms, sound ${(offset * 1e3).toFixed(3)} ms, colour ${colour.toFixed(2)} levels`,
    );
    expect(notes).toEqual([]);
    const { matrix, primaries, transfer } = colourTags(result);
    const before = colourTags(source);
    expect([matrix, primaries, transfer]).toEqual([before.matrix, before.primaries, before.transfer]);
  });
});
