import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSettings } from '#src/live/settings/settings.js';
import { SettingsFile, settingsPath } from '#src/live/settings/settings-file.js';
import { DEFAULT_SETTINGS } from '#src/live/settings/table.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();

test('the defaults are valid', () => {
  expect(() => checkSettings(DEFAULT_SETTINGS)).not.toThrow();
});

test.for([
  [{ strength: 1.5 }, 'strength is 1.5; expected a number from 0 to 1.'],
  [{ blend: Number.NaN }, 'blend is null; expected a number from 0 to 1.'],
  [{ mask: 'face' }, 'mask is "face"; expected none, person, background, picture, cutout.'],
  [{ height: 12 }, 'height is 12; expected a whole number from 144 to 2160.'],
  [{ height: 360.5 }, 'height is 360.5; expected a whole number from 144 to 2160.'],
  [{ paused: 'yes' }, 'paused is "yes"; expected true or false.'],
  [{ style: '' }, 'style is ""; expected the name of a style, or null.'],
  [{ style: undefined }, 'style is nothing; expected the name of a style, or null.'],
  [{ colour: 1 }, 'There is no setting "colour".'],
  [JSON.parse('{"__proto__": 1}'), 'There is no setting "__proto__".'],
] as const)('%j is refused', ([wanted, message]) => {
  expect(() => checkSettings(wanted as never)).toThrowError(
    expect.objectContaining({ code: 'LIVE_SETTING', message, hint: expect.any(String) }),
  );
});

test('saved settings are read again, except a pause', async () => {
  const path = join(folder, 'a', 'b', '8420.json');
  const file = new SettingsFile(path);
  expect(await file.read()).toEqual({ settings: {} });
  file.write({ ...DEFAULT_SETTINGS, strength: 0.25 });
  file.write({ ...DEFAULT_SETTINGS, style: 'wave', strength: 0.5, paused: true });
  await file.close();
  const { paused: _, ...kept } = { ...DEFAULT_SETTINGS, style: 'wave', strength: 0.5 };
  expect(await new SettingsFile(path).read()).toEqual({ settings: kept });
  expect(readdirSync(dirname(path))).toEqual(['8420.json']);
});

test('the file is complete at every moment', async () => {
  const path = join(folder, 'often.json');
  const file = new SettingsFile(path);
  file.write(DEFAULT_SETTINGS);
  await file.close();
  for (let n = 0; n < 50; n++) {
    file.write({ ...DEFAULT_SETTINGS, strength: n / 50 });
    expect(JSON.parse(readFileSync(path, 'utf8')).height).toBe(720);
    await new Promise((resolve) => setTimeout(resolve, n % 3));
  }
  await file.close();
  expect(JSON.parse(readFileSync(path, 'utf8')).strength).toBe(0.98);
});

test.for(['{"style": "wa', '[]', 'null', '\0\0\0', `{"a": "${'x'.repeat(70_000)}"}`])(
  'a damaged file is told and left out: %s',
  async (text) => {
    const path = join(folder, 'damaged.json');
    writeFileSync(path, text);
    expect(await new SettingsFile(path).read()).toEqual({
      settings: {},
      note: `${path} is damaged; the settings start afresh.`,
    });
  },
);

test('values out of range are ignored, the others are taken', async () => {
  const path = join(folder, 'partly.json');
  writeFileSync(path, JSON.stringify({ strength: 7, mirror: true, style: 3, unknown: 1 }));
  expect(await new SettingsFile(path).read()).toEqual({ settings: { mirror: true } });
});

test('a file that cannot be written is noted, and nothing fails', async () => {
  writeFileSync(join(folder, 'file'), '');
  const notes: string[] = [];
  const file = new SettingsFile(join(folder, 'file', 'x.json'), (note) => notes.push(note));
  file.write(DEFAULT_SETTINGS);
  await file.close();
  expect(notes).toEqual([expect.stringMatching(/^The settings cannot be kept in .*x\.json \(/)]);
  expect((await new SettingsFile(join(folder, 'file', 'x.json')).read()).note).toContain('cannot be read');
  mkdirSync(join(folder, 'folder.json'));
  expect((await new SettingsFile(join(folder, 'folder.json')).read()).note).toContain('cannot be read');
});

test('each show has a file of its own, by its port', () => {
  expect(settingsPath(8420)).toMatch(/live[\\/]8420\.json$/);
});
