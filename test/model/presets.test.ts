import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listStyles } from '#src/model/library/list.js';
import { readStyle } from '#src/model/style.js';

const folders = [join(import.meta.dirname, '../../presets')];

describe('the presets that come along', () => {
  it('are whole, credited and licensed', async () => {
    const { styles, broken } = await listStyles({ folders });
    expect(broken).toEqual([]);
    expect(styles.map(({ name }) => name)).toContain('great-wave');
    for (const { name, folder, licence, credits } of styles) {
      const style = await readStyle(folder);
      expect(style.manifest.name).toBe(name);
      expect(licence).not.toBe('unstated');
      expect(credits.length).toBeGreaterThan(0);
    }
  });
});
