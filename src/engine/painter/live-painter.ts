import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { frameBytes } from '../../frame.js';
import { vectorsOf } from '../../model/blend.js';
import type { Style } from '../../model/style.js';
import { type Device, meant } from '../runtime/devices.js';
import { Camera } from '../stabilize/camera-motion.js';
import { closedError, Hand } from '../threads/worker-client.js';
import type { FinishAsk, Finished, FinishSpec, Picture, PictureAsk, Placed, StyleSpec } from './live-protocol.js';
import { LiveStyles, type LoadedStyle, type Run, type StyleHand, type WeightedStyle } from './live-styles.js';

/** Milliseconds that closing waits for a style that is being opened. */
const PATIENCE = 500;

/** How a live painter is opened. */
export interface LivePainterOptions {
  /** Size of the pictures in pixels, which stays. */
  readonly picture: Size;
  /** Default `auto`. */
  readonly device?: Device;
  /** CPU threads of each network; default: all. */
  readonly threads?: number;
  /** Lets the sampling grids of networks follow the camera and what is painted settle, so that less flickers; default: true. */
  readonly steady?: boolean;
  /** Bytes that a network's intermediate results may take; default: what the machine has. */
  readonly memory?: number;
}

/** How a picture is to look; may change with every picture, at no cost. */
export interface Look {
  /**
   * Loaded styles and their weights, 0 to 1. What they lack to 1 is the source. Each above 0 costs a run, but all styles
   * of one network together cost one: they are blended as styles, not as pictures.
   */
  readonly styles: readonly WeightedStyle[];
  /** How far styles of a network of many are from the mean of these: 1 (default) as learned, 0 the mean itself. */
  readonly truncation?: number;
  /** 0 shows the source, 1 the full style. */
  readonly strength: number;
  /** Takes only the luminance from the style. */
  readonly keepColors: boolean;
  /** Exchanges left and right, of the source too. */
  readonly mirror: boolean;
  /** Paint everything, only the person, only the background, where a mask is white, or cut the background out. */
  readonly mask: 'none' | 'person' | 'background' | 'picture' | 'cutout';
  /** Styles for the part that the mask leaves; default: it stays as the source is. */
  readonly outside?: readonly { readonly name: string; readonly weight: number }[];
  /** The mask for `picture`, in grey: RGB24 of the picture's size, white inside; copied when it is another one. */
  readonly given?: Picture | undefined;
}

/** A picture that was painted live. */
export interface LivePicture {
  /** RGB24, or RGBA with straight alpha where the person was cut out. */
  readonly data: Picture;
  readonly channels: 3 | 4;
  /** Milliseconds from `paint` to the finished picture, the mask included. */
  readonly paintMs: number;
  /** Milliseconds of them that finding the person took; absent without a mask. */
  readonly maskMs?: number;
}

/**
 * Paints live pictures of one size with styles that come and go.
 *
 * Each network has a thread and a session of its own, so that loading one never stops the others; a further thread mixes
 * and masks. The styles of a network of many share its session: to switch among them or to blend them costs nothing. One
 * picture is painted at a time, as fast as can be.
 */
export class LivePainter {
  private readonly styles = new LiveStyles();
  private readonly finisher: Hand<FinishAsk, Finished>;
  private readonly threads: number;
  private readonly camera: Camera;
  /** Whether the camera must be followed: for steadiness, or to know of cuts. */
  private follows: boolean;
  /** What painted the picture before. */
  private lately: ReadonlySet<StyleHand> = new Set();
  private changes: Promise<unknown> = Promise.resolve();
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;
  /** The mask that the finisher has. */
  private given: Picture | undefined;

  private constructor(private readonly options: LivePainterOptions) {
    this.threads = Math.max(1, options.threads ?? availableParallelism());
    this.camera = new Camera(options.picture);
    this.follows = options.steady ?? true;
    const spec: FinishSpec = { picture: options.picture, threads: this.threads };
    this.finisher = new Hand(new URL('../workers/live-finish-worker.js', import.meta.url), spec);
  }

  /**
   * Opens a painter that has no style yet: it gives pictures back as they are.
   *
   * @throws OptionError `DEVICE_UNKNOWN`
   */
  static async open(options: LivePainterOptions): Promise<LivePainter> {
    meant(options.device ?? 'auto');
    return new LivePainter(options);
  }

  /** Names of the styles that can be painted with. */
  get loaded(): readonly string[] {
    return this.styles.names;
  }

