import { EngineError } from '../../errors.js';
import { type Frame, frameBytes } from '../../frame.js';
import type { RealDevice } from '../runtime/devices.js';
import { CameraMotionEstimator, type CameraMotionState, type ScenePosition } from '../stabilize/camera-motion.js';
import { type Luma, TemporalFilter } from '../stabilize/temporal-filter.js';
import { WorkerClient } from '../threads/worker-client.js';
import { type PlacementOffset, SamplingGridAligner } from '../wrap/sampling-grid.js';
import { LastPainting } from './last-painting.js';
import type { LiveStyle, PaintRequest, PictureBytes, StyleReady, StyleSpec } from './protocol.js';

/** The thread of a style. */
export type StyleWorker = WorkerClient<PaintRequest, PictureBytes, StyleReady>;

/** What is known of a frame before it is painted. */
interface Scene {
  readonly place?: ScenePosition | undefined;
  readonly luma?: Luma | undefined;
}

/** Where a painter has got to in a shot: what earlier frames mean for all later ones. For `structuredClone` and its like. */
export interface ShotState {
  readonly camera?: CameraMotionState;
  readonly grid?: PlacementOffset;
}

/**
 * A network ready to paint pictures of one size, on one or several worker threads.
 *
 * `paint` may be called again before it has resolved: pictures go to the least busy thread. Where a picture is the same
 * as the one before, the network does not run again; the result is the same as if it did.
 */
export class Painter {
  /** True when a part of the network runs on the CPU because the device lacks it. */
  mixed = false;
  private readonly cameraMotion: CameraMotionEstimator | undefined;
  private readonly gridAligner: SamplingGridAligner | undefined;
  private readonly temporalFilter: TemporalFilter | undefined;
  /** Absent for networks with recurrent state: they paint the same picture otherwise the next time. */
  private readonly last: LastPainting | undefined;
  private scene: Scene = {};
  /** The last run of a network. */
  private painting: Promise<PictureBytes> | undefined;
  /** Whether filtering the last painting again would change nothing. */
  private settled = false;
  /** Resolves when the previous picture is done. */
  private previous: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly workers: readonly StyleWorker[],
    private readonly spec: StyleSpec,
  ) {
    const { canvas, states, steady, look } = spec;
    if (steady || states) this.cameraMotion = new CameraMotionEstimator(spec);
    if (canvas) this.gridAligner = new SamplingGridAligner(canvas, spec);
    if (steady && !look) this.temporalFilter = new TemporalFilter(spec);
    if (!states) this.last = new LastPainting(frameBytes(spec.width, spec.height));
  }

  /**
   * Starts the threads and waits until every session is open.
   *
   * @throws EngineError `ENGINE_NETWORK` when the runtime refuses the network
   */
  static async open(spec: StyleSpec, sessions: number): Promise<Painter> {
    const workers = Array.from({ length: sessions }, () => startStyle(spec));
    const painter = new Painter(workers, spec);
    try {
      const ready = await Promise.all(workers.map((worker) => worker.ready.promise));
      painter.mixed = ready.some(({ mixed }) => mixed);
    } catch (error) {
      await painter.close();
      throw error;
    }
    return painter;
  }

  /** Number of pictures painted in parallel. */
  get sessions(): number {
    return this.workers.length;
  }

  /**
   * Paints a picture of the prepared size; its buffer is taken over. Successive frames must come in order.
   *
   * @throws EngineError `ENGINE_NETWORK` when the network fails, `ENGINE_DIED` when the thread has died, `ENGINE_SIZE`,
   * `ENGINE_CLOSED`
   */
  async paint(frame: Frame): Promise<Frame> {
    const { width, height, compare } = this.spec;
    if (frame.width !== width || frame.height !== height) {
      throw new EngineError('ENGINE_SIZE', `A frame is ${frame.width}x${frame.height}; expected ${width}x${height}.`, {
        hint: 'All frames of a source must have the size that the style was opened for.',
      });
    }
    const repeated = this.last?.repeats(frame.data) ?? false;
    const scene = this.sceneOf(frame.data, repeated);
    const again = repeated && isSamePlace(scene.place, this.scene.place);
    this.scene = scene;
    if (!again) this.painting = this.request(frame.data, scene);
    const { painting, previous } = this;
    const filtered = previous.then(async () => {
      const painted = await painting!;
      return this.filter(again ? this.last!.copyInto(frame.data) : painted, scene, again);
    });
    this.previous = Promise.allSettled([painting, filtered]);
    const data = await filtered;
    return { data, width: compare ? 2 * width : width, height, pts: frame.pts };
  }

  /** The state before the next frame. What the filter over time keeps is not in it: that fades within some frames. */
  async shotState(): Promise<ShotState> {
    const { cameraMotion, gridAligner } = this;
    return {
      ...(cameraMotion && { camera: cameraMotion.state }),
      ...(gridAligner && { grid: gridAligner.position }),
    };
  }

  /** Goes on with a shot; to be called before the first frame. */
  continueShot({ camera, grid }: ShotState): void {
    if (this.cameraMotion && camera) this.cameraMotion.state = camera;
    if (this.gridAligner && grid) this.gridAligner.position = grid;
  }

  private sceneOf(data: PictureBytes, repeated: boolean): Scene {
    const { cameraMotion, temporalFilter } = this;
    if (repeated) return { place: cameraMotion?.repeat(), luma: this.scene.luma };
    return { place: cameraMotion?.update(data), luma: temporalFilter?.lumaOf(data) };
  }

  /** Has the least busy thread paint a picture. */
  private request(data: PictureBytes, { place }: Scene): Promise<PictureBytes> {
    const worker = this.workers.reduce((a, b) => (b.load < a.load ? b : a));
    const placement = place && this.gridAligner?.placementFor(place);
    const painting = worker.request({ data, placement, reset: place?.cut ?? false }, [data.buffer]);
    painting.catch(() => this.last?.forget());
    return painting;
  }

  /**
   * Filters a painting over time in place. One that is painted again goes on settling until filtering it changes nothing:
   * then it is only copied.
   */
  private filter(data: PictureBytes, { place, luma }: Scene, again: boolean): PictureBytes {
    if (again && this.settled) return data;
    if (!again) this.last?.keep(data);
    const { width, compare } = this.spec;
    const stride = 3 * width;
    const rows = compare ? { data, stride: 2 * stride, from: stride } : { data, stride, from: 0 };
    const same = luma && place ? this.temporalFilter?.apply(rows, luma, place) : true;
    this.settled = again && same !== false;
    if (this.settled) this.last?.keep(data);
    return data;
  }

  /** Waits for running work and ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The note on a network of which a part runs on the CPU because the device lacks it. */
export function cpuPartNotes(device: RealDevice, mixed: boolean): string[] {
  return mixed ? [`${device} lacks parts of this network: they run on the CPU.`] : [];
}

/** Starts the thread of a style. */
export function startStyle(spec: StyleSpec | LiveStyle): StyleWorker {
  return new WorkerClient(new URL('../workers/style-worker.js', import.meta.url), spec);
}

function isSamePlace(one: ScenePosition | undefined, other: ScenePosition | undefined): boolean {
  return one?.x === other?.x && one?.y === other?.y && one?.zoom === other?.zoom;
}
