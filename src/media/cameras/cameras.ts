import { execFile } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import { MediaError, OptionError } from '../../errors.js';
import { type Ffmpeg, findFfmpeg } from '../ffmpeg/binaries.js';
import { type Camera, readAvfoundation, readDshow } from './listings.js';

export type { Camera };

/** Where Linux describes its video devices. */
const SYSTEM = '/sys/class/video4linux';

const LISTS: { readonly [platform in NodeJS.Platform]?: () => Promise<Camera[]> } = {
  linux: async () => {
    const paths = await devices();
    return paths.length === 0 ? [] : describeDevices(paths, await findFfmpeg());
  },
  darwin: async () =>
    readAvfoundation(await stderrOf(await findFfmpeg(), ['-f', 'avfoundation', '-list_devices', 'true', '-i', ''])),
  win32: async () =>
    readDshow(await stderrOf(await findFfmpeg(), ['-f', 'dshow', '-list_devices', 'true', '-i', 'dummy'])),
};

/**
 * Lists the cameras of this machine, in the order of their numbers.
 *
 * @throws MediaError when ffmpeg, which tells what they are, is missing
 */
export async function listCameras(): Promise<Camera[]> {
  return (await LISTS[process.platform]?.()) ?? [];
}

/**
 * The first camera of this machine.
 *
 * @throws MediaError `CAMERA_NONE`
 */
export async function firstCamera(): Promise<Camera> {
  const [first] = await listCameras();
  if (first) return first;
  throw new MediaError('CAMERA_NONE', 'No camera was found on this machine.', {
    hint: 'Name another source: --browser for the camera of a phone or browser, --file, --url, --screen or --pattern.',
  });
}

/**
 * Finds a camera by its number in the list, its name or a part of it, or its device.
 *
 * @throws OptionError `CAMERA_UNKNOWN`, which lists the cameras that exist
 */
export async function findCamera(which: string): Promise<Camera> {
  const cameras = await listCameras();
  const found = pickCamera(cameras, which);
  if (found) return found;
  // Devices by other names, such as /dev/v4l/by-id/…
  if (which.startsWith('/dev/') && (await fs.stat(which).catch(() => undefined))?.isCharacterDevice()) {
    return { id: which, name: which };
  }
  const there = cameras.map(({ name, id }, number) => `${number} "${name}" (${id})`).join(', ');
  throw new OptionError(
    'CAMERA_UNKNOWN',
    there ? `There is no camera "${which}"; there are ${there}.` : `There is no camera "${which}": none was found.`,
    {
      hint: there
        ? 'Use a number, a name or a device of these.'
        : 'Plug one in and check that the system shows it; a browser can be the camera too (--browser).',
    },
  );
}

/** A camera of a list by number, device, name, or the only one whose name holds the text. */
export function pickCamera(cameras: readonly Camera[], which: string): Camera | undefined {
  if (/^\d+$/.test(which)) return cameras[Number(which)];
  const wanted = which.toLowerCase();
  const exact = cameras.find(({ id, name }) => id === which || name.toLowerCase() === wanted);
  if (exact || wanted === '') return exact;
  const similar = cameras.filter(({ name }) => name.toLowerCase().includes(wanted));
  return similar.length === 1 ? similar[0] : undefined;
}

/**
 * Names the devices that can capture. A camera has further nodes for metadata, which ffmpeg is asked to tell apart.
 *
 * @param system the folder where the system describes them
 */
export async function describeDevices(paths: readonly string[], ffmpeg: Ffmpeg, system = SYSTEM): Promise<Camera[]> {
  const cameras = await Promise.all(
    paths.map(async (id) => {
      const answer = await stderrOf(ffmpeg, ['-f', 'v4l2', '-list_formats', 'all', '-i', id]);
      if (/Not a video capture device|Inappropriate ioctl/i.test(answer)) return [];
      const name = await fs.readFile(join(system, basename(id), 'name'), 'utf8').catch(() => id);
      return [{ id, name: name.trim() }];
    }),
  );
  return cameras.flat();
}

/** Video devices in the order of their numbers. */
async function devices(): Promise<string[]> {
  const { default: NodeWebcam } = await import('node-webcam');
  const found = await new Promise<string[]>((done) => NodeWebcam.create({}).list(done));
  const number = (path: string) => Number(/\d+$/.exec(path)?.[0]);
  return found.filter((path) => /^\/dev\/video\d+$/.test(path)).sort((a, b) => number(a) - number(b));
}

/** The stderr of an ffmpeg run that lists devices, which always exits with a failure. */
function stderrOf(ffmpeg: Ffmpeg, args: readonly string[]): Promise<string> {
  return new Promise((done) => {
    execFile(ffmpeg.path, ['-hide_banner', '-nostdin', ...args], { timeout: 10_000 }, (_, __, stderr) => done(stderr));
  });
}
