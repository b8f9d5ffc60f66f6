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
import { aroundOf, FADE_MS, Fade, fineWeightsOf, stylesOf, weightsOf } from './fade.js';
import { Stage } from './stage.js';
import { Tally } from './tally.js';
import { WorkingHeight } from './working-height.js';

/** Settings that fade from what they were. */
const FADING = ['style', 'second', 'blend', 'fine'] as const;

/** How often the last picture is repeated while the source is lost. */
const REPEAT_MS = 200;

/** What a show is made of. */
export interface ShowOptions {
  readonly source: FrameSource;
  readonly painter: LivePainter;
  readonly gallery: Gallery;
  readonly settings: LiveSettings;
  /** The mask for `picture`; without, that cannot be asked for. */
  readonly mask?: Pick<MaskClip, 'at'> | undefined;
  /** Frames a second to be kept. */
  readonly fps: number;
  /** Height in pixels that the network begins at, at most. */
  readonly firstHeight?: number;
  /** CPU threads, for the figures. */
  readonly threads: number;
  /** Told what the user should know: one line each. */
  readonly onNote?: (note: string) => void;
}

/**
 * The loop of a live show: the newest frame of the source, through the network, to everyone who listens. One frame is
 * being painted at any time and one waits at the source, so that the delay never grows.
 */
export class LiveShow implements Show {
  /** Asked once a second. */
  outputStates: () => Readonly<Record<string, string>> = () => ({});

  /** Shown every frame before it is painted; must return at once, and copy what it keeps. */
  watch: ((frame: LiveFrame) => void) | undefined;

  private readonly stage: Stage;
  private readonly fade = new Fade();
  /** Of edges and colours, among the styles of one network. */
  private readonly fineFade = new Fade();
  /** The style outside the mask. */
  private readonly around = new Fade();
  private readonly frameListeners = new Set<(frame: LiveFrame) => void>();
  private readonly settingsListeners = new Set<(settings: LiveSettings) => void>();
  private readonly statsListeners = new Set<() => void>();
  private readonly tally = new Tally();
  private readonly height: WorkingHeight;
  private current: LiveSettings;
  /** What a failing network took away of what was wished for. */
  private withdrawn: Partial<LiveSettings> = {};
  private figures: LiveStats;
  private shown: LiveFrame | undefined;
  /** Time of the first frame, from which the mask counts. */
  private beganAt: number | undefined;
  private shownAt = 0;
  private repeats = 0;
  private closing = false;
  private trouble = '';

  private constructor(private readonly options: ShowOptions) {
    const { source, painter, gallery, settings, firstHeight, fps } = options;
    this.current = settings;
    const say = (note: string) => this.say(note);
    const changed = () => this.tally.forgetPainting();
    this.height = new WorkingHeight(this.asked, firstHeight ?? this.asked, fps, changed, say);
    this.stage = new Stage(painter, gallery, source.size, this.height.lines, say);
    this.figures = this.measure();
  }

