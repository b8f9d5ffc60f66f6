import type { WebSocket } from 'ws';
import { messageOf } from '../../errors.js';
import { type EncodedFrame, encodeFrame } from '../protocol/encode-frame.js';
import { Window } from '../show/figures.js';
import type { LiveFrame, Show } from '../show/types.js';
import type { Limits } from './limits.js';
import type { TroubleLog } from './trouble.js';

/** What a viewer asked for in its hello. */
export interface ViewerWish {
  /** Frames that may be on their way unacknowledged. */
  readonly inFlight: number;
  /** Frames a second at most. */
  readonly fps?: number | undefined;
}

/** Figures of the way from the show to the viewers; milliseconds are medians over the last second. */
export interface HubStats {
  readonly viewers: number;
  /** Frames that viewers were too slow for, summed over all viewers since the start. */
  readonly drops: number;
  /** Frames encoded a second. */
  readonly fps: number;
  readonly encode: number;
  /** From captured to handed to the viewers' sockets. */
  readonly total: number;
  /** From handed to a viewer's socket to acknowledged. */
  readonly delivery: number;
}

/** A frame of the show, numbered. */
interface Numbered {
  readonly frame: LiveFrame;
  /** On the wire: rises for ever, while a source that starts again counts from 0. */
  readonly sequence: number;
  /** Counts frames that came out of the show. */
  readonly index: number;
}

/** One viewer and the frames on their way to it. */
export class Viewer {
  /** When each unacknowledged frame was sent, by its number, oldest first. */
  readonly pending = new Map<number, number>();
  sequence = -1;
  index: number;
  drops = 0;
  private due = 0;

  constructor(
    readonly socket: WebSocket,
    private readonly wish: ViewerWish,
    index: number,
  ) {
    this.index = index;
  }

  /** Whether the frame may be sent now. */
  wants(sequence: number, now: number, unsentBytes: number): boolean {
    return (
      sequence > this.sequence &&
      this.pending.size < this.wish.inFlight &&
      now >= this.due &&
      this.socket.bufferedAmount <= unsentBytes
    );
  }

  sent({ sequence }: EncodedFrame, index: number, now: number): void {
    this.pending.set(sequence, now);
    if (this.wish.fps === undefined) this.drops += index - this.index - 1;
    else {
      // Frames come at times of their own: half an interval early is better than a whole one late.
      const interval = 1000 / this.wish.fps;
      this.due = Math.max(this.due + interval, now + interval / 2);
    }
    this.sequence = sequence;
    this.index = index;
  }

  /** Milliseconds that the oldest frame has waited for its acknowledgement. */
  waiting(now: number): number {
    for (const sentAt of this.pending.values()) return now - sentAt;
    return 0;
  }
}

/**
 * Carries a show's frames to its viewers: each frame is encoded at most once, only when a viewer can take it, one at a
 * time, and the newest always wins. A viewer that is slow costs itself frames and nobody else anything.
 *
 * A frame's data must stay as it is after the show gave it out.
 */
export class Hub {
  private readonly viewers = new Set<Viewer>();
  private newest: Numbered | undefined;
  private encoded: { readonly frame: EncodedFrame; readonly index: number } | undefined;
  private encoding = false;
  private departedDrops = 0;
  private readonly encodeMs = new Window();
  private readonly totalMs = new Window();
  private readonly deliveryMs = new Window();
  private readonly unlisten: () => void;

  constructor(
    show: Show,
    private readonly limits: Limits,
    private readonly trouble: TroubleLog,
  ) {
    if (show.newest) this.offer(show.newest);
    this.unlisten = show.onFrame((frame) => this.offer(frame));
  }

  /** Lets a client watch; it gets the newest frame at once. */
  join(socket: WebSocket, wish: ViewerWish): Viewer {
    const viewer = new Viewer(socket, wish, (this.newest?.index ?? 0) - 1);
    this.viewers.add(viewer);
    this.pump();
    return viewer;
  }

  leave(viewer: Viewer): void {
    if (this.viewers.delete(viewer)) this.departedDrops += viewer.drops;
  }

  /** Takes note that a viewer is done with a frame; numbers that were never sent are ignored. */
  acknowledge(viewer: Viewer, sequence: number): void {
    const sentAt = viewer.pending.get(sequence);
    if (sentAt === undefined) return;
    viewer.pending.delete(sequence);
    const now = performance.now();
    this.deliveryMs.add(now - sentAt, now);
    this.pump();
  }

  get stats(): HubStats {
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
    this.unlisten();
    this.viewers.clear();
    this.newest = undefined;
  }

  private offer(frame: LiveFrame): void {
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
      if (viewer.wants(newest.sequence, now, limits.unsentBytes)) {
        void this.encode(newest);
        return;
      }
    }
  }

  private async encode({ frame, sequence, index }: Numbered): Promise<void> {
    this.encoding = true;
    const began = performance.now();
    try {
      this.encoded = { frame: await encodeFrame(frame, sequence), index };
      this.encodeMs.add(performance.now() - began);
      this.deliver();
    } catch (error) {
      this.trouble.say('encode', `A frame could not be encoded: ${messageOf(error)}`);
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
      if (!viewer.wants(frame.sequence, now, limits.unsentBytes)) continue;
      viewer.sent(frame, index, now);
      viewer.socket.send(frame.message, { binary: true });
      this.totalMs.add(performance.timeOrigin + now - frame.capturedAt, now);
    }
  }
}
