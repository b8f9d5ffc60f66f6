import type { LivePainter, PaintLook } from '../../engine/painter/live-painter.js';
import { messageOf } from '../../errors.js';
import type { MaskClip } from '../../media/files/mask-clip.js';
import { wallClock } from '../../media/live-frame.js';
import type { Gallery } from '../settings/gallery/gallery.js';
import { FOUND_MASKS, MASK_MODES } from '../settings/table.js';
import { FrameOutlet } from '../show/frame-outlet.js';
import type { FrameSource } from '../show/frame-source.js';
import { listen } from '../show/listen.js';
import type { LiveFrame, LiveSettings, Show, ShowStats, StyleCard } from '../show/types.js';
import { deviceLabel } from './figures/device-label.js';
import { PerformanceMeter } from './figures/performance-meter.js';
import { WorkingHeight } from './height/working-height.js';
import { LoadedStyles, type StyleCheck } from './loaded-styles.js';
import { SettingsInForce } from './settings-in-force.js';
import { StillScene } from './still/still-scene.js';

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
  /** Tries a style before it is loaded; default: every style is taken to run. */
  readonly check?: StyleCheck;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
  /** Called with notes to the user, one line each. */
  readonly onNote?: (note: string) => void;
}

/**
 * The loop of a live show: takes the newest frame of the source, paints it, and passes it to all listeners. One frame
 * is being painted at any time and one waits at the source, so that the delay never grows.
 */
export class LiveShow implements Show {
  /** What the statistics tell besides; called once a second. */
  further: () => Pick<ShowStats, 'outputs' | 'learning'> = () => ({ outputs: {} });

  /** Called with every frame before it is painted; must return at once and copy what it keeps. */
  watch: ((frame: LiveFrame) => void) | undefined;
  private readonly sourceListeners = new Set<(frame: LiveFrame) => void>();
  private readonly loadedStyles: LoadedStyles;
  private readonly set: SettingsInForce;
  private readonly statsListeners = new Set<() => void>();
  private readonly tally = new PerformanceMeter();
  private readonly outlet = new FrameOutlet(() => this.tally.sent());
  private readonly height: WorkingHeight;
  private readonly still: StillScene;
  private figures: ShowStats;
  /** Time of the first frame, from which the mask counts. */
  private beganAt: number | undefined;
  /** Whether a pause does not hold what is shown any more: the source is to be seen as it is. */
  private stale = false;
  private closing = false;
  private lastNote = '';

  private constructor(private readonly options: ShowOptions) {
    const { source, painter, gallery, settings, firstHeight, fps, mask, check = async () => undefined } = options;
    const say = (note: string) => this.say(note);
    const changed = () => this.tally.resetPainting();
    const height = Math.min(settings.height, source.size.height);
    this.still = new StillScene(source.size);
    this.height = new WorkingHeight(height, settings.prefer, firstHeight ?? height, fps, changed, say);
    this.loadedStyles = new LoadedStyles(painter, gallery, source.size, this.height.lines, check, say);
    this.set = new SettingsInForce(settings, this.loadedStyles, mask !== undefined, (error) => say(messageOf(error)));
    let before = settings;
    this.set.onChange((after) => {
      this.stale = after.style === null && (this.stale || before.style !== null);
      before = after;
      this.height.setLimit(this.loadedStyles, Math.min(after.height, source.size.height), after.prefer);
    });
    this.figures = this.measure();
  }

  /**
   * Loads the styles that the settings name.
   *
   * @throws OptionError when a setting is out of range; StylecastError when a style cannot be used
   */
  static async open(options: ShowOptions): Promise<LiveShow> {
    const show = new LiveShow(options);
    await show.set.load(options.signal);
    return show;
  }

  get settings(): LiveSettings {
    return this.set.now;
  }

  get stats(): ShowStats {
    return this.figures;
  }

  get styles(): readonly StyleCard[] {
    return this.options.gallery.cards;
  }

  get masks(): Show['masks'] {
    return this.options.mask ? MASK_MODES : FOUND_MASKS;
  }

  get newest(): LiveFrame | undefined {
    return this.outlet.newest;
  }

  thumbnail(name: string): ReturnType<Show['thumbnail']> {
    return this.options.gallery.thumbnail(name);
  }

