import { EngineError } from '../../errors.js';
import type { Frame } from '../../frame.js';
import { Camera } from '../stabilize/camera-motion.js';
import { Settler } from '../stabilize/temporal-filter.js';
import { Hand } from '../threads/worker-client.js';
import { GridFollower } from '../wrap/grid.js';
import type { PaintAsk, WorkerSpec } from './protocol.js';

type Hands = readonly Hand<PaintAsk, Uint8Array<ArrayBuffer>>[];

/**
 * A network ready to paint pictures of one size, on one or several worker threads.
 *
 * `paint` may be called again before it has answered: pictures go to the least busy thread.
 */
export class Painter {
  /** True when a part of the network runs on the CPU because the device lacks it. */
  mixed = false;
  private readonly camera: Camera | undefined;
  private readonly grid: GridFollower | undefined;
  private readonly settler: Settler | undefined;
  /** Until the picture before is done. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly hands: Hands,
    private readonly spec: WorkerSpec,
  ) {
    const { canvas, states, steady } = spec;
    if (steady || states) this.camera = new Camera(spec);
    if (canvas) this.grid = new GridFollower(canvas.stride);
    if (steady) this.settler = new Settler(spec);
  }

  /**
   * Starts the threads and waits until every session is open.
   *
   * @throws EngineError `ENGINE_NETWORK` when the runtime refuses the network
   */
  static async open(spec: WorkerSpec, sessions: number): Promise<Painter> {
    const script = new URL('../workers/frame-worker.js', import.meta.url);
    const hands: Hands = Array.from({ length: sessions }, () => new Hand(script, spec));
    const painter = new Painter(hands, spec);
    try {
      const ready = await Promise.all(hands.map((hand) => hand.ready.promise));
      painter.mixed = ready.some(({ mixed }) => mixed);
    } catch (error) {
      await painter.close();
      throw error;
    }
    return painter;
  }

  /** Number of pictures that are painted at the same time. */
  get sessions(): number {
    return this.hands.length;
  }

  /**
   * Paints a picture of the size that was prepared; its buffer is taken over. Where pictures follow each other, they must
   * come in their order.
   *
   * @throws EngineError `ENGINE_NETWORK` when the network fails, `ENGINE_DIED` when the thread is gone, `ENGINE_SIZE`,
   * `ENGINE_CLOSED`
   */
  async paint(frame: Frame): Promise<Frame> {
    const { width, height, compare } = this.spec;
    if (frame.width !== width || frame.height !== height) {
      throw new EngineError('ENGINE_SIZE', `A frame is ${frame.width}x${frame.height}; expected ${width}x${height}.`, {
        hint: 'All frames of a source must have the size that the style was opened for.',
      });
    }
    const hand = this.hands.reduce((a, b) => (b.load < a.load ? b : a));
    const place = this.camera?.next(frame.data);
    const offset = place && this.grid?.offset(place);
    const light = this.settler?.lightOf(frame.data);
    const painted = hand.ask({ data: frame.data, offset, fresh: place?.cut ?? false }, [frame.data.buffer]);
    const { turn } = this;
    const settled = turn.then(async () => {
      const data = await painted;
      const stride = 3 * width;
      const rows = compare ? { data, stride: 2 * stride, from: stride } : { data, stride, from: 0 };
      if (light && place) this.settler?.settle(rows, light, place);
      return data;
    });
    this.turn = Promise.allSettled([painted, settled]);
    const data = await settled;
    return { data, width: compare ? 2 * width : width, height, pts: frame.pts };
  }

  /** Waits for running work and ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.hands.map((hand) => hand.close()));
  }
}
