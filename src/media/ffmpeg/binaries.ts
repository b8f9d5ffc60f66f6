import { execFile } from 'node:child_process';
import { constants, promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MediaError, messageOf } from '../../errors.js';

const run = promisify(execFile);

/** An ffmpeg executable and what it can do, as the binary itself reports. */
export interface Ffmpeg {
  readonly path: string;
  /** As the binary gives it, for example `5.1.9-0+deb12u1`. */
  readonly version: string;
  /** The libavutil version as `major + minor / 1000`: unlike `version` it also orders git snapshots. */
  readonly level: number;
  /** The `configure` options it was built with. */
  readonly configuration: string;
}

const LEVEL_4_0 = 56;
const LEVEL_5_1 = 57.028;

const known = new Map<string, Promise<Ffmpeg>>();

/**
 * Finds ffmpeg: `FFMPEG_PATH`, then the `PATH`, then the optional npm package that ships one.
 *
 * @throws MediaError `FFMPEG_MISSING` when there is none, `FFMPEG_BROKEN` when it does not start, `FFMPEG_OLD` below
 * 4.0
 */
export async function findFfmpeg(): Promise<Ffmpeg> {
  return describe(await locate('ffmpeg', '@ffmpeg-installer/ffmpeg'));
}

/**
 * Finds ffprobe: `FFPROBE_PATH`, then the `PATH`, then the optional npm package that ships one.
 *
 * @throws MediaError `FFMPEG_MISSING` when there is none
 */
export function findFfprobe(): Promise<string> {
  return locate('ffprobe', '@ffprobe-installer/ffprobe');
}

/** The option that keeps ffmpeg from duplicating and dropping frames: `-fps_mode` since 5.1, `-vsync` before. */
export function passthrough(ffmpeg: Ffmpeg): string[] {
  return [ffmpeg.level >= LEVEL_5_1 ? '-fps_mode' : '-vsync', 'passthrough'];
}

/** Whether this ffmpeg writes MP4 edit lists that leave out the last frame. */
export function endsEditListEarly(ffmpeg: Ffmpeg): boolean {
  return ffmpeg.level < LEVEL_5_1;
}

/** Whether the binary has a filter. */
export async function hasFilter(ffmpeg: Ffmpeg, filter: string): Promise<boolean> {
  const { stdout } = await run(ffmpeg.path, ['-hide_banner', '-h', `filter=${filter}`]);
  return stdout.startsWith(`Filter ${filter}`);
}

/** Whether a chain of filters, in ffmpeg's words, takes a picture. */
export async function canFilter(ffmpeg: Ffmpeg, filters: string): Promise<boolean> {
  const source = ['-f', 'lavfi', '-i', 'color=size=64x64:rate=1', '-frames:v', '1'];
  return run(ffmpeg.path, ['-v', 'error', ...source, '-vf', filters, '-f', 'null', '-']).then(
    () => true,
    () => false,
  );
}

const asked = new Map<string, Promise<string>>();

/** What the binary says of a part, such as `bsf=setts` or `encoder=libx264`; empty where it has none of that name. */
export async function helpOf(ffmpeg: Ffmpeg, part: string): Promise<string> {
  const key = `${ffmpeg.path} ${part}`;
  if (!asked.has(key))
    asked.set(
      key,
      run(ffmpeg.path, ['-hide_banner', '-h', part]).then(
        ({ stdout }) => stdout,
        () => '',
      ),
    );
  return (await asked.get(key)) ?? '';
}

/** Whether such a part is there and has an option. */
export async function hasOption(ffmpeg: Ffmpeg, part: string, option: string): Promise<boolean> {
  return new RegExp(`^\\s+-?${option}\\s`, 'm').test(await helpOf(ffmpeg, part));
}

async function locate(tool: 'ffmpeg' | 'ffprobe', npmPackage: string): Promise<string> {
  const variable = `${tool.toUpperCase()}_PATH`;
  const asked = process.env[variable];
  if (asked) {
    if (await executable(asked)) return asked;
    throw new MediaError('FFMPEG_MISSING', `${variable} is ${asked}, which is not an executable file.`, {
      hint: `Set ${variable} to an ${tool} executable, or unset it to search the PATH.`,
    });
  }
  const names = process.platform === 'win32' ? [`${tool}.exe`] : [tool];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) if (folder && (await executable(join(folder, name)))) return join(folder, name);
  }
  const shipped = await fromPackage(npmPackage);
  if (shipped) return shipped;
  throw new MediaError(
    'FFMPEG_MISSING',
    `${tool} was not found: not in ${variable}, not on the PATH, not in ${npmPackage}.`,
    {
      hint: 'Install it (Debian: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg).',
    },
  );
}

async function executable(path: string): Promise<boolean> {
  try {
    await fs.access(path, constants.X_OK);
    return (await fs.stat(path)).isFile();
  } catch {
    return false;
  }
}

async function fromPackage(name: string): Promise<string | undefined> {
  let path: string;
  try {
    path = (createRequire(import.meta.url)(name) as { path: string }).path;
  } catch {
    return undefined;
  }
  // npm unpacks @ffprobe-installer's binary without the executable bit.
  if (!(await executable(path))) await fs.chmod(path, 0o755).catch(() => undefined);
  return (await executable(path)) ? path : undefined;
}

function describe(path: string): Promise<Ffmpeg> {
  let answer = known.get(path);
  if (!answer) {
    answer = inspectBinary(path);
    known.set(path, answer);
    answer.catch(() => known.delete(path));
  }
  return answer;
}

async function inspectBinary(path: string): Promise<Ffmpeg> {
  let stdout: string;
  try {
    ({ stdout } = await run(path, ['-version']));
  } catch (cause) {
    throw new MediaError('FFMPEG_BROKEN', `${path} does not start: ${messageOf(cause).split('\n')[0]}`, {
      hint: 'Reinstall ffmpeg, or set FFMPEG_PATH to a working one.',
      cause,
    });
  }
  const library = /libavutil\s+(\d+)\.\s*(\d+)\./.exec(stdout);
  const ffmpeg: Ffmpeg = {
    path,
    version: /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown',
    level: library ? Number(library[1]) + Number(library[2]) / 1000 : 0,
    configuration: /^\s*configuration: (.*)$/m.exec(stdout)?.[1] ?? '',
  };
  if (ffmpeg.level < LEVEL_4_0) {
    throw new MediaError('FFMPEG_OLD', `${path} is version ${ffmpeg.version}; stylecast needs ffmpeg 4.0 or newer.`, {
      hint: 'Update ffmpeg, or set FFMPEG_PATH to a newer one.',
    });
  }
  return ffmpeg;
}
