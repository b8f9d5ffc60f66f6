import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { frameBytes } from '../../frame.js';
import type { Style } from '../../model/style.js';
import { vectorsOf } from '../../model/style-vectors.js';
import { type Device, devicesFor } from '../runtime/devices.js';
import { CameraMotionEstimator } from '../stabilize/camera-motion.js';
import { closedError } from '../threads/worker-client.js';
import { LiveStyles, type LoadedStyle, type LoadedStyleWeight, type NetworkRun } from './live-styles.js';
import { Mixer } from './mixer.js';
import { cpuPartNotes, type StyleWorker, startStyle } from './painter.js';
import type { LiveStyle, MixedPicture, PictureBytes } from './protocol.js';

/** Milliseconds that `close` waits for a style that is being opened. */
const CLOSE_WAIT_MS = 500;

/** Options of `LivePainter`. */
export interface LivePainterOptions {
  /** Size of all pictures in pixels. */
  readonly picture: Size;
  /** Default `auto`. */
  readonly device?: Device;
  /** CPU threads of each network; default: all. */
  readonly threads?: number;
  /** Reduce flicker: align the networks' sampling grids with camera motion and filter over time; default: true. */
  readonly steady?: boolean;
  /** Limit of a network's intermediate results in bytes; default: the machine's memory. */
  readonly memory?: number;
}

/** How a picture is to look; may change with every picture at no cost. */
export interface PaintLook {
  /**
   * Loaded styles and their weights, 0 to 1; the source has the rest to 1. Each style above 0 costs a run, but all
   * styles of one network together cost one: their vectors are blended, not their pictures.
   */
  readonly styles: readonly LoadedStyleWeight[];
  /** Truncation of the styles of a network of many: 1 (default) as learned, 0 their mean. */
  readonly truncation?: number;
  /** 0 shows the source, 1 the full style. */
  readonly strength: number;
  /** Takes only the luminance from the style. */
  readonly keepColors: boolean;
  /** How much of the source's fine detail of light is put on the painting, 0 to 1; default: what each style says. */
  readonly detail?: number | undefined;
  /** Mirrors left and right, of the source too. */
  readonly mirror: boolean;
  /** Paint everything, only the person, only the background, where a given mask is white, or cut out the background. */
  readonly mask: 'none' | 'person' | 'background' | 'picture' | 'cutout';
  /** Styles outside the mask; default: the source. */
  readonly outside?: readonly { readonly name: string; readonly weight: number }[];
  /** The mask for `picture`, in grey: RGB24 of the picture's size, white inside; copied when it changes. */
  readonly given?: PictureBytes | undefined;
}

/** A live painted picture. */
export interface LivePicture {
  /** RGB24, or RGBA with straight alpha where the person was cut out. */
  readonly data: PictureBytes;
  readonly channels: 3 | 4;
  /** Milliseconds from `paint` to the finished picture, the mask included. */
  readonly paintMs: number;
  /** Milliseconds spent on the mask; absent without a mask. */
  readonly maskMs?: number;
}

/**
 * Paints live pictures of one size with styles that can be loaded and unloaded meanwhile.
 *
 * Each network has its own thread and session, so that loading one never blocks the others; a further thread mixes and
 * masks. The styles of a network of many share its session: switching or blending them costs nothing. One picture is
 * painted at a time, with lowest latency.
 */
export class LivePainter {
  private readonly styles = new LiveStyles();
  private readonly mixer: Mixer;
  private readonly threads: number;
  private readonly cameraMotion: CameraMotionEstimator;
  /** Whether camera motion is needed: for stabilization, or to detect cuts. */
  private needsMotion: boolean;
  /** Workers that painted the previous picture. */
  private lastWorkers: ReadonlySet<StyleWorker> = new Set();
  private changes: Promise<unknown> = Promise.resolve();
  private previous: Promise<unknown> = Promise.resolve();
  private closed = false;

  private constructor(private readonly options: LivePainterOptions) {
    this.threads = Math.max(1, options.threads ?? availableParallelism());
    this.cameraMotion = new CameraMotionEstimator(options.picture);
    this.needsMotion = options.steady ?? true;
    this.mixer = new Mixer({ picture: options.picture, threads: this.threads, person: 'meanwhile' });
  }

  /**
   * Opens a painter without styles: it returns pictures unchanged.
   *
   * @throws OptionError `DEVICE_UNKNOWN`
   */
  static async open(options: LivePainterOptions): Promise<LivePainter> {
    devicesFor(options.device ?? 'auto');
    return new LivePainter(options);
  }

  /** Names of the loaded styles. */
  get loaded(): readonly string[] {
    return this.styles.names;
  }

