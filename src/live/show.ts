import { DEVICE_TABLE, type RealDevice } from '../engine/devices.js';
import type { LivePainter, Look } from '../engine/live-painter.js';
import { messageOf } from '../errors.js';
import type { Size } from '../frame.js';
import { wallClock } from '../media/live-frame.js';
import { FADE_MS, Fade, weightsOf } from './fade.js';
import { Window } from './figures.js';
import type { Gallery } from './gallery.js';
import { begin, type Governed, govern } from './governor.js';
import { checkSettings } from './settings.js';
import { Stage } from './stage.js';
import type { LiveFrame, LiveSettings, LiveStats, Show, StyleCard } from './types.js';

/** How often the last picture is repeated while the source is lost. */
const REPEAT_MS = 200;

/** Where frames come from: a `LiveSource`, or anything that gives the newest frame when asked. */
export interface FrameSource {
  readonly size: Size;
  /** Frames that were not taken in time. */
  readonly dropped: number;
  readonly state: string;
  /** The newest frame not yet taken; waits for one; undefined when there will be none any more. */
  next(): Promise<LiveFrame | undefined>;
  /** Takes a picture of a browser's camera. */
  feed?(jpeg: Uint8Array, capturedAt: number): void;
}

/** What a show is made of. */
export interface ShowOptions {
  readonly source: FrameSource;
  readonly painter: LivePainter;
  readonly gallery: Gallery;
  readonly settings: LiveSettings;
  /** Frames a second to be kept. */
  readonly fps: number;
  /** Height in pixels that the network begins at, at most. */
  readonly firstHeight?: number;
  /** CPU threads, for the figures. */
  readonly threads: number;
  /** Told what the user should know: one line each. */
  readonly onNote?: (note: string) => void;
}

/** What only the server knows. */
const UNSENT = { encode: 0, total: 0, delivery: 0 };

/**
 * The loop of a live show: the newest frame of the source, through the network, to everyone who listens. One frame is
 * being painted at any time and one waits at the source, so that the delay never grows.
 */
export class LiveShow implements Show {
  /** Asked once a second. */
  outputStates: () => Readonly<Record<string, string>> = () => ({});

  private readonly stage: Stage;
  private readonly fade = new Fade();
  private readonly frameListeners = new Set<(frame: LiveFrame) => void>();
  private readonly settingsListeners = new Set<(settings: LiveSettings) => void>();
  private readonly statsListeners = new Set<() => void>();
  private readonly windows = { in: new Window(), out: new Window(), wait: new Window(), paint: new Window() };
  private readonly maskTimes = new Window();
  private current: LiveSettings;
  private figures: LiveStats;
  private governed: Governed;
  private shown: LiveFrame | undefined;
  private shownAt = 0;
  private repeats = 0;
  private closing = false;
  private droppedBefore = 0;
  private trouble = '';

  private constructor(private readonly options: ShowOptions) {
    const { source, painter, gallery, settings, firstHeight } = options;
    this.current = settings;
    this.governed = begin(this.asked, firstHeight);
    const { onNote = () => undefined } = options;
    this.stage = new Stage(painter, gallery, source.size, this.governed.height, onNote);
    this.figures = this.measure();
  }

  /**
   * Loads what the settings name.
   *
   * @throws OptionError when a setting is out of range; StylecastError when a style cannot be used
   */
  static async open(options: ShowOptions): Promise<LiveShow> {
    checkSettings(options.settings);
    const show = new LiveShow(options);
    await show.stage.add(named(options.settings));
    show.fade.aim(weightsOf(options.settings), performance.now(), true);
    return show;
  }

  get settings(): LiveSettings {
    return this.current;
  }

  get stats(): LiveStats {
    return this.figures;
  }

  get styles(): readonly StyleCard[] {
    return this.options.gallery.cards;
  }

  get newest(): LiveFrame | undefined {
    return this.shown;
  }

