import type { RealDevice } from '../../engine/open.js';
import type { ShotState } from '../../engine/painter/painter.js';
import { type Frame, seconds } from '../../frame.js';
import type { FramePainter } from '../frame-painter.js';
import type { Scene } from './scenes.js';

/** A painter with notes to the user. */
export interface Painting {
  readonly painter: FramePainter;
  /** Where the network runs. */
  readonly device: RealDevice;
  readonly notes: readonly string[];
  /** The scenes and their styles, where these were chosen by content. */
  readonly scenes?: readonly Scene[];
}

/** Opens the painter of a style. */
export type OpenStyle = (style: string) => Promise<Painting>;

/** Paints each scene with its own style; one network is open at a time, except while frames are in flight at a cut. */
export class ScenePainter implements FramePainter {
  private turn: Promise<unknown> = Promise.resolve();
  private closing: Promise<unknown>[] = [];

  private constructor(
    private readonly scenes: readonly Scene[],
    private readonly open: OpenStyle,
    private readonly onScene: (scene: Scene, notes: readonly string[]) => void,
    private scene: Scene,
    private current: Painting,
  ) {}

  /**
   * Opens the style of the first scene.
   *
   * @param onScene called for each later scene at its first frame, with notes on its style
   */
  static async open(
    scenes: readonly [Scene, ...Scene[]],
    open: OpenStyle,
    onScene: (scene: Scene, notes: readonly string[]) => void,
  ): Promise<{ painter: ScenePainter; first: Painting }> {
    const [scene] = scenes;
    const first = await open(scene.style);
    return { painter: new ScenePainter(scenes, open, onScene, scene, first), first };
  }

  get sessions(): number {
    return this.current.painter.sessions;
  }

  async paint(frame: Frame): Promise<Frame> {
    // Requested in order: a style is closed only after its last frame.
    const asked = this.turn.then(async () => {
      await this.follow(seconds(frame.pts));
      const done = this.current.painter.paint(frame);
      done.catch(() => undefined);
      return { done };
    });
    this.turn = asked.catch(() => undefined);
    return (await asked).done;
  }

  shotState(): Promise<ShotState> {
    return this.turn.then(() => this.current.painter.shotState?.() ?? {});
  }

  continueShot(state: ShotState): void {
    this.current.painter.continueShot?.(state);
  }

  async close(): Promise<void> {
    await this.turn;
    await Promise.all([this.current.painter.close(), ...this.closing]);
  }

  private async follow(time: number): Promise<void> {
    const scene = this.scenes.findLast(({ start }) => start <= time);
    if (!scene || scene === this.scene) return;
    const before = this.current;
    const same = scene.style === this.scene.style;
    if (!same) this.current = await this.open(scene.style);
    this.scene = scene;
    this.onScene(scene, same ? [] : this.current.notes);
    if (!same) this.closing.push(before.painter.close());
  }
}
