import type { LivePainter, Look } from '../../engine/painter/live-painter.js';
import { messageOf } from '../../errors.js';
import type { MaskClip } from '../../media/files/mask-clip.js';
import { wallClock } from '../../media/live-frame.js';
import { networkOf } from '../../model/blend.js';
import type { Gallery } from '../settings/gallery.js';
import { checkMask, checkSettings, FOUND_MASKS, MASK_MODES } from '../settings/settings.js';
import type { FrameSource } from '../show/frame-source.js';
import { listen } from '../show/listen.js';
import type { LiveFrame, LiveSettings, LiveStats, Show, StyleCard } from '../show/types.js';
import { deviceLabel } from './device-label.js';
import { FADE_MS, Fade, fineWeightsOf, outsideWeightsOf, stylesOf, weightsOf } from './fade.js';
import { LoadedStyles } from './loaded-styles.js';
import { PerformanceMeter } from './performance-meter.js';
import { WorkingHeight } from './working-height.js';

/** Settings whose changes cross-fade. */
const FADING = ['style', 'second', 'blend', 'fine'] as const;

/** Milliseconds between repeats of the last picture while the source is lost. */
const REPEAT_MS = 200;

/** Options of `LiveShow`. */
export interface ShowOptions {
  readonly source: FrameSource;
  readonly painter: LivePainter;
  readonly gallery: Gallery;
  readonly settings: LiveSettings;
  /** The mask for mode `picture`; without it that mode is not available. */
  readonly mask?: Pick<MaskClip, 'at'> | undefined;
  /** Frame rate to sustain. */
  readonly fps: number;
  /** Largest height in pixels that the network starts at. */
  readonly firstHeight?: number;
  /** CPU threads, for the statistics. */
  readonly threads: number;
  /** Called with what the user should know, one line each. */
  readonly onNote?: (note: string) => void;
}

/**
 * The loop of a live show: takes the newest frame of the source, paints it, and passes it to all listeners. One frame
 * is being painted at any time and one waits at the source, so that the delay never grows.
 */
export class LiveShow implements Show {
  /** Called once a second. */
  outputStates: () => Readonly<Record<string, string>> = () => ({});

  /** Called with every frame before it is painted; must return at once and copy what it keeps. */
  watch: ((frame: LiveFrame) => void) | undefined;

  private readonly loadedStyles: LoadedStyles;
  private readonly fade = new Fade();
  /** Fades the weights of the fine layers (edges and colours) among the styles of one network. */
  private readonly fineFade = new Fade();
  /** Fades the style outside the mask. */
  private readonly outsideFade = new Fade();
  private readonly frameListeners = new Set<(frame: LiveFrame) => void>();
  private readonly settingsListeners = new Set<(settings: LiveSettings) => void>();
  private readonly statsListeners = new Set<() => void>();
  private readonly meter = new PerformanceMeter();
  private readonly height: WorkingHeight;
  private current: LiveSettings;
  /** Settings that were switched off because a network failed. */
  private suspended: Partial<LiveSettings> = {};
  private figures: LiveStats;
  private shown: LiveFrame | undefined;
  /** Time of the first frame, which is time zero of the mask. */
  private beganAt: number | undefined;
  private shownAt = 0;
  private repeats = 0;
  private closing = false;
  private lastNote = '';

  private constructor(private readonly options: ShowOptions) {
    const { source, painter, gallery, settings, firstHeight, fps } = options;
    this.current = settings;
    const say = (note: string) => this.note(note);
    const changed = () => this.meter.resetPainting();
    this.height = new WorkingHeight(this.maxHeight, firstHeight ?? this.maxHeight, fps, changed, say);
    this.loadedStyles = new LoadedStyles(painter, gallery, source.size, this.height.lines, say);
    this.figures = this.measure();
  }

  /**
   * Loads the styles that the settings name.
   *
   * @throws OptionError when a setting is out of range; StylecastError when a style cannot be used
   */
  static async open(options: ShowOptions): Promise<LiveShow> {
    checkSettings(options.settings);
    checkMask(options.settings, options.mask !== undefined);
    const show = new LiveShow(options);
    await show.loadedStyles.add(stylesOf(options.settings));
    show.fadeToSettings(0);
    show.outsideFade.fadeTo(outsideWeightsOf(options.settings), performance.now(), 0);
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

  get masks(): Show['masks'] {
    return this.options.mask ? MASK_MODES : FOUND_MASKS;
  }

  get newest(): LiveFrame | undefined {
    return this.shown;
  }

  thumbnail(name: string): string | undefined {
    return this.options.gallery.thumbnail(name);
  }

  get feed(): Show['feed'] {
    return this.options.source.feed;
  }

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return listen(this.frameListeners, listener);
  }

