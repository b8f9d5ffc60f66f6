import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { userFolder } from '#src/model/folders.js';
import { freshFolder } from './preset.js';

describe('userFolder', () => {
  it.each([
    [{ STYLECAST_HOME: '/mine', XDG_DATA_HOME: '/data' }, 'linux', '/mine'],
    [{ XDG_DATA_HOME: '/data' }, 'linux', '/data/stylecast'],
    [{ XDG_DATA_HOME: 'data' }, 'linux', join(homedir(), '.local/share/stylecast')],
    [{ STYLECAST_HOME: '' }, 'linux', join(homedir(), '.local/share/stylecast')],
    [{}, 'darwin', join(homedir(), 'Library/Application Support/stylecast')],
    [{ LOCALAPPDATA: '/local' }, 'win32', join('/local', 'stylecast')],
    [{}, 'win32', join(homedir(), 'AppData', 'Local', 'stylecast')],
  ])('with %j on %s is %s', (environment, platform, expected) => {
    expect(userFolder(environment, platform)).toBe(expected);
  });
});

describe('presetFolders', () => {
  it('looks in the working directory, at the user, in the package, each once', () => {
    const root = resolve(import.meta.dirname, '../..');
    const look = (cwd: string): unknown => {
      const module = join(root, 'dist/model/folders.js');
      const code = `import(${JSON.stringify(module)}).then((m) => console.log(JSON.stringify(m.presetFolders())))`;
      const env = { ...process.env, STYLECAST_HOME: '/mine' };
      return JSON.parse(execFileSync(process.execPath, ['-e', code], { cwd, env, encoding: 'utf8' }));
    };
    const elsewhere = freshFolder();
    expect(look(elsewhere)).toEqual([join(elsewhere, 'presets'), '/mine/presets', join(root, 'presets')]);
    expect(look(root)).toEqual([join(root, 'presets'), '/mine/presets']);
  });
});
