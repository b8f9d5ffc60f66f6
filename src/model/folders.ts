import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of what comes with stylecast: presets, initial weights, photographs and mask networks. */
export const shippedFolder = fileURLToPath(new URL('../../presets', import.meta.url));

/**
 * The user's folder, for imported and trained styles: `STYLECAST_HOME`, else `stylecast` in the platform's place for
 * application data (`XDG_DATA_HOME` or `~/.local/share`, `~/Library/Application Support`, `%LOCALAPPDATA%`).
 */
export function userFolder(environment: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  const { STYLECAST_HOME: chosen, XDG_DATA_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (chosen) return chosen;
  // The XDG specification has relative paths ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'stylecast');
  if (platform === 'win32') return join(local || join(homedir(), 'AppData', 'Local'), 'stylecast');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'stylecast');
  return join(homedir(), '.local', 'share', 'stylecast');
}

/**
 * Folder for data that can be recreated: `cache` in `STYLECAST_HOME`, else `stylecast` in the platform's place for
 * caches (`XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  const { STYLECAST_HOME: chosen, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (chosen) return join(chosen, 'cache');
  if (xdg && isAbsolute(xdg)) return join(xdg, 'stylecast');
  if (platform === 'win32') return join(local || join(homedir(), 'AppData', 'Local'), 'stylecast', 'cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'stylecast');
  return join(homedir(), '.cache', 'stylecast');
}

/**
 * The folders where a style's name is looked up, first match first: `presets` of the working directory, `presets` of
 * the user's own folder, and the presets that come with stylecast.
 */
export function presetFolders(): string[] {
  return [...new Set([join(process.cwd(), 'presets'), join(userFolder(), 'presets'), shippedFolder])];
}