  /**
   * Loads a style under its name, without interrupting painting; a loaded style of that name keeps painting until the
   * new one, perhaps at another size, replaces it. The device is chosen as for files.
   *
   * @param working size of the network's input in pixels; the result still has the picture's size
   * @throws EngineError, GraphError as `openPainter` does, and `ENGINE_MEMORY`; nothing has changed then
   */
  load(style: Style, working: Size): Promise<LoadedStyle> {
    return this.enqueueChange(async () => {
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
      if (manifest.state.length > 0) this.needsMotion = true;
      const live: LiveStyle = { style, picture, working, device, steady, threads: this.threads };
      const worker = startStyle(memory === undefined ? live : { ...live, memory });
      const { mixed, chosen } = await worker.opened();
      const loaded = { ...chosen!, notes: [...chosen!.notes, ...cpuPartNotes(chosen!.device, mixed)] };
      if (this.closed) {
        await worker.close();
        throw closedError();
      }
      await this.styles.replace(style.name, { worker, loaded, network, vectors, mean });
      return loaded;
    });
  }

  /** Unloads a style, if it is loaded. */
  unload(name: string): Promise<void> {
    return this.enqueueChange(() => this.styles.replace(name, undefined));
  }

  /**
   * Paints one picture.
   *
   * @param data RGB24 of the picture's size; its buffer is taken over
   * @throws EngineError `ENGINE_STYLE` for a style that is not loaded, `ENGINE_SIZE`, `ENGINE_CLOSED`, `ENGINE_NETWORK`
   * when a network fails, `ENGINE_DIED` when its thread has died
   */
  paint(data: PictureBytes, look: PaintLook): Promise<LivePicture> {
    const since = performance.now();
    const done = this.previous.then(async () => {
      const result = await this.show(data, look);
      const { maskMs, ...picture } = result;
      const paintMs = performance.now() - since;
      return maskMs === undefined ? { ...picture, paintMs } : { ...picture, paintMs, maskMs };
    });
    this.previous = done.catch(() => undefined);
    return done;
  }

  /** Waits for the current picture and ends all threads. */
  async close(): Promise<void> {
    this.closed = true;
    // A style that is still being opened ends by itself and is not waited for.
    await Promise.all([Promise.race([this.changes, wait(CLOSE_WAIT_MS, undefined, { ref: false })]), this.previous]);
    await Promise.all([this.mixer.close(), this.styles.close()]);
  }

  /** Runs changes of styles one after the other. */
  private enqueueChange<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(closedError());
    const done = this.changes.then(work);
    this.changes = done.catch(() => undefined);
    return done;
  }

  private async show(data: PictureBytes, look: PaintLook): Promise<MixedPicture> {
    this.checkSize(data);
    const { strength, keepColors, detail, mirror } = look;
    const runsOf = (styles: PaintLook['styles']) => (strength === 0 ? [] : this.styles.runs(styles, look.truncation));
    const divides = look.mask !== 'none' && look.mask !== 'cutout';
    const [within, elsewhere] = [runsOf(look.styles), divides ? runsOf(look.outside ?? []) : []];
    const runs = [...within, ...elsewhere];
    // Without a painting no mask is needed.
    const mask = runs.length === 0 && look.mask !== 'cutout' ? 'none' : look.mask;
    const place = this.needsMotion && runs.length > 0 ? this.cameraMotion.update(data) : undefined;
    const { lastWorkers: lately } = this;
    this.lastWorkers = new Set(runs.map(({ worker }) => worker));
    const paint = ({ worker, style }: NetworkRun, strength: number, transfer: ArrayBuffer[]) => {
      const reset = place?.cut === true || !lately.has(worker);
      return worker.request({ data, look: { ...style, strength, keepColors, detail, mirror }, place, reset }, transfer);
    };
    const [first] = runs;
    if (mask === 'none' && !first && !mirror) return { data, channels: 3, maskMs: undefined };
    if (mask === 'none' && first && runs.length === 1) {
      // A single fading style is painted with less strength.
      return { data: await paint(first, strength * first.weight, [data.buffer]), channels: 3, maskMs: undefined };
    }
    const pictures = await Promise.all(runs.map((run) => paint(run, strength, [])));
    const weights = (all: readonly NetworkRun[]) => runs.map((run) => (all.includes(run) ? run.weight : 0));
    const parts = [weights(within), weights(elsewhere)] as const;
    const [inside, outside] = mask === 'background' ? [parts[1], parts[0]] : parts;
    const source = { source: data, mirror };
    if (mask === 'none') return this.mixer.mix({ pictures, inside, ...source });
    if (mask === 'cutout') return this.mixer.mix({ pictures, inside, ...source, mask: 'found', alpha: true });
    const found = mask === 'picture' ? (look.given ?? 'same') : 'found';
    return this.mixer.mix({ pictures, inside, outside, ...source, mask: found });
  }

  private checkSize(data: PictureBytes): void {
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
