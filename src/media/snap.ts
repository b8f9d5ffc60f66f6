import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaError, OptionError } from '../errors.js';
import type { Size } from '../frame.js';
import { type Camera, findCamera } from './cameras/cameras.js';
import { stillByWebcam } from './cameras/webcam-still.js';
import { OutputFile } from './files/output.js';
import { imageFormat, readImage, writeImage } from './files/pictures/image.js';
import { LiveSource } from './live/source.js';

/** Options of `snap`. */
export interface SnapOptions {
  /** Number, name or device, see `findCamera`; default: the first. */
  readonly camera?: string;
  /** Pixels to ask the camera for; default 1280 × 720. */
  readonly size?: Size;
  /** Seconds for the camera to find its exposure; default 1. */
  readonly delay?: number;
  /** Replace the file if it is there. */
  readonly overwrite?: boolean;
}

/** A still picture taken with a camera. */
export interface Snap {
  readonly path: string;
  readonly camera: Camera;
  readonly size: Size;
  /** What took it: a program that node-webcam runs, or `ffmpeg` where there is none. */
  readonly tool: string;
}

/** The program that node-webcam runs on each system, and what may stand unquoted on its command line. */
const TOOLS: { readonly [platform in NodeJS.Platform]?: { readonly name: string; readonly safe: RegExp } } = {
  linux: { name: 'fswebcam', safe: /^\/dev\/video\d+$/ },
  darwin: { name: 'imagesnap', safe: /^[\w ().-]+$/ },
};
const SAFE_PATH = /^[\w./-]+$/;

const HD: Size = { width: 1280, height: 720 };

/**
 * Takes a picture with a camera and writes it as JPEG, PNG or WebP: with node-webcam where its program is installed
 * (`fswebcam` on Linux, `imagesnap` on macOS), else with ffmpeg.
 *
 * @throws OptionError `CAMERA_UNKNOWN`, `SNAP_SIZE`, `SNAP_DELAY`, `OUTPUT_…`; MediaError when the camera gives no
 * picture
 */
export async function snap(path: string, options: SnapOptions = {}): Promise<Snap> {
  const { size = HD, delay = 1, overwrite } = options;
  checkOptions(size, delay);
  imageFormat(path);
  const { camera: which = '0' } = options;
  const camera = await findCamera(which);
  const file = await OutputFile.plan(path, [], overwrite);
  const folder = await fs.mkdtemp(join(tmpdir(), 'stylecast-snap-'));
  try {
    const still = join(folder, 'still.jpg');
    const tool = await take(camera, which, still, size, delay);
    const { frame } = await readImage(still);
    await writeImage(frame, file.partial);
    await file.commit();
    return { path, camera, size: { width: frame.width, height: frame.height }, tool };
  } finally {
    await file.discard();
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** Everything ends up on a shell's command line, so only whole numbers within their range are let through. */
function checkOptions({ width, height }: Size, delay: number): void {
  for (const side of [width, height]) {
    if (Number.isInteger(side) && side >= 16 && side <= 8192) continue;
    throw new OptionError('SNAP_SIZE', `The size is ${width}x${height}; expected whole numbers from 16 to 8192.`, {
      hint: 'For example 1280x720.',
    });
  }
  if (Number.isInteger(delay) && delay >= 0 && delay <= 60) return;
  throw new OptionError('SNAP_DELAY', `The delay is ${delay}; expected whole seconds from 0 to 60.`, {
    hint: 'Leave it out for one second.',
  });
}

async function take(camera: Camera, which: string, still: string, size: Size, delay: number): Promise<string> {
  const tool = TOOLS[process.platform];
  const device = process.platform === 'linux' ? camera.id : camera.name;
  if (tool?.safe.test(device) && SAFE_PATH.test(still) && (await onPath(tool.name))) {
    await stillByWebcam(device, still, size, delay);
    return tool.name;
  }
  await withFfmpeg(which, still, size, delay);
  return 'ffmpeg';
}

/** The newest frame after the delay. */
async function withFfmpeg(camera: string, still: string, size: Size, delay: number): Promise<void> {
  const source = await LiveSource.open({ kind: 'camera', camera, size });
  try {
    await new Promise((done) => setTimeout(done, delay * 1000));
    const frame = await source.next();
    if (!frame) throw new MediaError('SNAP_FAILED', `The camera ${camera} gave no picture.`, { hint: 'Try again.' });
    const { data, width, height } = frame;
    await writeImage({ data, width, height, pts: { value: 0, timeBase: { num: 1, den: 1 } } }, still);
  } finally {
    await source.close();
  }
}

async function onPath(name: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const there = await fs.access(join(folder, name), fs.constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
