import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { saveFrame } from '#src/media/files/video-frame.js';
import { ffmpeg } from '../../../fixtures/ffmpeg.js';

/** A clip of ten frames of 128×96 pixels, and its frames 2 and 8 painted as their negatives. */
export interface PaintedClip {
  readonly folder: string;
  readonly clip: string;
  readonly painted: readonly string[];
}

/** Makes a {@link PaintedClip} from a sample. */
export async function paintedClip(): Promise<PaintedClip> {
  const folder = mkdtempSync(join(tmpdir(), 'stylecast-painted-'));
  const clip = join(folder, 'clip.mkv');
  const sample = fileURLToPath(new URL('../../../../samples/basketball.mp4', import.meta.url));
  ffmpeg('-i', sample, '-vf', 'fps=10,scale=128:96', '-frames:v', '10', '-c:v', 'ffv1', clip);
  const painted = [];
  for (const frame of [2, 8]) {
    const { output } = await saveFrame({ input: clip, frame, output: join(folder, `frame_${frame}.png`) });
    const negative = await sharp(output).negate({ alpha: false }).png().toBuffer();
    painted.push((await sharp(negative).toFile(output)) && output);
  }
  return { folder, clip, painted };
}
