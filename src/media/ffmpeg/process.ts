import type { ChildProcess } from 'node:child_process';
import type { Duplex, Writable } from 'node:stream';
import fluent from 'fluent-ffmpeg';
import { deferred } from '../../deferred.js';
import { ExitCleanup } from '../../exit-cleanup.js';
import type { Ffmpeg } from './binaries.js';

/** Lines of stderr that are kept to explain a failure. */
const TAIL_LINES = 30;

/** What one ffmpeg run reads, does and writes. */
export interface FfmpegJob {
  /** In the order of ffmpeg's inputs: files, URLs, or `pipe:0`, which is then fed through `stdin()`. */
  readonly inputs: readonly { readonly source: string; readonly options: readonly string[] }[];
  /** A file, or a stream that receives the standard output. */
  readonly output: string | Writable;
  readonly outputOptions: readonly string[];
  /** Number of pipes beside the standard ones, in both directions: `pipe:3` onwards, see `pipe()`. */
  readonly pipes?: number;
  /** Called with every line of stderr; returning true keeps the line out of `tail`. */
  readonly onLine?: (line: string) => boolean;
}

/** How an ffmpeg process ended. `failure` is undefined after exit code 0. */
export interface FfmpegExit {
  readonly failure: Error | undefined;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | undefined;
  /** The last lines of stderr. */
  readonly tail: readonly string[];
}

/** fluent-ffmpeg's buffer of output lines. */
interface Lines {
  get(): string;
}
const NO_LINES: Lines = { get: () => '' };
type OnEnd = (error?: Error, stdout?: Lines, stderr?: Lines) => void;

/** fluent-ffmpeg's command with the parts that its types do not show and that we have to replace. */
interface Command extends Omit<fluent.FfmpegCommand, 'availableEncoders'> {
  ffmpegProc?: ChildProcess;
  _checkCapabilities(done: (error?: Error) => void): void;
  availableEncoders(done: (error: Error | null, encoders: object) => void): void;
  _spawnFfmpeg(args: string[], options: object, onProcess: unknown, onEnd: OnEnd): void;
}

/** fluent-ffmpeg splits an option at its space, such as one in a path, unless it is given two arguments or more. */
function unsplit(options: readonly string[]): string[] {
  return options.length > 1 ? [...options] : ([options] as unknown as string[]);
}

const alive = new ExitCleanup<FfmpegProcess>((child) => child.kill());

/**
 * One running ffmpeg, started through fluent-ffmpeg.
 *
 * What fluent-ffmpeg does not do, this class does: no half second of capability probes (whose parser does not
 * understand ffmpeg 7 and newer), a process group of its own so that Ctrl-C in a terminal reaches only this process,
 * `kill()` that works before the start and while a pipe is full, and success that means exit code 0. The child never
 * outlives this process: it is killed on exit, and a broken pipe ends it if this process was killed.
 */
export class FfmpegProcess {
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<FfmpegExit>;
  private readonly lines: string[] = [];
  private readonly command: Command;
  private readonly started = deferred<ChildProcess | undefined>();
  private killed = false;

  constructor(ffmpeg: Ffmpeg, job: FfmpegJob) {
    const command = fluent({ stdoutLines: 1 }) as unknown as Command;
    this.command = command;
    command.setFfmpegPath(ffmpeg.path);
    command._checkCapabilities = (done) => done();
    command.availableEncoders = (done) => done(null, {});
    const spawn = command._spawnFfmpeg;
    command._spawnFfmpeg = (args, options, onProcess, onEnd) =>
      spawn.call(
        command,
        // fluent-ffmpeg overwrites plain paths only, not those with a `file:` before them.
        ['-hide_banner', '-nostdin', '-nostats', '-y', ...args],
        { ...options, detached: true, stdio: Array(3 + (job.pipes ?? 0)).fill('pipe') },
        onProcess,
        // A program that cannot be started has no output lines, and fluent-ffmpeg would throw on reading them.
        (error, stdout = NO_LINES, stderr = NO_LINES) => onEnd(error, stdout, stderr),
      );

    for (const { source, options } of job.inputs) command.input(source).inputOptions(...unsplit(options));
    command.output(job.output as string).outputOptions(...unsplit(job.outputOptions));
    command.on('stderr', (line: string) => {
      if (job.onLine?.(line) || line.trim() === '') return;
      this.lines.push(line);
      if (this.lines.length > TAIL_LINES) this.lines.shift();
    });
    this.exited = this.start();
  }

  /** The standard input, once the process runs; undefined if it never started. */
  async stdin(): Promise<Writable | undefined> {
    return (await this.started.promise)?.stdin ?? undefined;
  }

  /** A further pipe by its number, 3 or higher, once the process runs; undefined if it never started. */
  async pipe(number: number): Promise<Duplex | undefined> {
    return ((await this.started.promise)?.stdio[number] as Duplex | null | undefined) ?? undefined;
  }

  /** Ends the process at once. SIGTERM would wait for a full pipe to drain. */
  kill(): void {
    this.killed = true;
    this.command.ffmpegProc?.kill('SIGKILL');
  }

  private start(): Promise<FfmpegExit> {
    const { promise, resolve } = deferred<FfmpegExit>();
    let child: ChildProcess | undefined;
    let failure: Error | undefined;
    const finish = () => resolve({ failure, signal: child?.signalCode ?? undefined, tail: [...this.lines] });
    const settle = (error?: Error) => {
      failure ??= error;
      alive.delete(this);
      this.started.resolve(child);
      // fluent-ffmpeg reports a broken output stream before the process is gone.
      if (child && child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
        child.kill('SIGKILL');
        child.once('exit', finish);
      } else finish();
    };
    this.command.on('start', () => {
      child = this.command.ffmpegProc;
      // A broken pipe is reported by the exit; without a listener it would be an uncaught exception.
      for (const pipe of child?.stdio ?? []) pipe?.on('error', () => undefined);
      this.started.resolve(child);
      if (this.killed) this.kill();
    });
    this.command.on('error', settle);
    this.command.on('end', () => settle());
    alive.add(this);
    this.command.run();
    return promise;
  }
}
