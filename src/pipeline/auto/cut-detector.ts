import { describeFrame, type FrameDescriptor, haveOtherColours, isCut } from '../../engine/stabilize/cut.js';
import type { Size } from '../../frame.js';

/** Number of later frames that must still differ from the one before the cut: a flash begins no scene. */
const CONFIRM = 2;

/**
 * Finds the scenes of a sequence of frames: they begin at cuts, as the stabilizer finds them, and have other colours than
 * the scene before, as the same place after a jerk of the camera has not.
 */
export class CutDetector {
  private frames = 0;
  private before: FrameDescriptor | undefined;
  private suspect: { readonly frame: number; readonly before: FrameDescriptor } | undefined;

  /**
   * Takes the next frame.
   *
   * @param data RGB24
   * @param size in pixels; where it changes, colours alone decide
   * @returns the index of the first frame of a scene, once that is certain: two frames later
   */
  next(data: Uint8Array, size: Size): number | undefined {
    const frame = this.frames++;
    const now = describeFrame(data, size);
    const { before } = this;
    this.before = now;
    if (!this.suspect && before && isCut(before, now)) this.suspect = { frame, before };
    return this.suspect && frame >= this.suspect.frame + CONFIRM ? this.decide() : undefined;
  }

  /** Must be called after the last frame; returns a cut shortly before it. */
  end(): number | undefined {
    return this.decide();
  }

  private decide(): number | undefined {
    const { suspect, before } = this;
    this.suspect = undefined;
    return suspect && before && haveOtherColours(suspect.before, before) ? suspect.frame : undefined;
  }
}
