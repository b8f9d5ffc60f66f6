import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { frameBytes } from '../../frame.js';
import { vectorsOf } from '../../model/blend.js';
import type { Style } from '../../model/style.js';
import { type Device, devicesFor } from '../runtime/devices.js';
import { CameraMotionEstimator } from '../stabilize/camera-motion.js';
import { closedError, WorkerClient } from '../threads/worker-client.js';
import type {
  FinishedPicture,
  FinishRequest,
  FinishSpec,
  LivePaintRequest,
  PictureBytes,
  StyleDevice,
  StyleSpec,
} from './live-protocol.js';
import {
  LiveStyles,
  type LoadedStyle,
  type LoadedStyleWeight,
  type NetworkRun,
  type StyleWorker,
} from './live-styles.js';

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
  private readonly finisher: WorkerClient<FinishRequest, FinishedPicture>;
  private readonly threads: number;
  private readonly cameraMotion: CameraMotionEstimator;
  /** Whether camera motion is needed: for stabilization, or to detect cuts. */
  private needsMotion: boolean;
  /** Workers that painted the previous picture. */
  private lastWorkers: ReadonlySet<StyleWorker> = new Set();
  private changes: Promise<unknown> = Promise.resolve();
  private previous: Promise<unknown> = Promise.resolve();
  private closed = false;
  /** The mask that the finishing thread has. */
  private currentMask: PictureBytes | undefined;

  private constructor(private readonly options: LivePainterOptions) {
    this.threads = Math.max(1, options.threads ?? availableParallelism());
    this.cameraMotion = new CameraMotionEstimator(options.picture);
    this.needsMotion = options.steady ?? true;
    const spec: FinishSpec = { picture: options.picture, threads: this.threads };
    this.finisher = new WorkerClient(new URL('../workers/live-finish-worker.js', import.meta.url), spec);
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
      const spec: StyleSpec = { style, picture, working, memory, device, steady, threads: this.threads };
      const worker: StyleWorker = new WorkerClient(new URL('../workers/live-worker.js', import.meta.url), spec);
      let loaded: LoadedStyle;
      try {
        const { mixed } = await worker.ready.promise;
        const { device, notes } = (await worker.request('where', [])) as StyleDevice;
        const lacking = mixed ? [`${device} lacks parts of this network: they run on the CPU.`] : [];
        loaded = { device, notes: [...notes, ...lacking] };
      } catch (error) {
        await worker.close();
        throw error;
      }
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
      const result = await this.finish(data, look);
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
    await Promise.all([this.finisher.close(), this.styles.close()]);
  }

  /** Runs changes of styles one after the other. */
  private enqueueChange<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(closedError());
    const done = this.changes.then(work);
    this.changes = done.catch(() => undefined);
    return done;
  }

  private async finish(data: PictureBytes, look: PaintLook): Promise<FinishedPicture> {
    this.checkSize(data);
    const { strength, keepColors, mirror } = look;
    const runsOf = (styles: PaintLook['styles']) => (strength === 0 ? [] : this.styles.runs(styles, look.truncation));
    const divides = look.mask !== 'none' && look.mask !== 'cutout';
    const [runs, outside] = [runsOf(look.styles), divides ? runsOf(look.outside ?? []) : []];
    // Without a painting no mask is needed.
    const mask = runs.length + outside.length === 0 && look.mask !== 'cutout' ? 'none' : look.mask;
    const [first] = runs;
    const place = this.needsMotion && runs.length + outside.length > 0 ? this.cameraMotion.update(data) : undefined;
    const { lastWorkers: lately } = this;
    this.lastWorkers = new Set([...runs, ...outside].map(({ worker }) => worker));
    const since = (worker: StyleWorker) => ({ place, reset: place?.cut === true || !lately.has(worker) });
    if (mask === 'none') {
      if (!first && !mirror) return { data, channels: 3, maskMs: undefined };
      if (first && runs.length === 1) {
        // A single fading style is painted with less strength.
        const ask: LivePaintRequest = {
          ...first.style,
          data,
          strength: strength * first.weight,
          keepColors,
          mirror,
          ...since(first.worker),
        };
        return {
          data: (await first.worker.request(ask, [data.buffer])) as PictureBytes,
          channels: 3,
          maskMs: undefined,
        };
      }
    }
    const paint = (all: readonly NetworkRun[]) =>
      Promise.all(
        all.map(async ({ worker, weight, style }) => {
          return {
            data: (await worker.request(
              { ...style, data, strength, keepColors, mirror, ...since(worker) },
              [],
            )) as PictureBytes,
            weight,
          };
        }),
      );
    const [painted, elsewhere] = await Promise.all([paint(runs), paint(outside)]);
    const given = mask === 'picture' && look.given !== this.currentMask ? look.given : undefined;
    if (given) this.currentMask = given;
    const transfer = [data, ...[...painted, ...elsewhere].map((one) => one.data)].map(({ buffer }) => buffer);
    return this.finisher.request({ data, mirror, painted, elsewhere, mask, given }, transfer);
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
