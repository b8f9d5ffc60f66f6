import { availableParallelism } from 'node:os';
import { EngineError } from '../errors.js';
import type { Size } from '../frame.js';
import { frameBytes } from '../frame.js';
import type { Style } from '../model/style.js';
import { type Device, meant, type RealDevice } from './devices.js';
import { closedError, Hand } from './hand.js';
import type {
  FinishAsk,
  Finished,
  FinishSpec,
  Picture,
  PictureAsk,
  Placed,
  StyleAsk,
  StyleReply,
  StyleSpec,
} from './live-protocol.js';

/** How a live painter is opened. */
export interface LivePainterOptions {
  /** Size of the pictures in pixels, which stays. */
  readonly picture: Size;
  /** Default `auto`. */
  readonly device?: Device;
  /** CPU threads of each network; default: all. */
  readonly threads?: number;
  /** Bytes that a network's intermediate results may take; default: what the machine has. */
  readonly memory?: number;
}

/** How a picture is to look; may change with every picture, at no cost. */
export interface Look {
  /** Loaded styles and their weights, 0 to 1. What they lack to 1 is the source; each above 0 costs a run. */
  readonly styles: readonly { readonly name: string; readonly weight: number }[];
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

/** A style that was loaded. */
export interface LoadedStyle {
  /** Where it runs. */
  readonly device: RealDevice;
  /** What the user should know of that. */
  readonly notes: readonly string[];
}

type StyleHand = Hand<StyleAsk, StyleReply>;

/**
 * Paints live pictures of one size with styles that come and go.
 *
 * Each style has a thread and a session of its own, so that loading one never stops the others; a further thread mixes
 * and masks. One picture is painted at a time, as fast as can be.
 */
export class LivePainter {
  private readonly hands = new Map<string, StyleHand>();
  private readonly finisher: Hand<FinishAsk, Finished>;
  private readonly threads: number;
  private changes: Promise<unknown> = Promise.resolve();
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;
  /** The mask that the finisher has. */
  private given: Picture | undefined;

  private constructor(private readonly options: LivePainterOptions) {
    this.threads = Math.max(1, options.threads ?? availableParallelism());
    const spec: FinishSpec = { picture: options.picture, threads: this.threads };
    this.finisher = new Hand(new URL('./live-finish-worker.js', import.meta.url), spec);
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
    return [...this.hands.keys()];
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
      const { picture, memory, device = 'auto' } = this.options;
      const spec: StyleSpec = { style, picture, working, memory, device, threads: this.threads };
      const hand: StyleHand = new Hand(new URL('./live-worker.js', import.meta.url), spec);
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
      const before = this.hands.get(style.name);
      this.hands.set(style.name, hand);
      await before?.close();
      return loaded;
    });
  }

  /** Lets go of a style; of one that is not there, nothing. */
  unload(name: string): Promise<void> {
    return this.change(async () => {
      const hand = this.hands.get(name);
      this.hands.delete(name);
      await hand?.close();
    });
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
    await Promise.all([this.changes, this.turn]);
    await Promise.all([this.finisher, ...this.hands.values()].map((hand) => hand.close()));
    this.hands.clear();
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
    const shown = (styles: Look['styles']) => (strength === 0 ? [] : styles.filter(({ weight }) => weight > 0));
    const handsOf = (styles: Look['styles']) => styles.map(({ name, weight }) => ({ hand: this.hand(name), weight }));
    const divides = look.mask !== 'none' && look.mask !== 'cutout';
    const [styles, outside] = [shown(look.styles), divides ? shown(look.outside ?? []) : []];
    // What shows no painting needs no mask.
    const mask = styles.length + outside.length === 0 && look.mask !== 'cutout' ? 'none' : look.mask;
    const hands = handsOf(styles);
    const [first] = hands;
    if (mask === 'none') {
      if (!first && !mirror) return { data, channels: 3, maskMs: undefined };
      if (first && hands.length === 1) {
        // A single style that fades is a weaker style.
        const ask: PictureAsk = { data, strength: strength * first.weight, keepColors, mirror };
        return { data: (await first.hand.ask(ask, [data.buffer])) as Picture, channels: 3, maskMs: undefined };
      }
    }
    const paint = (all: typeof hands) =>
      Promise.all(
        all.map(async ({ hand, weight }) => {
          return { data: (await hand.ask({ data, strength, keepColors, mirror }, [])) as Picture, weight };
        }),
      );
    const [painted, elsewhere] = await Promise.all([paint(hands), paint(handsOf(outside))]);
    const given = mask === 'picture' && look.given !== this.given ? look.given : undefined;
    if (given) this.given = given;
    const transfer = [data, ...[...painted, ...elsewhere].map((one) => one.data)].map(({ buffer }) => buffer);
    return this.finisher.ask({ data, mirror, painted, elsewhere, mask, given }, transfer);
  }

  private hand(name: string): StyleHand {
    const hand = this.hands.get(name);
    if (hand) return hand;
    const there = this.loaded.length > 0 ? this.loaded.map((one) => `"${one}"`).join(', ') : 'none';
    throw new EngineError('ENGINE_STYLE', `The style "${name}" is not loaded; loaded are: ${there}.`, {
      hint: 'Call load before painting with a style.',
    });
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