  thumbnail(name: string): string | undefined {
    return this.options.gallery.thumbnail(name);
  }

  feed(jpeg: Uint8Array, capturedAt: number): void {
    this.options.source.feed?.(jpeg, capturedAt);
  }

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return listen(this.frameListeners, listener);
  }

  onSettings(listener: (settings: LiveSettings) => void): () => void {
    return listen(this.settingsListeners, listener);
  }

  /** Called once a second, when there are new figures. Returns how to stop listening. */
  onStats(listener: () => void): () => void {
    return listen(this.statsListeners, listener);
  }

  async change(wanted: Partial<LiveSettings>): Promise<LiveSettings> {
    checkSettings(wanted);
    // What needs no loading is in force at once, also while another style is on its way.
    for (;;) {
      const missing = named({ ...this.current, ...wanted }).filter((name) => !this.stage.has(name));
      if (missing.length === 0) break;
      await this.stage.add(missing);
    }
    const before = this.current;
    this.current = { ...before, ...wanted };
    const { style, second, blend } = this.current;
    if (style !== before.style || second !== before.second || blend !== before.blend) {
      this.fade.aim(weightsOf(this.current), performance.now());
      setTimeout(() => this.clear(), 2 * FADE_MS).unref();
    }
    if (this.current.height !== before.height) this.reconsider();
    for (const listener of this.settingsListeners) listener(this.current);
    return this.current;
  }

  /** Runs until the source has ended or the show is closed. Rejects when painting is no longer possible at all. */
  async run(): Promise<void> {
    const clock = setInterval(() => this.second(), 1000);
    try {
      for (;;) {
        const frame = await this.next();
        if (!frame || this.closing) return;
        await this.take(frame);
      }
    } finally {
      clearInterval(clock);
    }
  }

  /** Ends the loop after the frame it is at. Source and painter belong to the caller. */
  close(): void {
    this.closing = true;
  }

  /** The next frame of the source. While it is lost, its last picture goes out again so that no stream starves. */
  private async next(): Promise<LiveFrame | undefined> {
    const timer = setInterval(() => {
      if (this.options.source.state === 'lost') this.repeat();
    }, REPEAT_MS);
    try {
      return await this.options.source.next();
    } finally {
      clearInterval(timer);
    }
  }

  private async take(frame: LiveFrame): Promise<void> {
    const started = performance.now();
    this.windows.in.add(1, started);
    this.windows.wait.add(wallClock() - frame.capturedAt, started);
    if (this.current.paused && this.shown) {
      const { data, width, height, channels } = this.shown;
      return this.emit({ ...frame, data, width, height, channels });
    }
    const look = this.look(started);
    const painted = await this.paint(frame, look);
    if (!painted) return;
    this.windows.paint.add(performance.now() - started);
    if (painted.maskMs !== undefined) this.maskTimes.add(painted.maskMs);
    this.emit({ ...frame, data: painted.data, channels: painted.channels });
  }

  /** Paints; a network that fails gives way to the source, with one line. */
  private async paint(frame: LiveFrame, look: Look) {
    try {
      return await this.options.painter.paint(frame.data, look);
    } catch (error) {
      if (this.closing) return undefined;
      const plain = look.styles.length === 0 && look.mask === 'none';
      if (plain) throw error;
      this.say(`${messageOf(error)} The picture is shown as it is.`);
      await this.change({ style: null, second: null, mask: 'none' });
      this.fade.aim({}, performance.now(), true);
      return undefined;
    }
  }

  private look(at: number): Look {
    const { strength, keepColors, mirror, mask } = this.current;
    const styles = Object.entries(this.fade.weights(at)).map(([name, weight]) => ({ name, weight }));
    return { styles, strength, keepColors, mirror, mask };
  }

  private repeat(): void {
    if (!this.shown) return;
    this.repeats++;
    const elapsed = (performance.now() - this.shownAt) / 1000;
    const { sequence, pts } = this.shown;
    this.send({ ...this.shown, sequence: sequence + 1, pts: pts + elapsed, capturedAt: wallClock() });
  }

  /** Numbers go on where repeated pictures were put in between; times are those of the source's sound. */
  private emit(frame: LiveFrame): void {
    if (this.shown && frame.pts <= this.shown.pts) return;
    this.send({ ...frame, sequence: frame.sequence + this.repeats });
  }

  private send(frame: LiveFrame): void {
    this.shown = frame;
    this.shownAt = performance.now();
    this.windows.out.add(1, this.shownAt);
    for (const listener of this.frameListeners) listener(frame);
  }

  private clear(): void {
    const needed = () => [...this.fade.names, ...named(this.current)];
    this.stage.keep(needed).catch((error) => this.say(messageOf(error)));
  }

  /** Height that the network may work at, at most. */
  private get asked(): number {
    return Math.min(this.current.height, this.options.source.size.height);
  }

  /** Another height was asked for: from now on that is the limit. */
  private reconsider(): void {
    this.governed = begin(this.asked, Math.min(this.asked, this.options.firstHeight ?? this.asked));
    this.resize();
  }

  private resize(): void {
    const { height } = this.governed;
    this.stage.resize(height).then(
      () => {
        this.windows.paint.clear();
      },
      (error) => {
        this.governed = { ...this.governed, height: this.stage.lines };
        this.say(`The network goes on at ${this.stage.lines} lines: ${messageOf(error)}`);
      },
    );
  }

  /** Once a second: the governor decides, and everyone is told how it goes. */
  private second(): void {
    const at = performance.now();
    const { fps, source } = this.options;
    this.figures = this.measure();
    this.droppedBefore = source.dropped;
    const painting = this.look(at).styles.length > 0 && this.current.strength > 0 && !this.current.paused;
    const fading = this.fade.fading(at);
    const enough = this.windows.paint.count(at) > 0;
    if (painting && enough && !fading && !this.stage.busy) {
      const before = this.governed.height;
      this.governed = govern(this.governed, { fps, paintMs: this.windows.paint.median(at) }, this.asked);
      const { height } = this.governed;
      if (height !== before) {
        const why = height < before ? `to keep ${round(fps)} fps` : 'as there is time to spare';
        this.say(`The network works at ${height} lines instead of ${before} ${why}.`);
        this.resize();
      }
    }
    for (const listener of this.statsListeners) listener();
  }

  private measure(): LiveStats {
    const at = performance.now();
    const { source, threads } = this.options;
    const { windows, maskTimes } = this;
    const mask = maskTimes.count(at) > 0 ? { mask: maskTimes.median(at) } : {};
    return {
      fpsIn: windows.in.rate(at) + source.dropped - this.droppedBefore,
      fpsOut: windows.out.rate(at),
      latency: { wait: windows.wait.median(at), paint: windows.paint.median(at), ...mask, ...UNSENT },
      drops: { source: source.dropped, viewers: 0 },
      viewers: 0,
      controllers: 0,
      device: deviceLabel(this.stage.device, threads),
      picture: source.size,
      working: this.stage.working,
      source: source.state,
      outputs: this.outputStates(),
    };
  }

  private say(note: string): void {
    if (note !== this.trouble) this.options.onNote?.(note);
    this.trouble = note;
  }
}

/** The styles that settings name, whatever their weight. */
function named({ style, second }: LiveSettings): string[] {
  return [style, second].filter((name) => name !== null);
}

/** What computes, as a user would say it. */
function deviceLabel(device: RealDevice | undefined, threads: number): string {
  if (device === undefined) return 'nothing yet';
  if (device === 'cpu') return `CPU (${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  return `${DEVICE_TABLE[device].gpu ? 'GPU' : 'CPU'} (${device})`;
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const round = (value: number) => Math.round(value * 10) / 10;
