/** Share of pixels that change colour bin at a cut. Within scenes it stays below 0.07. */
const CUT = 0.25;
/** Number of later frames that must still differ from the one before the cut: a flash is not a cut. */
const CONFIRM = 2;
/** Most pixels sampled per frame. */
const PIXELS = 8192;

type Histogram = Float64Array;

/** Detects cuts in a sequence of frames by colour histograms. */
export class CutDetector {
  private frames = 0;
  private before: Histogram | undefined;
  private suspect: { readonly frame: number; readonly before: Histogram } | undefined;

  /**
   * Takes the next frame.
   *
   * @param data RGB24
   * @returns the index of the first frame of a scene, once that is certain: two frames later
   */
  next(data: Uint8Array): number | undefined {
    const frame = this.frames++;
    const now = coloursOf(data);
    const { before } = this;
    this.before = now;
    if (!this.suspect && before && apart(before, now) > CUT) this.suspect = { frame, before };
    return this.suspect && frame >= this.suspect.frame + CONFIRM ? this.decide() : undefined;
  }

  /** Must be called after the last frame; returns a cut shortly before it. */
  end(): number | undefined {
    return this.decide();
  }

  private decide(): number | undefined {
    const { suspect, before } = this;
    this.suspect = undefined;
    return suspect && before && apart(suspect.before, before) > CUT ? suspect.frame : undefined;
  }
}

/** Shares of pixels in 4 × 4 × 4 bins of red, green and blue; large pictures are subsampled. */
function coloursOf(data: Uint8Array): Histogram {
  const step = 3 * Math.max(1, Math.floor(data.length / 3 / PIXELS));
  const shares = new Float64Array(64);
  const one = 1 / Math.ceil(data.length / step);
  for (let i = 0; i < data.length; i += step) {
    shares[(data[i]! >> 6) * 16 + (data[i + 1]! >> 6) * 4 + (data[i + 2]! >> 6)]! += one;
  }
  return shares;
}

/** Share of pixels in different bins, 0 to 1. */
function apart(a: Histogram, b: Histogram): number {
  return a.reduce((sum, share, bin) => sum + Math.abs(share - b[bin]!), 0) / 2;
}