  /**
   * Loads what the settings name.
   *
   * @throws OptionError when a setting is out of range; StylecastError when a style cannot be used
   */
  static async open(options: ShowOptions): Promise<LiveShow> {
    checkSettings(options.settings);
    checkMask(options.settings, options.mask !== undefined);
    const show = new LiveShow(options);
    await show.stage.add(stylesOf(options.settings));
    show.aim(0);
    show.around.aim(aroundOf(options.settings), performance.now(), 0);
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

  /** Called once a second, when there are new figures. Returns how to stop listening. */
  onStats(listener: () => void): () => void {
    return listen(this.statsListeners, listener);
  }

  /** The settings to begin with the next time: also the look that a failing network could not give. */
  get wished(): LiveSettings {
    return { ...this.current, ...this.withdrawn };
  }

  async change(wanted: Partial<LiveSettings>): Promise<LiveSettings> {
    const left = Object.entries(this.withdrawn).filter(([name]) => !(name in wanted));
    return this.apply(wanted, Object.fromEntries(left));
  }

  private async apply(
    wanted: Partial<LiveSettings>,
    withdrawn: Partial<LiveSettings>,
    lasts = FADE_MS,
  ): Promise<LiveSettings> {
    checkSettings(wanted);
    checkMask(wanted, this.options.mask !== undefined);
    // What needs no loading is in force at once, also while another style is on its way.
    for (;;) {
      const missing = stylesOf({ ...this.current, ...wanted }).filter((name) => !this.stage.has(name));
      if (missing.length === 0) break;
      await this.stage.add(missing);
    }
    const before = this.current;
    this.current = { ...before, ...wanted };
    this.withdrawn = withdrawn;
    const { outside, mask } = this.current;
    const parted = outside !== before.outside || mask !== before.mask;
    if (parted) this.around.aim(aroundOf(this.current), performance.now());
    if (parted || FADING.some((name) => this.current[name] !== before[name])) {
      this.aim(lasts);
      setTimeout(() => this.clear(), 2 * lasts).unref();
    }
    this.height.limit(this.stage, this.asked);
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
    this.tally.taken(wallClock() - frame.capturedAt);
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
    this.tally.painted(performance.now() - started, painted.maskMs);
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
      const { style, second, mask, outside } = this.current;
      const nothing = { style: null, second: null, mask: 'none', outside: null } as const;
      await this.apply(nothing, { style, second, mask, outside, ...this.withdrawn });
      this.aim(0, {}, {});
      this.around.aim({}, performance.now(), 0);
      return undefined;
    }
  }

  private look(at: number): Look & Required<Pick<Look, 'outside'>> {
    const { strength, keepColors, mirror, mask, truncation } = this.current;
    const [coarse, fine] = [this.fade.weights(at), this.fineFade.weights(at)];
    const names = Object.keys({ ...coarse, ...fine });
    const styles = names.map((name) => ({ name, weight: coarse[name] ?? 0, fine: fine[name] ?? 0 }));
    const outside = Object.entries(this.around.weights(at)).map(([name, weight]) => ({ name, weight }));
    return { styles, outside, truncation, strength, keepColors, mirror, mask };
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
    this.tally.sent();
    for (const listener of this.frameListeners) listener(frame);
  }

  private clear(): void {
    const fades = [this.fade, this.fineFade, this.around];
    const needed = () => [...fades.flatMap(({ names }) => names), ...stylesOf(this.current)];
    this.stage.keep(needed).catch((error) => this.say(messageOf(error)));
  }

  /** Height that the network may work at, at most. */
  private get asked(): number {
    return Math.min(this.current.height, this.options.source.size.height);
  }

  /** Once a second: the governor decides, and everyone is told how it goes. */
  private second(): void {
    const at = performance.now();
    this.figures = this.measure();
    this.drift(at);
    const { styles, outside } = this.look(at);
    const painting = styles.length + outside.length > 0 && this.current.strength > 0 && !this.current.paused;
    const { paintMs } = this.tally;
    // Two networks at once say nothing of the pace of one; styles that drift are of one.
    const fading = (this.current.drift === 0 && this.fade.fading(at)) || this.around.fading(at);
    if (painting && paintMs !== undefined && !fading && !this.stage.busy) {
      this.height.second(this.stage, paintMs);
    }
    for (const listener of this.statsListeners) listener();
  }

  /** Sends the style on its way to the next one of its network, as soon as it has come to where it was going. */
  private drift(at: number): void {
    const { drift, style, paused } = this.current;
    if (drift === 0 || style === null || paused || this.fade.fading(at) || this.stage.busy) return;
    const network = networkOf(style);
    const names = this.styles.map(({ name }) => name).filter((name) => networkOf(name) === network);
    const next = names[(names.indexOf(style) + 1) % names.length];
    if (network === undefined || next === undefined || next === style) return;
    this.apply({ style: next }, this.withdrawn, drift * 1000).catch((error) => this.say(messageOf(error)));
  }

  /** Goes to the styles that the settings ask for. */
  private aim(lasts: number, coarse = weightsOf(this.current), fine = fineWeightsOf(this.current)): void {
    const at = performance.now();
    this.fade.aim(coarse, at, lasts);
    this.fineFade.aim(fine, at, lasts);
  }

  private measure(): LiveStats {
    const { source, threads } = this.options;
    return {
      ...this.tally.pace(source.dropped),
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