  get feed(): Show['feed'] {
    return this.options.source.feed;
  }

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return this.outlet.onFrame(listener);
  }

  onSource(listener: (frame: LiveFrame) => void): () => void {
    return listen(this.sourceListeners, listener);
  }

  onSettings(listener: (settings: LiveSettings) => void): () => void {
    return this.set.onChange(listener);
  }

  onStyles(listener: () => void): () => void {
    return this.options.gallery.onChange(listener);
  }

  /** Called once a second, when there are new statistics. Returns a function that removes the listener. */
  onStats(listener: () => void): () => void {
    return listen(this.statsListeners, listener);
  }

  /** The settings to begin with the next time: also the look that a failing network could not give. */
  get settingsToSave(): LiveSettings {
    return this.set.settingsToSave;
  }

  change(wanted: Partial<LiveSettings>): Promise<LiveSettings> {
    return this.set.change(wanted);
  }

  /** Runs until the source has ended or the show is closed. Rejects when painting is no longer possible at all. */
  async run(): Promise<void> {
    const clock = setInterval(() => this.everySecond(), 1000);
    try {
      for (;;) {
        const frame = await this.outlet.next(this.options.source);
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
    this.set.close();
    this.loadedStyles.close();
  }

  private async processFrame(frame: LiveFrame): Promise<void> {
    const started = performance.now();
    this.tally.taken(wallClock() - frame.capturedAt);
    if (this.settings.paused && this.newest && !this.stale) return this.outlet.emitAgain(frame);
    this.beganAt ??= frame.pts;
    this.watch?.(frame);
    // A copy, as the painter takes over the frame's buffer.
    const copy = this.sourceListeners.size > 0 ? { ...frame, data: frame.data.slice() } : frame;
    for (const listener of this.sourceListeners) listener(copy);
    const given = this.settings.mask === 'picture' ? await this.options.mask?.at(frame.pts - this.beganAt) : undefined;
    const look = { ...this.look(started), given };
    const again = this.still.again(frame.data, look, this.loadedStyles.state);
    if (again) return this.outlet.emit({ ...frame, ...again });
    const painted = await this.paint(frame, look);
    this.still.became(painted, look);
    if (!painted) return;
    this.tally.painted(performance.now() - started, painted.maskMs);
    // What was painted before is not shown any more, also where it was on its way.
    if (look.styles.length + look.outside.length === 0) this.stale = false;
    else if (this.stale) return;
    this.outlet.emit({ ...frame, data: painted.data, channels: painted.channels });
  }

  /** Paints a frame; when the network fails, shows the source instead and notes it. */
  private async paint(frame: LiveFrame, look: PaintLook) {
    try {
      return await this.options.painter.paint(frame.data, look);
    } catch (error) {
      if (this.closing) return undefined;
      const plain = look.styles.length === 0 && look.mask === 'none';
      if (plain) throw error;
      this.say(`${messageOf(error)} The picture is shown as it is.`);
      this.set.withdraw();
      return undefined;
    }
  }

  private look(at: number): PaintLook & Required<Pick<PaintLook, 'outside'>> {
    const { strength, detail, keepColors, mirror, mask, truncation } = this.settings;
    return { ...this.set.fades.at(at), truncation, strength, detail: detail ?? undefined, keepColors, mirror, mask };
  }

  /** Called once a second: updates statistics and lets the governor decide. */
  private everySecond(): void {
    const at = performance.now();
    this.figures = this.measure();
    this.set.drift(this.styles.map(({ name }) => name));
    const { styles, outside } = this.look(at);
    const painting = styles.length + outside.length > 0 && this.settings.strength > 0 && !this.settings.paused;
    const { paintMs } = this.tally;
    // The time of two networks at once says nothing about one; cycling styles share a network.
    const { inside, outside: around } = this.set.fades.fading(at);
    const fading = (this.settings.drift === 0 && inside) || around;
    if (painting && paintMs !== undefined && !fading && !this.loadedStyles.busy) {
      this.height.everySecond(this.loadedStyles, paintMs);
    }
    for (const listener of this.statsListeners) listener();
  }

  private measure(): ShowStats {
    const { source, threads } = this.options;
    return {
      ...this.tally.stats(source.dropped),
      device: deviceLabel(this.loadedStyles.device, threads),
      picture: source.size,
      working: this.loadedStyles.working,
      source: source.state,
      still: this.still.resting,
      ...this.further(),
    };
  }

  private say(note: string): void {
    if (note !== this.lastNote && !this.closing) this.options.onNote?.(note);
    this.lastNote = note;
  }
}
