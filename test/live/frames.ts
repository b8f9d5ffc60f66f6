import { spawn } from 'node:child_process';
import type { Size } from '#src/frame.js';
import type { FrameSource } from '#src/live/show/frame-source.js';
import type { LiveFrame } from '#src/live/show/types.js';
import { wallClock } from '#src/media/live-frame.js';
import { FFMPEG } from '../fixtures/ffmpeg.js';

/** A moving picture from a real ffmpeg in real time; the newest frame wins. Meant for tests of what comes after it. */
export class FrameFeed implements FrameSource {
  dropped = 0;
  state = 'live';
  private readonly ffmpeg;
  private waiting: LiveFrame | undefined;
  private wake = () => {};
  private began: number | undefined;
  private count = 0;

  constructor(
    readonly size: Size,
    fps = 25,
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

  /** Gives no more frames until it is called again. */
  lose(lost: boolean): void {
    this.state = lost ? 'lost' : 'live';
    this.ffmpeg.kill(lost ? 'SIGSTOP' : 'SIGCONT');
  }

  close(): void {
    this.ffmpeg.kill('SIGKILL');
  }

  private arrive(data: Uint8Array<ArrayBuffer>): void {
    if (this.waiting) this.dropped++;
    const sequence = this.count++;
    const capturedAt = wallClock();
    this.began ??= capturedAt;
    this.waiting = { data, ...this.size, channels: 3, sequence, pts: (capturedAt - this.began) / 1000, capturedAt };
    this.wake();
  }
}