  onSettings(listener: (settings: LiveSettings) => void): () => void {
    return listen(this.settingsListeners, listener);
  }

  /** Called once a second, when there are new statistics. Returns a function that removes the listener. */
  onStats(listener: () => void): () => void {
    return listen(this.statsListeners, listener);
  }

  /** The settings to save for the next run, including those that were switched off because a network failed. */
  get settingsToSave(): LiveSettings {
    return { ...this.current, ...this.suspended };
  }

  async change(wanted: Partial<LiveSettings>): Promise<LiveSettings> {
    const left = Object.entries(this.suspended).filter(([name]) => !(name in wanted));
    return this.apply(wanted, Object.fromEntries(left));
  }

  private async apply(
    wanted: Partial<LiveSettings>,
    withdrawn: Partial<LiveSettings>,
    lasts = FADE_MS,
  ): Promise<LiveSettings> {
    checkSettings(wanted);
    checkMask(wanted, this.options.mask !== undefined);
    // Settings that need no loading take effect at once, also while another style is being loaded.
    for (;;) {
      const missing = stylesOf({ ...this.current, ...wanted }).filter((name) => !this.loadedStyles.has(name));
      if (missing.length === 0) break;
      await this.loadedStyles.add(missing);
    }
    const before = this.current;
    this.current = { ...before, ...wanted };
    this.suspended = withdrawn;
    const { outside, mask } = this.current;
    const parted = outside !== before.outside || mask !== before.mask;
    if (parted) this.outsideFade.fadeTo(outsideWeightsOf(this.current), performance.now());
    if (parted || FADING.some((name) => this.current[name] !== before[name])) {
      this.fadeToSettings(lasts);
      setTimeout(() => this.unloadUnused(), 2 * lasts).unref();
    }
    this.height.setLimit(this.loadedStyles, this.maxHeight);
    for (const listener of this.settingsListeners) listener(this.current);
    return this.current;
  }

  /** Runs until the source has ended or the show is closed. Rejects when painting is no longer possible at all. */
  async run(): Promise<void> {
    const clock = setInterval(() => this.everySecond(), 1000);
    try {
      for (;;) {
        const frame = await this.next();
        if (!frame || this.closing) return;
        await this.processFrame(frame);
      }
    } finally {
      clearInterval(clock);
    }
  }

  /** Ends the loop after the current frame. Source and painter belong to the caller. */
  close(): void {
    this.closing = true;
  }

  /**
   * The next frame of the source. While it is lost, the last picture is repeated, so that outputs keep receiving
   * frames.
   */
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

  private async processFrame(frame: LiveFrame): Promise<void> {
    const started = performance.now();
    this.meter.taken(wallClock() - frame.capturedAt);
    if (this.current.paused && this.shown) {
      const { data, width, height, channels } = this.shown;
      return this.emit({ ...frame, data, width, height, channels });
    }
    this.beganAt ??= frame.pts;
    this.watch?.(frame);
    const given = this.current.mask === 'picture' ? await this.options.mask?.at(frame.pts - this.beganAt) : undefined;
    const look = { ...this.look(started), given };
    const painted = await this.paint(frame, look);
    if (!painted) return;
    this.meter.painted(performance.now() - started, painted.maskMs);
    this.emit({ ...frame, data: painted.data, channels: painted.channels });
  }

  /** Paints a frame; when the network fails, shows the source instead and notes it. */
  private async paint(frame: LiveFrame, look: Look) {
    try {
      return await this.options.painter.paint(frame.data, look);
    } catch (error) {
      if (this.closing) return undefined;
      const plain = look.styles.length === 0 && look.mask === 'none';
      if (plain) throw error;
      this.note(`${messageOf(error)} The picture is shown as it is.`);
      const { style, second, mask, outside } = this.current;
      const nothing = { style: null, second: null, mask: 'none', outside: null } as const;
      await this.apply(nothing, { style, second, mask, outside, ...this.suspended });
      this.fadeToSettings(0, {}, {});
      this.outsideFade.fadeTo({}, performance.now(), 0);
      return undefined;
    }
  }

