import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { saveStyle } from '#src/model/save.js';
import { freshFolder } from '../fixtures/ffmpeg.js';
import { manyStyles } from '../fixtures/many-styles.js';
import { picture } from '../train/fixtures.js';
import { run } from './run.js';

describe('a preset of many styles on the command line', async () => {
  const folder = freshFolder();
  const { manifest, model } = await manyStyles('many', ['wave', 'scream']);
  const { model: _, ...rest } = manifest;
  await saveStyle(join(folder, 'presets', 'many'), rest, model);
  await picture(80, 64, 1).png().toFile(join(folder, 'photo.png'));
  const paint = (name: string, ...options: string[]) =>
    run(folder, ['image', 'photo.png', '-o', name, '--device', 'cpu', '--threads', '1', ...options]);
  const bytes = (name: string) => readFileSync(join(folder, name));

  test('one is named, or several are blended', async () => {
    const asked = {
      'named.png': ['-s', 'many:scream'],
      'blended.png': ['-s', 'many', '--blend', 'scream,wave=0'],
      'mixed.png': ['-s', 'many', '--blend', 'wave=0.5,scream=0.5', '--fine-blend', 'scream', '--truncation', '0.8'],
      'varied.png': ['-s', 'many:scream', '--vary', '0.5', '--vary-seed', '2'],
    };
    for (const [name, options] of Object.entries(asked)) {
      expect(await paint(name, ...options)).toMatchObject({ code: 0 });
    }
    expect(bytes('named.png').equals(bytes('blended.png'))).toBe(true);
    expect(bytes('named.png').equals(bytes('mixed.png'))).toBe(false);
    expect(bytes('named.png').equals(bytes('varied.png'))).toBe(false);
    const other = await paint('other.png', '-s', 'many:scream', '--blend', 'wave');
    expect(other).toMatchObject({ code: 0, stderr: expect.stringContaining('scream is not painted: it is none of') });
    const { stdout } = await run(folder, ['styles']);
    expect(stdout).toMatch(/many .* :wave :scream/);
  });

  test.each([
    [['--blend', 'wave=much'], 'Expected styles with weights, such as wave=0.6,scream=0.4.'],
    [['--blend', 'kiss=1'], 'There is no style "kiss" in this network; expected one of wave, scream.'],
    [['--vary', '2'], 'vary is 2; expected a number from 0 to 1.'],
    [['--truncation', '2'], 'truncation is 2; expected a number from 0 to 1.'],
  ])('%s is refused', async (options, message) => {
    const { code, stderr } = await paint('none.png', '-s', 'many', ...options);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
