import { StylecastError } from '../errors.js';

/** Progress shown by the bar. */
interface Progress {
  readonly frames: number;
  readonly total: number | undefined;
  readonly fps: number;
  readonly left: number | undefined;
  readonly bottleneck: string;
}

/** Reports the progress of a command: a bar and lines for people on stderr, JSON lines for programs on stdout. */
export class ProgressReport {
  private bar = false;

  constructor(private readonly options: { readonly json?: boolean; readonly quiet?: boolean }) {}

  /** Progress of a video. */
  readonly progress = (progress: Progress): void => {
    const { frames, total, fps, left, bottleneck } = progress;
    const parts = [total === undefined ? `${frames} frames` : `${frames}/${total}`, `${fps.toFixed(1)} fps`];
    if (left !== undefined) parts.push(`${clock(left)} left`);
    parts.push(`waiting for: ${bottleneck}`);
    this.status({ ...progress }, total && frames / total, parts);
  };

  /** Reports the status of any work: a value for programs; for people the share done, if known, and a few words. */
  status(value: object, share: number | undefined, parts: readonly string[]): void {
    if (this.options.json) this.line({ type: 'progress', ...value });
    else if (!this.options.quiet && process.stderr.isTTY) {
      this.bar = true;
      process.stderr.write(`\r${draw(share, parts, process.stderr.columns || 80)}\u001b[K`);
    }
  }

  readonly note = (text: string): void => {
    if (this.options.json) this.line({ type: 'note', text });
    else if (!this.options.quiet) this.say(`note: ${text}`);
  };

  /** Reports an event while a command runs: a line for programs; for people the status, if there is one. */
  event(type: string, value: object, status?: readonly string[]): void {
    if (this.options.json) this.line({ type, ...value });
    else if (status) this.status({}, undefined, status);
  }

  /** Lines for people only. */
  tell(text: string): void {
    if (!this.options.json && !this.options.quiet) this.say(text);
  }

  /** Reports the result. */
  result(value: object, text: string): void {
    if (this.options.json) this.line({ type: 'result', ...value });
    else if (!this.options.quiet) this.say(text);
  }

  private say(text: string): void {
    if (this.bar) process.stderr.write('\r\u001b[K');
    this.bar = false;
    process.stderr.write(`${text}\n`);
  }

  private line(value: object): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}

/** Prints an error, its hint, and sets the exit code. A stack is shown only for bugs in stylecast itself. */
export function fail(error: unknown, json: boolean): void {
  process.exitCode = 1;
  const known = error instanceof StylecastError;
  if (json) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const value = known ? { code: error.code, message, hint: error.hint } : { code: 'INTERNAL', message, stack };
    process.stdout.write(`${JSON.stringify({ type: 'error', ...value })}\n`);
  } else if (known) {
    process.stderr.write(
      `\r\u001b[Kstylecast: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`.replace(
        process.stderr.isTTY ? '' : '\r\u001b[K',
        '',
      ),
    );
  } else {
    process.stderr.write(`stylecast: something went wrong inside stylecast; please report it with these lines.\n`);
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
}

/** A second signal within this time is the same one: npx forwards signals that the terminal has already sent to all. */
const SAME_MS = 300;

/** Default message after the first Ctrl-C. */
const STOPPING = 'stopping: finishing what was done so far. Ctrl-C again stops at once.';

/**
 * An abort signal that the first Ctrl-C (or SIGTERM, or the terminal's closing) fires; the second ends the process at
 * once.
 */
export function interruptible(report: ProgressReport, stopping = STOPPING): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const stop = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      first = performance.now();
      report.note(stopping);
      controller.abort();
    } else if (performance.now() - first > SAME_MS) dieOf(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return controller.signal;
}

/** Ends the process as a signal would. `process.exit` would end threads inside the runtime, which aborts noisily. */
export function dieOf(signal: NodeJS.Signals): void {
  // The exit handlers end ffmpeg and remove unfinished files.
  process.emit('exit', 130);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function draw(share: number | undefined, parts: readonly string[], columns: number): string {
  if (share === undefined) return parts.join('  ').slice(0, columns - 1);
  // An estimated total may be exceeded.
  const done = Math.min(1, share);
  const text = [`${Math.floor(done * 100)} %`, ...parts].join('  ');
  const width = Math.min(24, columns - text.length - 4);
  if (width < 5) return text.slice(0, columns - 1);
  const full = Math.round(done * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}  ${text}`;
}

/** Seconds as m:ss or h:mm:ss. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
