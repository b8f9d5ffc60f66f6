import { fork } from 'node:child_process';
import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EngineError, messageOf } from '../../errors.js';
import { deserializeError, type SerializedError, serializeError } from './protocol.js';

/** What a process may cost. */
export interface ProcessLimits {
  /** Milliseconds until it is given up; default: two minutes. */
  readonly limitMs?: number;
  /** Resident bytes beyond which it is given up; default: half of the machine, at least 2 GiB. */
  readonly memory?: number;
  /** Aborting ends it at once. */
  readonly signal?: AbortSignal | undefined;
}

type Outcome<Reply> = { readonly reply: Reply } | { readonly error: SerializedError };

/** What the child writes before it ends for its memory. */
const TOO_MUCH = 'stylecast: too much memory';

/**
 * Does a job in a process of its own, which `serveProcess` runs there: whatever hangs, crashes or takes too much memory
 * ends with it. A network that was made elsewhere cannot be stopped inside the runtime otherwise.
 *
 * @param what what is tried, as the beginning of a sentence
 * @throws EngineError `ENGINE_LIMIT`, `ENGINE_DIED`; what the job throws; the signal's reason
 */
export function inProcess<Job, Reply>(script: URL, job: Job, what: string, limits: ProcessLimits = {}): Promise<Reply> {
  const { limitMs = 120_000, memory = Math.max(2 ** 31, totalmem() / 2), signal } = limits;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const child = fork(script, [String(memory)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  return new Promise<Reply>((resolve, reject) => {
    // What hangs does not listen to SIGTERM.
    const kill = () => void child.kill('SIGKILL');
    const end = (settle: () => void) => {
      clearTimeout(limit);
      process.off('exit', kill);
      signal?.removeEventListener('abort', abort);
      kill();
      settle();
    };
    const abort = () => end(() => reject(signal?.reason));
    const givenUp = (why: string) => end(() => reject(givenUpError(what, why)));
    const limit = setTimeout(() => givenUp(`was not done within ${limitMs / 1000} s`), limitMs);
    signal?.addEventListener('abort', abort);
    process.on('exit', kill);
    child.on('message', (outcome: Outcome<Reply>) =>
      end(() => ('reply' in outcome ? resolve(outcome.reply) : reject(deserializeError(outcome.error)))),
    );
    child.on('error', (error) => end(() => reject(died(what, messageOf(error)))));
    // After its streams have closed: what it said last is there.
    child.on('close', (code, killed) => {
      if (said.includes(TOO_MUCH)) givenUp(`needed more than ${Math.round(memory / 2 ** 20)} MiB of memory`);
      else end(() => reject(died(what, killed ?? `exit code ${code}`)));
    });
    child.send(job as object, () => undefined);
  });
}

/** Runs the one job of this process, which `inProcess` has started; watches its memory and its parent. */
export function serveProcess<Job, Reply>(handle: (job: Job) => Promise<Reply>): void {
  const watch = new Worker(WATCH, { eval: true, workerData: { most: Number(process.argv[2]), parent: process.ppid } });
  watch.unref();
  // Ctrl-C in a terminal reaches all its processes: the parent decides when this one ends.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.once('message', async (job: Job) => {
    const outcome: Outcome<Reply> = await handle(job).then(
      (reply) => ({ reply }),
      (error) => ({ error: serializeError(error) }),
    );
    process.send?.(outcome);
  });
}

/** Runs on a thread of its own: the main one may be inside the runtime for good. */
const WATCH = `
const { workerData: { most, parent } } = require('node:worker_threads');
setInterval(() => {
  const tooMuch = process.memoryUsage.rss() > most;
  if (tooMuch) require('node:fs').writeSync(2, '${TOO_MUCH}');
  if (tooMuch || process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, 50);
`;

const HINT = 'Try a smaller --height, or another style.';

function givenUpError(what: string, why: string): EngineError {
  return new EngineError('ENGINE_LIMIT', `${what} ${why}, and was given up.`, { hint: HINT });
}

function died(what: string, reason: string): EngineError {
  return new EngineError('ENGINE_DIED', `${what} ended the process that tried it (${reason}).`, { hint: HINT });
}
