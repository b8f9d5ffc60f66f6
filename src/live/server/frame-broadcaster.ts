import type { WebSocket } from 'ws';
import { messageOf } from '../../errors.js';
import { type EncodedFrame, encodeFrame } from '../protocol/encode-frame.js';
import { RollingWindow } from '../show/rolling-window.js';
import type { DeliveryStats, LiveFrame, Show } from '../show/types.js';
import type { Limits } from './access/limits.js';
import type { RateLimitedLog } from './rate-limited-log.js';

/** What a viewer requested in its hello. */
export interface ViewerOptions {
  /** Most frames in flight, sent and not yet acknowledged. */
  readonly inFlight: number;
  /** Maximum frame rate. */
  readonly fps?: number | undefined;
}

/** A frame of the show, numbered. */
interface NumberedFrame {
  readonly frame: LiveFrame;
  /** Sequence number on the wire, which always increases, while that of a restarted source begins at 0. */
  readonly sequence: number;
  /** Index among all frames of the show. */
  readonly index: number;
}

/** One viewer and its frames in flight. */
export class Viewer {
  /** When each unacknowledged frame was sent, by sequence number, oldest first. */
  readonly pending = new Map<number, number>();
  sequence = -1;
  index: number;
  drops = 0;
  private due = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly socket: WebSocket,
    private readonly options: ViewerOptions,
    index: number,
  ) {
    this.index = index;
  }

  /** Whether a frame may be sent now. */
  canReceive(sequence: number, now: number, unsentBytes: number): boolean {
    return (
      sequence > this.sequence &&
      this.pending.size < this.options.inFlight &&
      now >= this.due &&
      this.socket.bufferedAmount <= unsentBytes
    );
  }

  sent({ sequence }: EncodedFrame, index: number, now: number): void {
    this.pending.set(sequence, now);
    if (this.options.fps === undefined) this.drops += index - this.index - 1;
    else {
      // Frame times do not align with the interval: half an interval early is better than a whole one late.
      const interval = 1000 / this.options.fps;
      this.due = Math.max(this.due + interval, now + interval / 2);
    }
    this.sequence = sequence;
    this.index = index;
  }

  /** Calls back when a viewer with a maximum frame rate may have the next frame; there may be none after it. */
  whenDue(callback: () => void, now: number): void {
    if (this.options.fps !== undefined) this.timer = setTimeout(callback, Math.ceil(this.due - now) + 1).unref();
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** Milliseconds that the oldest frame in flight has been waiting for its acknowledgement. */
  waiting(now: number): number {
    for (const sentAt of this.pending.values()) return now - sentAt;
    return 0;
  }
}

/**
 * Sends a show's frames to its viewers. Each frame is encoded at most once, only when a viewer can receive it, one at
 * a time, and the newest always wins. A slow viewer loses frames without affecting others.
 *
 * A frame's data must not change after the show has emitted it.
 */
export class FrameBroadcaster {
  private readonly viewers = new Set<Viewer>();
  private newest: NumberedFrame | undefined;
  private encoded: { readonly frame: EncodedFrame; readonly index: number } | undefined;
  private encoding = false;
  private departedDrops = 0;
  private readonly encodeMs = new RollingWindow();
  private readonly totalMs = new RollingWindow();
  private readonly deliveryMs = new RollingWindow();
  private unlisten: (() => void) | undefined;

  /** @param whileWatched listens to the frames only while there are viewers: those are made for them alone */
  constructor(
    private readonly frames: Pick<Show, 'newest' | 'onFrame'>,
    private readonly limits: Limits,
    private readonly problems: RateLimitedLog,
    private readonly whileWatched = false,
  ) {
    if (!whileWatched) this.listen();
  }

  private listen(): void {
    if (this.frames.newest) this.enqueue(this.frames.newest);
    this.unlisten = this.frames.onFrame((frame) => this.enqueue(frame));
  }

  /** Adds a viewer; it gets the newest frame at once. */
  join(socket: WebSocket, wish: ViewerOptions): Viewer {
    if (this.whileWatched && this.viewers.size === 0) this.listen();
    const viewer = new Viewer(socket, wish, (this.newest?.index ?? 0) - 1);
    this.viewers.add(viewer);
    this.pump();
    return viewer;
  }

  leave(viewer: Viewer): void {
    viewer.close();
    if (this.viewers.delete(viewer)) this.departedDrops += viewer.drops;
    if (!this.whileWatched || this.viewers.size > 0) return;
    this.unlisten?.();
    this.unlisten = undefined;
  }

  /** Records that a viewer is done with a frame; numbers that were never sent are ignored. */
  acknowledge(viewer: Viewer, sequence: number): void {
    const sentAt = viewer.pending.get(sequence);
    if (sentAt === undefined) return;
    viewer.pending.delete(sequence);
    const now = performance.now();
    this.deliveryMs.add(now - sentAt, now);
    this.pump();
  }

  get stats(): DeliveryStats {
    let drops = this.departedDrops;
    for (const viewer of this.viewers) drops += viewer.drops;
    return {
      viewers: this.viewers.size,
      drops,
      fps: this.encodeMs.rate(),
      encode: this.encodeMs.median(),
      total: this.totalMs.median(),
      delivery: this.deliveryMs.median(),
    };
  }

  close(): void {
    this.unlisten?.();
    for (const viewer of this.viewers) viewer.close();
    this.viewers.clear();
    this.newest = undefined;
  }

  private enqueue(frame: LiveFrame): void {
    const { newest } = this;
    const gap = newest ? Math.max(1, frame.sequence - newest.frame.sequence) : 0;
    this.newest = { frame, sequence: (newest?.sequence ?? 0) + gap, index: (newest?.index ?? -1) + 1 };
    this.pump();
  }

  private pump(): void {
    const { newest, encoded, limits } = this;
    if (!newest) return;
    if (encoded && encoded.index === newest.index) {
      this.deliver();
      return;
    }
    if (this.encoding) return;
    const now = performance.now();
    for (const viewer of this.viewers) {
      if (viewer.canReceive(newest.sequence, now, limits.unsentBytes)) {
        void this.encode(newest);
        return;
      }
    }
  }

  private async encode({ frame, sequence, index }: NumberedFrame): Promise<void> {
    this.encoding = true;
    const began = performance.now();
    try {
      this.encoded = { frame: await encodeFrame(frame, sequence, this.encoded?.frame), index };
      this.encodeMs.add(performance.now() - began);
      this.deliver();
    } catch (error) {
      this.problems.log('encode', `A frame could not be encoded: ${messageOf(error)}`);
    }
    this.encoding = false;
    if (this.newest && this.newest.index !== index) this.pump();
  }

  private deliver(): void {
    const { encoded, limits } = this;
    if (!encoded) return;
    const { frame, index } = encoded;
    const now = performance.now();
    for (const viewer of this.viewers) {
      if (!viewer.canReceive(frame.sequence, now, limits.unsentBytes)) continue;
      viewer.sent(frame, index, now);
      viewer.whenDue(() => this.pump(), now);
      viewer.socket.send(frame.message, { binary: true });
      this.totalMs.add(performance.timeOrigin + now - frame.capturedAt, now);
    }
  }
}
