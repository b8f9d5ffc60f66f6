import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planVirtualCamera, virtualCamera } from '#src/live/outputs/virtual-camera.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, ffprobe, freshFolder } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();
const asked = (device: string, platform: NodeJS.Platform) =>
  failure(planVirtualCamera({ kind: 'virtual-camera', device }, platform));

test('on other systems, with other names and missing devices the error says what to use', async () => {
  const OBS = 'Open the overlay page as a browser source in OBS and start its virtual camera.';
  expect(await asked('/dev/video10', 'darwin')).toEqual({
    name: 'OptionError',
    code: 'VIRTUAL_CAMERA_SYSTEM',
    message: 'There is no virtual camera of our own on darwin, only on Linux.',
    hint: OBS,
  });
  expect(await asked('/etc/passwd', 'linux')).toEqual({
    name: 'OptionError',
    code: 'VIRTUAL_CAMERA_DEVICE',
    message: 'The virtual camera is "/etc/passwd"; expected a device such as /dev/video10.',
    hint: 'See "v4l2-ctl --list-devices" for those that there are.',
  });
  expect(await asked('/dev/video987', 'linux')).toEqual({
    name: 'MediaError',
    code: 'VIRTUAL_CAMERA_MISSING',
    message: 'There is no device /dev/video987.',
    hint: `Load v4l2loopback (modprobe v4l2loopback video_nr=987 exclusive_caps=1). Or: ${OBS}`,
  });
});

// The kernel module cannot be loaded in a test: what ffmpeg makes of the options is looked at in a file instead.
test('raw 4:2:0 for the device', () => {
  const plan = virtualCamera('/dev/video10');
  const options = plan.options(false);
  expect({ target: plan.target, sound: plan.sound, muxer: options.slice(-2) }).toEqual({
    target: '/dev/video10',
    sound: 'never',
    muxer: ['-f', 'v4l2'],
  });
  const path = join(folder, 'camera.nut');
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=5:d=1,format=rgb24', ...options.slice(0, -2), path);
  expect(ffprobe(path).streams[0]).toMatchObject({ codec_name: 'rawvideo', pix_fmt: 'yuv420p', width: 64, height: 48 });
});
