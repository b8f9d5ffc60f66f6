import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { askFfprobe, FFMPEG } from '../fixtures/ffmpeg.js';
import { make } from '../fixtures/made.js';

/** The command as it is installed. */
export const LAUNCH = fileURLToPath(new URL('../../src/cli/launch.js', import.meta.url));

/** A fresh folder that is removed after the file's tests. */
export function freshFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stylecast-cli-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function ffmpeg(cwd: string, ...args: string[]): void {
  execFileSync(FFMPEG, ['-v', 'error', '-nostdin', '-y', ...args], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A clip with sound: 160x90 at 25 frames a second. */
export function makeClip(cwd: string, name: string, seconds = 1, size = '160x90'): void {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=sample_rate=48000:duration=${seconds}`];
  make(join(cwd, name), ...picture, ...sound, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p');
}

/** One field of every stream, and the number of video frames that can be decoded. */
export function look(path: string): { frames: number; width: number; height: number; video: number; audio: number } {
  const out = askFfprobe(
    ...['-count_frames', '-of', 'json'],
    ...['-show_entries', 'stream=codec_type,nb_read_frames,width,height,duration', path],
  );
  const { streams } = JSON.parse(out) as { streams: Record<string, string>[] };
  const video = streams.find((s) => s.codec_type === 'video')!;
  const audio = streams.find((s) => s.codec_type === 'audio');
  return {
    frames: Number(video.nb_read_frames),
    width: Number(video.width),
    height: Number(video.height),
    video: Number(video.duration),
    audio: Number(audio?.duration),
  };
}

/** Writes a preset into `presets` of a folder, where the command finds it by name. */
export function makePreset(cwd: string, name: string, model: Uint8Array, change: object = {}): string {
  const folder = join(cwd, 'presets', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), model);
  const manifest = {
    format: 1,
    name,
    tier: 'lite',
    model: { sha256: createHash('sha256').update(model).digest('hex'), bytes: model.length },
    input: { name: 'image' },
    output: { name: 'stylized' },
    ...change,
  };
  writeFileSync(join(folder, 'preset.json'), JSON.stringify(manifest));
  return folder;
}

/** How a run of the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when a progress line tells of so many frames; needs `--json`. */
  readonly frames: (count: number) => Promise<void>;
  readonly stdout: () => string;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly detached?: boolean;
}

/** Starts the command as a process of its own. */
export function start(cwd: string, args: readonly string[], options: RunOptions = {}): Running {
  const { env, ...rest } = options;
  const child = spawn(process.execPath, [LAUNCH, ...args], {
    cwd,
    env: { ...process.env, STYLECAST_HOME: join(cwd, 'home'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...rest,
  });
  let stdout = '';
  let stderr = '';
  let tell = () => {};
  child.stdout?.on('data', (data) => {
    stdout += data;
    tell();
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
      tell();
    });
  });
  const frames = async (count: number) => {
    const done = () => jsonLines(stdout).some((line) => line.type === 'progress' && Number(line.frames) >= count);
    while (!done()) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${stderr}${stdout}`);
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    }
  };
  return { child, ended, frames, stdout: () => stdout };
}

/** Runs the command to its end. */
export function run(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(cwd, args, options).ended;
}

/** Whole lines of JSON; throws where a line is none. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Everything below a folder. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

/** Processes that still run in a folder: what a run of the command has left behind. */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false;
      }
    });
}

/** The command line of a process. */
export function commandOf(pid: number): string {
  try {
    return execFileSync('cat', [`/proc/${pid}/cmdline`])
      .toString()
      .replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
