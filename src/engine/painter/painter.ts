import { EngineError } from '../../errors.js';
import type { Frame } from '../../frame.js';
import type { RealDevice } from '../runtime/devices.js';
import { CameraMotionEstimator } from '../stabilize/camera-motion.js';
import { TemporalFilter } from '../stabilize/temporal-filter.js';
import { WorkerClient } from '../threads/worker-client.js';
import { SamplingGridAligner } from '../wrap/sampling-grid.js';
import type { LiveStyle, PaintRequest, PictureBytes, StyleReady, StyleSpec } from './protocol.js';

/** The thread of a style. */
export type StyleWorker = WorkerClient<PaintRequest, PictureBytes, StyleReady>;

/**
 * A network ready to paint pictures of one size, on one or several worker threads.
 *
 * `paint` may be called again before it has resolved: pictures go to the least busy thread.
 */
export class Painter {
  /** True when a part of the network runs on the CPU because the device lacks it. */
  mixed = false;
  private readonly cameraMotion: CameraMotionEstimator | undefined;
  private readonly gridAligner: SamplingGridAligner | undefined;
  private readonly temporalFilter: TemporalFilter | undefined;
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
    const worker = this.workers.reduce((a, b) => (b.load < a.load ? b : a));
    const place = this.cameraMotion?.update(frame.data);
    const placement = place && this.gridAligner?.placementFor(place);
    const luma = this.temporalFilter?.lumaOf(frame.data);
    const painted = worker.request({ data: frame.data, placement, reset: place?.cut ?? false }, [frame.data.buffer]);
    const { previous } = this;
    const filtered = previous.then(async () => {
      const data = await painted;
      const stride = 3 * width;
      const rows = compare ? { data, stride: 2 * stride, from: stride } : { data, stride, from: 0 };
      if (luma && place) this.temporalFilter?.apply(rows, luma, place);
      return data;
    });
    this.previous = Promise.allSettled([painted, filtered]);
    const data = await filtered;
    return { data, width: compare ? 2 * width : width, height, pts: frame.pts };
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
