import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { colourTags, expectKept } from '../../fixtures/kept.js';
import { copyVideo } from '../../fixtures/passthrough.js';

/** Clips for development that are not part of the repository. */
const CLIPS = fileURLToPath(new URL('../../../../shared/data/videos/', import.meta.url));
const there = existsSync(CLIPS);
/** Those that are broken on purpose have tests of their own. */
const names = there ? readdirSync(CLIPS).filter((name) => !name.startsWith('truncated')) : [];
const NOTES: Record<string, string[]> = {
  'odd_641x361_444.mp4': ['641x361 is odd: encoded as 4:4:4 to keep the size. Some players want even sizes (--size).'],
};

const folder = freshFolder();

describe('every clip of ../shared/data/videos is kept', () => {
  if (!there) test.skip('not checked: ../shared/data/videos is not there', () => undefined);

  test.for(names)('%s', async (name, { annotate }) => {
    const source = join(CLIPS, name);
    const result = join(folder, `${name}-copy${extname(name)}`);
    const { notes } = await copyVideo(source, result);
    const { time, offset, colour } = expectKept(source, result);
    await annotate(
      `times ${(time * 1e3).toFixed(3)} ms, sound ${(offset * 1e3).toFixed(3)} ms, colour ${colour.toFixed(2)} levels`,
    );
    expect(notes).toEqual(NOTES[name] ?? []);
    const { matrix, primaries, transfer } = colourTags(result);
    const before = colourTags(source);
    expect([matrix, primaries, transfer]).toEqual([before.matrix, before.primaries, before.transfer]);
  });
});
