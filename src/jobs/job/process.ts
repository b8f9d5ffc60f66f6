import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A running process, told apart from a later one of the same number. */
export interface ProcessName {
  readonly host: string;
  readonly pid: number;
  /** When it began, in the system's own words; empty where that cannot be known. */
  readonly began: string;
}

/** This process. */
export function thisProcess(): ProcessName {
  return { host: hostname(), pid: process.pid, began: beganAt(process.pid) };
}

/** Whether a process still runs; undefined for one of another machine. */
export function isRunning({ host, pid, began }: ProcessName): boolean | undefined {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It is there, but somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return beganAt(pid) === began;
}

/** When a process began: on Linux in ticks since the machine was started, and which start that was. */
function beganAt(pid: number): string {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The name of the program, in brackets, may hold spaces; the beginning is the 20th field after it.
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      return `${ticks} ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
    }
    if (process.platform === 'win32') return '';
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'latin1' }).trim();
  } catch {
    return '';
  }
}
