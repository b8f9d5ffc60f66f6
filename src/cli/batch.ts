import { promises as fs } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { codeOf, MediaError, messageOf, OptionError } from '../errors.js';
import { isUrl, localPath } from '../media/ffmpeg/path.js';
import { fail, type ProgressReport } from './report.js';

/** What a command takes, and makes of it. */
export interface FileKind {
  /** In the plural. */
  readonly what: 'videos' | 'pictures';
  /** Names that are taken from folders. */
  readonly names: RegExp;
  /** Names whose ending is also that of the result in a folder, and the ending where it is not. */
  readonly kept: RegExp;
  readonly otherwise: string;
}

/** A file to read and a file to write. */
export interface Job {
  readonly input: string;
  readonly output: string;
  /** A folder that is made before, where it is missing. */
  readonly folder?: string;
}

/** A file that was found, and its place in the folder of results. */
interface Found {
  readonly input: string;
  readonly place: string;
}

/**
 * The files to work on: each input is a file or an address, a folder, or a pattern of names. Several go into a folder.
 *
 * @param options `output` is a folder, or a file for a single input; `recursive` also takes folders in folders
 * @throws OptionError `INPUT_NONE` for a folder or a pattern without files, `OUTPUT_NO_FOLDER`, `OUTPUT_TWICE`,
 * `OUTPUT_IS_INPUT`
 */
export async function planJobs(
  inputs: readonly string[],
  { output, recursive = false }: { readonly output: string; readonly recursive?: boolean | undefined },
  kind: FileKind,
): Promise<Job[]> {
  const groups = await Promise.all(inputs.map((input) => find(input, recursive, kind)));
  const found = groups.flatMap(({ files }) => files);
  const target = await fs.stat(output).catch(() => undefined);
  const [only] = found;
  const single = found.length === 1 && !groups.some(({ several }) => several);
  if (single && only && !target?.isDirectory() && !/[/\\]$/.test(output)) return [{ input: only.input, output }];
  if (target?.isFile() || (!target && extname(output) !== '' && !/[/\\]$/.test(output))) {
    throw new OptionError(
      'OUTPUT_NO_FOLDER',
      `${found.length} ${kind.what} cannot go into ${output}; expected a folder.`,
      { hint: `Name a folder, for example -o ${join(dirname(output), 'painted')}; it is made if it is missing.` },
    );
  }
  const jobs = found.map(({ input, place }) => {
    const folder = join(output, dirname(place));
    return { input, output: join(folder, resultName(basename(place), kind)), folder };
  });
  await checkClashes(jobs);
  return jobs;
}

/** What the result of an input is called. */
export function resultName(input: string, { kept, otherwise }: FileKind): string {
  return kept.test(input) ? input : basename(input, extname(input)) + otherwise;
}

async function find(
  input: string,
  recursive: boolean,
  { names, what }: FileKind,
): Promise<{ readonly files: readonly Found[]; readonly several: boolean }> {
  const path = localPath(input);
  const there = isUrl(path) ? undefined : await fs.stat(path).catch(() => undefined);
  if (there?.isDirectory()) {
    const entries = await fs.readdir(path, { recursive, withFileTypes: true });
    const files = entries
      .filter((entry) => !entry.isDirectory() && names.test(entry.name) && !entry.name.includes('.partial.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    if (files.length > 0) return { files: files.map((file) => within(file, path)), several: true };
    const deeper = !recursive && entries.some((entry) => entry.isDirectory());
    throw new OptionError('INPUT_NONE', `${input} holds no ${what} that are known by their names.`, {
      hint: deeper ? '--recursive looks into its folders too.' : 'Name the files themselves.',
    });
  }
  if (there || isUrl(path) || !/[*?[{]/.test(path))
    return { files: [{ input, place: basename(path) }], several: false };
  const { glob } = await import('tinyglobby');
  const files = (await glob(path.replaceAll('\\', '/'), { expandDirectories: false })).sort();
  if (files.length > 0) return { files: files.map((file) => ({ input: file, place: basename(file) })), several: true };
  throw new OptionError('INPUT_NONE', `No file is called ${input}.`, { hint: 'Check the pattern.' });
}

function within(file: string, folder: string): Found {
  return { input: file, place: relative(folder, file) };
}

async function checkClashes(jobs: readonly Job[]): Promise<void> {
  // File systems that ignore case hold one of two names that differ in nothing else.
  const folded = (path: string) => (process.platform === 'linux' ? resolve(path) : resolve(path).toLowerCase());
  const writers = new Map<string, string>();
  for (const { input, output } of jobs) {
    const other = writers.get(folded(output));
    if (other !== undefined) {
      throw new OptionError('OUTPUT_TWICE', `${other} and ${input} would both become ${output}.`, {
        hint: 'Rename one of them, or paint them into folders of their own.',
      });
    }
    writers.set(folded(output), input);
  }
  for (const { input } of jobs) {
    const clash = writers.get(folded(localPath(input)));
    if (clash === undefined) continue;
    throw new OptionError('OUTPUT_IS_INPUT', `${clash} would become ${input}, which is an input itself.`, {
      hint: 'Choose another folder with -o.',
    });
  }
}

/** Makes a folder for results, where it is missing. @throws MediaError `OUTPUT_NO_FOLDER` */
export async function makeFolder(folder: string): Promise<void> {
  await fs.mkdir(folder, { recursive: true }).catch((cause) => {
    throw new MediaError('OUTPUT_NO_FOLDER', `The output folder ${folder} cannot be made: ${messageOf(cause)}`, {
      hint: 'Choose a folder that you may write to with -o.',
      cause,
    });
  });
}

/** What came of a job. */
export interface Outcome {
  readonly interrupted: boolean;
}

/**
 * Does the jobs one after another: one that fails does not stop the others. Says at the end what came of them, and sets
 * the exit code: 1 where one has failed, 130 after a Ctrl-C.
 */
export async function runJobs(
  jobs: readonly Job[],
  report: ProgressReport,
  json: boolean,
  work: (job: Job, left: number) => Promise<Outcome>,
): Promise<void> {
  const failed: { input: string; code: string; message: string }[] = [];
  let done = 0;
  for (const [i, job] of jobs.entries()) {
    const { input, output, folder } = job;
    try {
      if (folder !== undefined) await makeFolder(folder);
      if (jobs.length > 1) report.event('file', { input, output, number: i + 1, of: jobs.length });
      const { interrupted } = await work(job, jobs.length - i);
      if (interrupted) {
        process.exitCode = 130;
        return;
      }
      done++;
    } catch (error) {
      if (jobs.length === 1) throw error;
      failed.push({ input, code: codeOf(error), message: messageOf(error) });
      fail(error, json);
    }
  }
  if (jobs.length === 1) return;
  const names = failed.length > 0 ? `; failed: ${failed.map(({ input }) => input).join(', ')}` : '';
  report.event('summary', { done, of: jobs.length, failed });
  report.tell(`${done} of ${jobs.length} done${names}`);
}
