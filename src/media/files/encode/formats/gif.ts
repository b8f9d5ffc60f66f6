import { promises as fs } from 'node:fs';
import type { Rational } from '../../../../frame.js';
import { type Ffmpeg, passthrough } from '../../../ffmpeg/binaries.js';
import { ffmpegError } from '../../../ffmpeg/failure.js';
import { besidePath, ffmpegUrl } from '../../../ffmpeg/path.js';
import { FfmpegProcess } from '../../../ffmpeg/process.js';
import { partialFiles } from '../../output.js';

/** Hundredths of a second that browsers show a frame at least; shorter ones are shown for ten. */
const SHORTEST = 2;
/** Frames a second above which frames are left out. */
const MOST_FRAMES = 100 / SHORTEST;

/** What a GIF cannot show of a frame rate. */
export function gifNotes(frameRate: Rational | undefined): string[] {
  const fast = frameRate !== undefined && frameRate.num / frameRate.den > MOST_FRAMES;
  return fast ? [`A GIF shows at most ${MOST_FRAMES} pictures a second: those between are left out.`] : [];
}

/** Frames that wait without loss beside a GIF, whose colours are known only when all frames are. */
export class GifFrames {
  /** Where they go, as Matroska. */
  readonly path: string;
  private readonly palette: string;

  constructor(
    private readonly ffmpeg: Ffmpeg,
    private readonly gif: string,
    private readonly alpha: boolean,
  ) {
    this.path = besidePath(`${gif}.mkv`, 'frames');
    this.palette = besidePath(`${gif}.png`, 'palette');
    for (const file of [this.path, this.palette]) partialFiles.add(file);
  }

  /**
   * Writes the GIF, with one palette of 256 colours for all frames and an ordered dither, which stays where it is.
   *
   * @param last seconds that the last frame is shown
   * @throws MediaError when ffmpeg fails
   */
  async finish(last: number): Promise<void> {
    const clear = `reserve_transparent=${this.alpha ? 1 : 0}`;
    await this.run(this.palette, [this.path], [`palettegen=${clear}`], ['-frames:v', '1', '-update', '1']);
    const far = `gte(round(t*100)-round(prev_selected_t*100),${SHORTEST})`;
    const filters = [`[0:v]select='isnan(prev_selected_t)+${far}'[all]`, '[all][1:v]paletteuse=dither=bayer'];
    const delay = ['-final_delay', String(Math.max(SHORTEST, Math.round(last * 100)))];
    const options = ['-loop', '0', ...delay, '-f', 'gif', ...passthrough(this.ffmpeg)];
    await this.run(this.gif, [this.path, this.palette], filters, options);
  }

  /** Removes what waited. */
  async remove(): Promise<void> {
    for (const file of [this.path, this.palette]) {
      await fs.rm(file, { force: true });
      partialFiles.delete(file);
    }
  }

  private async run(output: string, inputs: string[], filters: string[], options: string[]): Promise<void> {
    const child = new FfmpegProcess(this.ffmpeg, {
      inputs: inputs.map((path) => ({ source: ffmpegUrl(path), options: [] })),
      output: ffmpegUrl(output),
      outputOptions: ['-lavfi', filters.join(';'), ...options],
    });
    const exit = await child.exited;
    if (exit.failure) throw ffmpegError(exit, `encoding ${this.gif}`);
  }
}
