import { promises as fs } from 'node:fs';
import { MediaError, OptionError } from '../../errors.js';
import type { OutputPlan } from './plan.js';

/** Shows the pictures as a camera for video calls and browsers: a v4l2loopback device, on Linux. */
export interface VirtualCameraSpec {
  readonly kind: 'virtual-camera';
  /** Such as `/dev/video10`. */
  readonly device: string;
}

const OBS = 'Open the overlay page as a browser source in OBS and start its virtual camera.';

/** @throws OptionError `VIRTUAL_CAMERA_SYSTEM`, `VIRTUAL_CAMERA_DEVICE`; MediaError `VIRTUAL_CAMERA_MISSING` */
export async function planVirtualCamera(
  { device }: VirtualCameraSpec,
  platform: NodeJS.Platform = process.platform,
): Promise<OutputPlan> {
  if (platform !== 'linux') {
    throw new OptionError(
      'VIRTUAL_CAMERA_SYSTEM',
      `There is no virtual camera of our own on ${platform}, only on Linux.`,
      {
        hint: OBS,
      },
    );
  }
  if (!/^\/dev\/video\d+$/.test(device)) {
    throw new OptionError(
      'VIRTUAL_CAMERA_DEVICE',
      `The virtual camera is "${device}"; expected a device such as /dev/video10.`,
      {
        hint: 'See "v4l2-ctl --list-devices" for those that there are.',
      },
    );
  }
  if (!(await fs.stat(device).catch(() => undefined))?.isCharacterDevice()) {
    throw new MediaError('VIRTUAL_CAMERA_MISSING', `There is no device ${device}.`, {
      hint: `Load v4l2loopback (modprobe v4l2loopback video_nr=${device.slice('/dev/video'.length)} exclusive_caps=1). Or: ${OBS}`,
    });
  }
  return virtualCamera(device);
}

/** How ffmpeg writes to a v4l2loopback device: raw 4:2:0 in the range and matrix expected of cameras. */
export function virtualCamera(device: string): OutputPlan {
  return {
    name: `virtual camera ${device}`,
    sound: 'never',
    target: device,
    retries: true,
    options: () => [
      ...['-filter:v', 'scale=in_range=pc:out_range=tv:out_color_matrix=bt601,format=yuv420p'],
      ...['-c:v', 'rawvideo', '-threads', '1', '-f', 'v4l2'],
    ],
  };
}