  private look(at: number): Look & Required<Pick<Look, 'outside'>> {
    const { strength, keepColors, mirror, mask, truncation } = this.current;
    const [coarse, fine] = [this.fade.weights(at), this.fineFade.weights(at)];
    const names = Object.keys({ ...coarse, ...fine });
    const styles = names.map((name) => ({ name, weight: coarse[name] ?? 0, fine: fine[name] ?? 0 }));
    const outside = Object.entries(this.outsideFade.weights(at)).map(([name, weight]) => ({ name, weight }));
    return { styles, outside, truncation, strength, keepColors, mirror, mask };
  }

  private repeat(): void {
    if (!this.shown) return;
    this.repeats++;
    const elapsed = (performance.now() - this.shownAt) / 1000;
    const { sequence, pts } = this.shown;
    this.send({ ...this.shown, sequence: sequence + 1, pts: pts + elapsed, capturedAt: wallClock() });
  }

  /** Sequence numbers continue after repeated pictures; time stamps stay in sync with the source's sound. */
  private emit(frame: LiveFrame): void {
    if (this.shown && frame.pts <= this.shown.pts) return;
    this.send({ ...frame, sequence: frame.sequence + this.repeats });
  }

  private send(frame: LiveFrame): void {
    this.shown = frame;
    this.shownAt = performance.now();
    this.meter.sent();
    for (const listener of this.frameListeners) listener(frame);
  }

  private unloadUnused(): void {
    const fades = [this.fade, this.fineFade, this.outsideFade];
    const needed = () => [...fades.flatMap(({ names }) => names), ...stylesOf(this.current)];
    this.loadedStyles.unloadExcept(needed).catch((error) => this.note(messageOf(error)));
  }

  /** Largest working height allowed. */
  private get maxHeight(): number {
    return Math.min(this.current.height, this.options.source.size.height);
  }

  /** Called once a second: updates statistics and lets the governor decide. */
  private everySecond(): void {
    const at = performance.now();
    this.figures = this.measure();
    this.cycleStyle(at);
    const { styles, outside } = this.look(at);
    const painting = styles.length + outside.length > 0 && this.current.strength > 0 && !this.current.paused;
    const { paintMs } = this.meter;
    // While two networks run, the measured time is not that of one; cycling styles share one network.
    const fading = (this.current.drift === 0 && this.fade.fading(at)) || this.outsideFade.fading(at);
    if (painting && paintMs !== undefined && !fading && !this.loadedStyles.busy) {
      this.height.everySecond(this.loadedStyles, paintMs);
    }
    for (const listener of this.statsListeners) listener();
  }

  /** Style cycling: starts the fade to the next style of the network as soon as the last fade has ended. */
  private cycleStyle(at: number): void {
    const { drift, style, paused } = this.current;
    if (drift === 0 || style === null || paused || this.fade.fading(at) || this.loadedStyles.busy) return;
    const network = networkOf(style);
    const names = this.styles.map(({ name }) => name).filter((name) => networkOf(name) === network);
    const next = names[(names.indexOf(style) + 1) % names.length];
    if (network === undefined || next === undefined || next === style) return;
    this.apply({ style: next }, this.suspended, drift * 1000).catch((error) => this.note(messageOf(error)));
  }

  /** Starts the fade to the styles of the settings. */
  private fadeToSettings(lasts: number, coarse = weightsOf(this.current), fine = fineWeightsOf(this.current)): void {
    const at = performance.now();
    this.fade.fadeTo(coarse, at, lasts);
    this.fineFade.fadeTo(fine, at, lasts);
  }

  private measure(): LiveStats {
    const { source, threads } = this.options;
    return {
      ...this.meter.stats(source.dropped),
      drops: { source: source.dropped, viewers: 0 },
      viewers: 0,
      controllers: 0,
      device: deviceLabel(this.loadedStyles.device, threads),
      picture: source.size,
      working: this.loadedStyles.working,
      source: source.state,
      outputs: this.outputStates(),
    };
  }

  private note(note: string): void {
    if (note !== this.lastNote) this.options.onNote?.(note);
    this.lastNote = note;
  }
}
