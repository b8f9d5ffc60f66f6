import { fork } from 'node:child_process';
import { messageOf } from '../../errors.js';
import type { StyleSpec } from '../painter/protocol.js';

/** The job of a device probe. */
export interface ProbeJob {
  readonly spec: StyleSpec;
  /** Number of parallel sessions. */
  readonly sessions: number;
  /** RGB24 picture of the size in `spec`. */
  readonly picture: Uint8Array;
  /** How long to measure after the first picture, in milliseconds. */
  readonly measureMs: number;
}

/** The measurements of a probe. */
export interface ProbeMeasurement {
  /** The painted picture, RGB24. */
  readonly result: Uint8Array;
  /** Seconds from the start of the process to the first finished picture. */
  readonly startSeconds: number;
  /** Milliseconds per picture, one at a time: median and 95th percentile. */
  readonly p50: number;
  readonly p95: number;
  /** Pictures per second with all sessions busy. */
  readonly fps: number;
  /** Resident bytes of the process at the end. */
  readonly memory: number;
  /** True when a part of the network ran on the CPU because the device lacks it. */
  readonly mixed: boolean;
}

/** The result of a probe: measurements, or why it failed. */
export type ProbeResult =
  | { readonly measured: ProbeMeasurement; readonly failure?: never }
  | { readonly failure: string; readonly measured?: never };

/** Options of a probe. */
export interface ProbeOptions {
  /** Default 20,000. */
  readonly limitMs?: number;
  /** The child's module. */
  readonly script?: URL;
}

const LIMIT_MS = 20_000;

/**
 * Probes a device in a separate process, so that crashes and hangs do not affect this one.
 *
 * @returns measurements, or why it cannot be used
 */
export function probeDevice(job: ProbeJob, options: ProbeOptions = {}): Promise<ProbeResult> {
  const { limitMs = LIMIT_MS, script = new URL('../workers/probe-child.js', import.meta.url) } = options;
  const child = fork(script, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
  return new Promise((resolve) => {
    const end = (answer: ProbeResult) => {
      clearTimeout(limit);
      process.off('exit', kill);
      kill();
      resolve(answer);
    };
    // A process that hangs in a driver ignores SIGTERM.
    const kill = () => void child.kill('SIGKILL');
    process.on('exit', kill);
    const limit = setTimeout(() => end({ failure: `it did not answer within ${limitMs / 1000} s` }), limitMs);
    child.on('message', (answer: ProbeResult) => end(answer));
    child.on('error', (error) => end({ failure: messageOf(error) }));
    child.on('exit', (code, signal) => end({ failure: `its process crashed (${signal ?? `exit code ${code}`})` }));
    child.send(job, () => undefined);
  });
}

/** Mean absolute difference of two pictures in levels; 255 for different lengths. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return 255;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

/** A synthetic test picture with soft and sharp edges, texture and all levels. RGB24. */
export function testPicture(width: number, height: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 3);
  const radius = Math.min(width, height) / 4;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = Math.hypot(x - width / 3, y - height / 2) < radius ? 90 : 0;
      const texture = 20 * Math.sin(x * 0.37) * Math.sin(y * 0.23 + x * 0.05);
      data[at++] = clamp((255 * x) / width - disc + texture);
      data[at++] = clamp((255 * y) / height + disc / 2 - texture);
      data[at++] = clamp(255 - (255 * (x + y)) / (width + height) + texture);
    }
  }
  return data;
}

const clamp = (level: number) => Math.max(0, Math.min(255, level));
