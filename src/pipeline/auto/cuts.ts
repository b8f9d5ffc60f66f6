/** Share of the pixels whose colour must be another from one frame to the next. Within scenes it stays below 0.07. */
const CUT = 0.25;
/** So many frames later the picture must still differ from the one before the cut: a flash is none. */
const CONFIRM = 2;
/** Pixels that are looked at, at most. */
const PIXELS = 8192;

type Histogram = Float64Array;

/** Finds the cuts in a sequence of frames, by their colours. */
export class CutFinder {
  private frames = 0;
  private before: Histogram | undefined;
  private suspect: { readonly frame: number; readonly before: Histogram } | undefined;

  /**
   * Takes the next frame.
   *
   * @param data RGB24
   * @returns the number of the frame with which a scene began, once that is certain: two frames later
   */
  next(data: Uint8Array): number | undefined {
    const frame = this.frames++;
    const now = coloursOf(data);
    const { before } = this;
    this.before = now;
    if (!this.suspect && before && apart(before, now) > CUT) this.suspect = { frame, before };
    return this.suspect && frame >= this.suspect.frame + CONFIRM ? this.decide() : undefined;
  }

  /** To be called after the last frame: a cut shortly before it. */
  end(): number | undefined {
    return this.decide();
  }

  private decide(): number | undefined {
    const { suspect, before } = this;
    this.suspect = undefined;
    return suspect && before && apart(suspect.before, before) > CUT ? suspect.frame : undefined;
  }
}

/** Shares of pixels in 4 × 4 × 4 bins of red, green and blue; of large pictures every so many pixels. */
function coloursOf(data: Uint8Array): Histogram {
  const step = 3 * Math.max(1, Math.floor(data.length / 3 / PIXELS));
  const shares = new Float64Array(64);
  const one = 1 / Math.ceil(data.length / step);
  for (let i = 0; i < data.length; i += step) {
    shares[(data[i]! >> 6) * 16 + (data[i + 1]! >> 6) * 4 + (data[i + 2]! >> 6)]! += one;
  }
  return shares;
}

/** Share of the pixels that are in another bin: 0 to 1. */
function apart(a: Histogram, b: Histogram): number {
  return a.reduce((sum, share, bin) => sum + Math.abs(share - b[bin]!), 0) / 2;
}
