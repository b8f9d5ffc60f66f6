import { spawn } from 'node:child_process';
import type { Size } from '#src/frame.js';
import type { FrameSource } from '#src/live/show.js';
import type { LiveFrame } from '#src/live/types.js';
import { FFMPEG } from '../fixtures/ffmpeg.js';

/** A moving picture from a real ffmpeg in real time; the newest frame wins. Meant for tests of what comes after it. */
export class FrameFeed implements FrameSource {
  dropped = 0;
  state = 'live';
  private readonly ffmpeg;
  private waiting: LiveFrame | undefined;
  private wake = () => {};
  private count = 0;

  constructor(
    readonly size: Size,
    readonly fps = 25,
    graph = `testsrc2=size=${size.width}x${size.height}:rate=${fps}`,
  ) {
    const args = ['-v', 'error', '-re', '-f', 'lavfi', '-i', graph, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
    this.ffmpeg = spawn(FFMPEG, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const bytes = size.width * size.height * 3;
    let frame = new Uint8Array(bytes);
    let filled = 0;
    this.ffmpeg.stdout.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + bytes - filled);
        frame.set(part, filled);
        at += part.length;
        filled += part.length;
        if (filled < bytes) continue;
        this.arrive(frame);
        frame = new Uint8Array(bytes);
        filled = 0;
      }
    });
    this.ffmpeg.on('close', () => {
      this.state = 'ended';
      this.wake();
    });
  }

  async next(): Promise<LiveFrame | undefined> {
    while (!this.waiting && this.state !== 'ended') {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const frame = this.waiting;
    this.waiting = undefined;
    return frame;
  }

  /** Stops ffmpeg where it is, so that no more frames come, and lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.ffmpeg.kill(signal);
  }

  close(): void {
    this.ffmpeg.kill('SIGKILL');
  }

  private arrive(data: Uint8Array<ArrayBuffer>): void {
    if (this.waiting) this.dropped++;
    const sequence = this.count++;
    const capturedAt = performance.timeOrigin + performance.now();
    this.waiting = { data, ...this.size, channels: 3, sequence, pts: sequence / this.fps, capturedAt };
    this.wake();
  }
}