  /**
   * Loads a style beside those that are there, under its name. Pictures go on meanwhile; a style that is loaded already
   * keeps painting until the new one, perhaps at another size, takes its place. Where there are several devices, the
   * fastest that paints right is found first, as for files.
   *
   * @param working size in pixels that the network works at; the result is as large as the picture all the same
   * @throws EngineError, GraphError as `openPainter` does, and `ENGINE_MEMORY`; all stays as it was then
   */
  load(style: Style, working: Size): Promise<LoadedStyle> {
    return this.change(async () => {
      const { picture, memory, device = 'auto', steady = true } = this.options;
      const { manifest } = style;
      const network = `${manifest.model.sha256} ${working.width}x${working.height}`;
      const vectors = vectorsOf(manifest);
      const mean = manifest.modulation?.mean;
      const there = vectors && this.styles.sharing(network);
      if (there) {
        await this.styles.replace(style.name, { ...there, vectors, mean });
        return there.loaded;
      }
      if (manifest.state.length > 0) this.follows = true;
      const spec: StyleSpec = { style, picture, working, memory, device, steady, threads: this.threads };
      const hand: StyleHand = new Hand(new URL('../workers/live-worker.js', import.meta.url), spec);
      let loaded: LoadedStyle;
      try {
        const { mixed } = await hand.ready.promise;
        const { device, notes } = (await hand.ask('where', [])) as Placed;
        const lacking = mixed ? [`${device} lacks parts of this network: they run on the CPU.`] : [];
        loaded = { device, notes: [...notes, ...lacking] };
      } catch (error) {
        await hand.close();
        throw error;
      }
      if (this.closed) {
        await hand.close();
        throw closedError();
      }
      await this.styles.replace(style.name, { hand, loaded, network, vectors, mean });
      return loaded;
    });
  }

  /** Lets go of a style; of one that is not there, nothing. */
  unload(name: string): Promise<void> {
    return this.change(() => this.styles.replace(name, undefined));
  }

  /**
   * Paints one picture.
   *
   * @param data RGB24 of the picture's size; its buffer is taken over
   * @throws EngineError `ENGINE_STYLE` for a style that is not loaded, `ENGINE_SIZE`, `ENGINE_CLOSED`, `ENGINE_NETWORK`
   * when a network fails, `ENGINE_DIED` when its thread is gone
   */
  paint(data: Picture, look: Look): Promise<LivePicture> {
    const since = performance.now();
    const done = this.turn.then(async () => {
      const result = await this.finish(data, look);
      const { maskMs, ...picture } = result;
      const paintMs = performance.now() - since;
      return maskMs === undefined ? { ...picture, paintMs } : { ...picture, paintMs, maskMs };
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Waits for the picture that is being painted and ends all threads. */
  async close(): Promise<void> {
    this.closed = true;
    // A style that is still being opened ends by itself: nobody waits for it.
    await Promise.all([Promise.race([this.changes, wait(PATIENCE, undefined, { ref: false })]), this.turn]);
    await Promise.all([this.finisher.close(), this.styles.close()]);
  }

  /** Changes of the styles, one after the other. */
  private change<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(closedError());
    const done = this.changes.then(work);
    this.changes = done.catch(() => undefined);
    return done;
  }

  private async finish(data: Picture, look: Look): Promise<Finished> {
    this.checkSize(data);
    const { strength, keepColors, mirror } = look;
    const runsOf = (styles: Look['styles']) => (strength === 0 ? [] : this.styles.runs(styles, look.truncation));
    const divides = look.mask !== 'none' && look.mask !== 'cutout';
    const [runs, outside] = [runsOf(look.styles), divides ? runsOf(look.outside ?? []) : []];
    // What shows no painting needs no mask.
    const mask = runs.length + outside.length === 0 && look.mask !== 'cutout' ? 'none' : look.mask;
    const [first] = runs;
    const place = this.follows && runs.length + outside.length > 0 ? this.camera.next(data) : undefined;
    const { lately } = this;
    this.lately = new Set([...runs, ...outside].map(({ hand }) => hand));
    const since = (hand: StyleHand) => ({ place, fresh: place?.cut === true || !lately.has(hand) });
    if (mask === 'none') {
      if (!first && !mirror) return { data, channels: 3, maskMs: undefined };
      if (first && runs.length === 1) {
        // A single style that fades is a weaker style.
        const ask: PictureAsk = {
          ...first.style,
          data,
          strength: strength * first.weight,
          keepColors,
          mirror,
          ...since(first.hand),
        };
        return { data: (await first.hand.ask(ask, [data.buffer])) as Picture, channels: 3, maskMs: undefined };
      }
    }
    const paint = (all: readonly Run[]) =>
      Promise.all(
        all.map(async ({ hand, weight, style }) => {
          return {
            data: (await hand.ask({ ...style, data, strength, keepColors, mirror, ...since(hand) }, [])) as Picture,
            weight,
          };
        }),
      );
    const [painted, elsewhere] = await Promise.all([paint(runs), paint(outside)]);
    const given = mask === 'picture' && look.given !== this.given ? look.given : undefined;
    if (given) this.given = given;
    const transfer = [data, ...[...painted, ...elsewhere].map((one) => one.data)].map(({ buffer }) => buffer);
    return this.finisher.ask({ data, mirror, painted, elsewhere, mask, given }, transfer);
  }

  private checkSize(data: Picture): void {
    if (this.closed) throw closedError();
    const { width, height } = this.options.picture;
    if (data.length === frameBytes(width, height)) return;
    throw new EngineError(
      'ENGINE_SIZE',
      `A picture has ${data.length} bytes; expected ${frameBytes(width, height)} for ${width}x${height}.`,
      { hint: 'All pictures must have the size that the painter was opened for.' },
    );
  }
}
