/** A packet as a demuxer gives it, in seconds; undefined where the file does not say. */
export interface PacketTime {
  readonly stream: number;
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  readonly duration: number | undefined;
}

/** What one stream has in a stretch, in seconds of its own time stamps. */
export interface StreamStretch {
  /** Number of its first packet in the stream, from 0. */
  readonly firstPacket: number;
  readonly begin: number;
  readonly end: number;
}

/** A stretch of a file whose time stamps run on. */
export interface Stretch {
  /** Seconds to add to its time stamps, so that it goes on where the one before ends; 0 for the first. */
  readonly offset: number;
  readonly streams: ReadonlyMap<number, StreamStretch>;
}

/** How the time of a file runs. */
export interface Clock {
  /** One where it runs on; more where recordings were joined or the clock was reset. */
  readonly stretches: readonly Stretch[];
  /** Seconds that the last frame is shown, if known. */
  readonly lastFrame: number | undefined;
  /** Seconds from the first time stamp to the end of the last frame or sound, where that was measured. */
  readonly duration: number | undefined;
}

/** Seconds that time stamps of a stream may go back, and forward, before that is a jump: as ffmpeg has it. */
const BACK = 0.1;
const FORWARD = 10;

/** Seconds after which the 33-bit clock of broadcasts wraps. */
const WRAP = 2 ** 33 / 90_000;

interface Running {
  stretch: number;
  packets: number;
  last: number;
  /** When the next packet is due. */
  next: number;
  /** Seconds that ffmpeg adds from the last wrap on. */
  unwrapped: number;
}

/** Finds the stretches of a file, from its packets in the order in which they lie in it. */
export class ClockReader {
  private readonly streams = new Map<number, Running>();
  private readonly stretches: Map<number, { firstPacket: number; begin: number; end: number }>[] = [new Map()];
  private lastShown: { pts: number; duration: number | undefined } | undefined;

  /**
   * @param steady streams that go on all the time: picture and sound. Others, such as subtitles, follow them
   * @param video the one whose last frame is of interest
   */
  constructor(
    private readonly steady: ReadonlySet<number>,
    private readonly video: number,
  ) {}

  /** Takes the next packet. */
  packet({ stream, pts, dts, duration }: PacketTime): void {
    const { NaN: none } = Number;
    const running = this.streams.get(stream) ?? { stretch: -1, packets: 0, last: none, next: none, unwrapped: 0 };
    this.streams.set(stream, running);
    const number = running.packets++;
    const told = dts ?? pts;
    if (told === undefined) return;
    const time = unwrap(running, told);
    running.stretch = this.stretchOf(stream, running, time);
    running.last = time;
    running.next = time + (duration ?? 0);
    const begin = time + (pts ?? told) - told;
    const end = begin + (duration ?? 0);
    const known = this.stretches[running.stretch]!.get(stream);
    if (!known) this.stretches[running.stretch]!.set(stream, { firstPacket: number, begin, end });
    else {
      known.begin = Math.min(known.begin, begin);
      known.end = Math.max(known.end, end);
    }
    if (stream === this.video && (known === undefined || begin >= (this.lastShown?.pts ?? begin))) {
      this.lastShown = { pts: begin, duration };
    }
  }

  /** How the clock runs, once all packets are read. */
  read(): Clock {
    const stretches: Stretch[] = [];
    for (const streams of this.stretches) stretches.push({ offset: offsetAfter(stretches, streams), streams });
    const ends = stretches.flatMap(({ offset, streams }) => [...streams.values()].map(({ end }) => end + offset));
    const begins = [...(stretches[0]?.streams.values() ?? [])].map(({ begin }) => begin);
    return {
      stretches,
      lastFrame: this.lastShown?.duration,
      duration: begins.length > 0 ? Math.max(...ends) - Math.min(...begins) : undefined,
    };
  }

  /** The stretch that a packet belongs to; a new one is begun where the stream jumps. */
  private stretchOf(stream: number, { stretch, last }: Running, time: number): number {
    const newest = this.stretches.length - 1;
    if (!this.steady.has(stream) || stretch < 0) {
      // It says nothing of the clock itself: the newest stretch that its time lies in, or the newest of all.
      for (let n = newest; n > Math.max(0, stretch); n--) if (this.isIn(n, time)) return n;
      return Math.max(0, stretch < 0 && newest > 0 && !this.isIn(0, time) ? newest : stretch);
    }
    const back = time < last - BACK;
    if (!back && (time <= last + FORWARD || this.isIn(stretch, time))) return stretch;
    for (let n = stretch + 1; n <= newest; n++) if (this.isIn(n, time)) return n;
    this.stretches.push(new Map());
    return newest + 1;
  }

  /** Whether a time lies in what is known of a stretch, or not far from it. */
  private isIn(stretch: number, time: number): boolean {
    return [...this.stretches[stretch]!.entries()].some(
      ([stream, { begin, end }]) => this.steady.has(stream) && time >= begin - FORWARD && time <= end + FORWARD,
    );
  }
}

/**
 * A time as ffmpeg has it, which goes on where a clock of 33 bits wraps, and counts from there from then on. A wrap in
 * the first stretch is undone before, by its demuxer.
 */
function unwrap(running: Running, told: number): number {
  const time = told + running.unwrapped;
  if (!(Math.abs(time + WRAP - running.next) < Math.abs(time - running.next) / 10)) return time;
  running.unwrapped += running.next - time;
  return running.next;
}

/** The least offset with which no stream of a stretch begins before its predecessor has ended. */
function offsetAfter(before: readonly Stretch[], streams: ReadonlyMap<number, StreamStretch>): number {
  if (before.length === 0) return 0;
  const endOf = (stream: number) => {
    const last = before.findLast((stretch) => stretch.streams.has(stream));
    return last && last.streams.get(stream)!.end + last.offset;
  };
  const offsets = [...streams].flatMap(([stream, { begin }]) => {
    const end = endOf(stream);
    return end === undefined ? [] : end - begin;
  });
  if (offsets.length > 0) return Math.max(...offsets);
  const ends = before.flatMap(({ offset, streams: all }) => [...all.values()].map(({ end }) => end + offset));
  return Math.max(...ends) - Math.min(...[...streams.values()].map(({ begin }) => begin));
}

/** Follows the frames of a video stream in the order shown, and gives their times on the mended clock. */
export class FrameClock {
  private at = 0;
  private last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly stretches: readonly Stretch[],
    private readonly stream: number,
  ) {}

  /** Seconds to add to a frame's time stamp of so many seconds. */
  offset(time: number): number {
    const back = time < this.last - BACK;
    if (back || !this.holds(this.at, time)) {
      // Decoders guess the time of a frame at a joint: it may lie a little outside.
      const next = this.stretches.findIndex((_, n) => n > this.at && this.holds(n, time, back ? 1 : 0));
      if (next > 0) this.at = next;
    }
    this.last = time;
    return this.stretches[this.at]?.offset ?? 0;
  }

  private holds(n: number, time: number, slack = 0): boolean {
    const part = this.stretches[n]?.streams.get(this.stream);
    return part !== undefined && time >= part.begin - slack - 1e-3 && time <= part.end + slack + 1e-3;
  }
}
