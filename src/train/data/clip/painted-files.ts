import { frameNumber } from '../../../media/files/video-frame.js';
import { optionError } from '../../../options.js';

/** A painting, and the number of the frame that it was painted over, counted from 0. */
export interface PaintedFile {
  readonly file: string;
  readonly frame: number;
}

/**
 * Which painting is of which frame: `frame_0120.png` as `saveFrame` names it, or `120=file.png`. In order of the frames.
 *
 * @throws OptionError OPTION_VALUE when a number is lacking, or two are the same.
 */
export function paintedFiles(given: readonly string[]): PaintedFile[] {
  if (given.length === 0) throw optionError('painted', 'at least one painted frame', 'none');
  const files = given.map((text): PaintedFile => {
    const [, typed, named] = /^(\d{1,9})=(.+)$/s.exec(text) ?? [];
    const file = named ?? text;
    const frame = typed === undefined ? frameNumber(file) : Number(typed);
    if (frame !== undefined) return { file, frame };
    const hint = `Say which frame it is of: --painted 120=${text}, counted from 0.`;
    throw optionError('painted', 'the number of a frame in the name, such as frame_0120.png', text, hint);
  });
  files.sort((one, other) => one.frame - other.frame);
  const twice = files.find(({ frame }, i) => files[i - 1]?.frame === frame);
  if (twice === undefined) return files;
  throw optionError('painted', 'one painting a frame', `two of frame ${twice.frame}`);
}
