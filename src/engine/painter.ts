import { EngineError } from '../errors.js';
import type { Frame } from '../frame.js';
import { Camera } from './camera.js';
import { GridFollower } from './grid.js';
import { Hand } from './hand.js';
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
  private readonly follows: { readonly camera: Camera; readonly grid: GridFollower | undefined } | undefined;

  private constructor(
    private readonly hands: Hands,
    private readonly spec: WorkerSpec,
  ) {
    const { canvas, states } = spec;
    const grid = canvas && new GridFollower(canvas.stride);
    if (canvas || states) this.follows = { camera: new Camera(spec), grid };
  }

  /**
   * Starts the threads and waits until every session is open.
   *
   * @throws EngineError `ENGINE_NETWORK` when the runtime refuses the network
   */
  static async open(spec: WorkerSpec, sessions: number): Promise<Painter> {
    const script = new URL('./worker.js', import.meta.url);
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
    const place = this.follows?.camera.next(frame.data);
    const offset = place && this.follows?.grid?.offset(place);
    const data = await hand.ask({ data: frame.data, offset, fresh: place?.cut ?? false }, [frame.data.buffer]);
    return { data, width: compare ? 2 * width : width, height, pts: frame.pts };
  }

  /** Waits for running work and ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.hands.map((hand) => hand.close()));
  }
}
