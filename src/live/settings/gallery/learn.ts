import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, constants, setPriority, tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EngineError, StylecastError } from '../../../errors.js';
import { readManifest } from '../../../model/style.js';

/** The command, and what ends it with its parent. */
const COMMAND = fileURLToPath(new URL('../../../../src/cli/launch.js', import.meta.url));
const TIED = new URL('../../../engine/threads/end-with-parent.js', import.meta.url).href;

/** What is to be learned, and how. */
export interface LearnOptions {
  /** Path of the picture. */
  readonly picture: string;
  /** Folder of the preset of many styles. */
  readonly preset: string;
  /** Further options of `stylecast train`. */
  readonly further: readonly string[];
  /** Aborting ends the process at once; nothing is left behind. */
  readonly signal: AbortSignal;
  /** @param secondsLeft an estimate; absent before the first step */
  readonly onProgress: (share: number, secondsLeft: number | undefined) => void;
}

/** A learned style vector, and the checksum of the network that it is for. */
export interface Learned {
  readonly vector: readonly number[];
  readonly network: string;
}

/**
 * Learns a style from its picture by `stylecast train --into`, in a process of its own at lower priority, which ends with
 * this one: what is painted meanwhile comes first.
 *
 * @throws StylecastError as `trainStyle` does; EngineError `ENGINE_DIED`; the signal's reason
 */
export async function learnStyle({ picture, preset, further, signal, onProgress }: LearnOptions): Promise<Learned> {
  const folder = await mkdtemp(join(tmpdir(), 'stylecast-learn-'));
  try {
    const output = join(folder, 'learned');
    // Half of the cores: with all of them, even at low priority, frames would have to wait for caches and memory.
    const threads = Math.max(1, Math.floor(availableParallelism() / 2));
    const how = ['--into', preset, '--output', output, '--threads', String(threads), '--json', ...further];
    await run(['train', picture, ...how], signal, onProgress);
    const { modulation, model } = await readManifest(output);
    const name = basename(picture, extname(picture));
    return { vector: modulation!.styles.find((style) => style.name === name)!.vector, network: model.sha256 };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A line of the command's output. */
interface Line {
  readonly type: string;
  readonly step?: number;
  readonly steps?: number;
  readonly secondsLeft?: number;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

async function run(args: string[], signal: AbortSignal, onProgress: LearnOptions['onProgress']): Promise<void> {
  signal.throwIfAborted();
  const stdio = ['ignore', 'pipe', 'ignore', 'ipc'] as const;
  const child = spawn(process.execPath, ['--import', TIED, COMMAND, ...args], { stdio: [...stdio] });
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  let failure: Line | undefined;
  createInterface({ input: child.stdout! }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    if (line.type === 'error') failure = line;
    const { step, steps, secondsLeft } = line;
    if (step !== undefined && steps) onProgress(Math.min(1, step / steps), secondsLeft);
  });
  try {
    const ended = new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, killed) => resolve(code ?? killed ?? 'no code'));
    });
    try {
      setPriority(child.pid!, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // It has ended already, or the system does not allow it: it learns at the usual priority.
    }
    const exit = await ended;
    signal.throwIfAborted();
    if (exit === 0) return;
    const { code, message = '', hint = 'Try again.' } = failure ?? {};
    if (code !== undefined) throw new StylecastError(code, message, { hint });
    throw new EngineError('ENGINE_DIED', `The process that learned the style ended with ${exit}.`, { hint });
  } finally {
    signal.removeEventListener('abort', kill);
  }
}
