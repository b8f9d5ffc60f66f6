import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeDevices, findCamera, listCameras, pickCamera } from '#src/media/cameras/cameras.js';
import { readAvfoundation, readDshow } from '#src/media/cameras/listings.js';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();

describe('listings of ffmpeg', () => {
  const mac = (prefix: string) => `${prefix} AVFoundation video devices:
${prefix} [0] FaceTime HD Camera
${prefix} [1] Elgato [4K] Cam: Link
${prefix} [2] Capture screen 0
${prefix} AVFoundation audio devices:
${prefix} [0] MacBook Pro Microphone
: Input/output error
`;

  test.each([
    ['4.4 to 6', '[AVFoundation indev @ 0x7fb3d0704a40]'],
    ['2018', '[AVFoundation input device @ 0x7f9ae3d00340]'],
    ['7', '[AVFoundation indev @ 0x13b604080]'],
  ])('macOS, ffmpeg %s', (_, prefix) => {
    expect(readAvfoundation(mac(prefix))).toEqual([
      { id: '0', name: 'FaceTime HD Camera' },
      { id: '1', name: 'Elgato [4K] Cam: Link' },
    ]);
  });

  test('Windows, ffmpeg 4: two sections', () => {
    const text = `[dshow @ 000001e5c5a7d8c0] DirectShow video devices (some may be both video and audio devices)\r
[dshow @ 000001e5c5a7d8c0]  "Integrated Camera"\r
[dshow @ 000001e5c5a7d8c0]     Alternative name "@device_pnp_\\\\?\\usb#vid_04f2&pid_b6d9#{65e8773d}\\global"\r
[dshow @ 000001e5c5a7d8c0]  "OBS Virtual Camera"\r
[dshow @ 000001e5c5a7d8c0]     Alternative name "@device_sw_{860BB310}\\{A3FCE0F5}"\r
[dshow @ 000001e5c5a7d8c0] DirectShow audio devices\r
[dshow @ 000001e5c5a7d8c0]  "Microphone (Realtek(R) Audio)"\r
[dshow @ 000001e5c5a7d8c0]     Alternative name "@device_cm_{33D9A762}\\wave_{9DC5}"\r
dummy: Immediate exit requested\r
`;
    expect(readDshow(text)).toEqual([
      { id: '@device_pnp_\\\\?\\usb#vid_04f2&pid_b6d9#{65e8773d}\\global', name: 'Integrated Camera' },
      { id: '@device_sw_{860BB310}\\{A3FCE0F5}', name: 'OBS Virtual Camera' },
    ]);
  });

  test('Windows, ffmpeg 5 and newer: the kind behind the name', () => {
    const text = `[dshow @ 0000023f7c2b5e40] "USB Video" (video)
[dshow @ 0000023f7c2b5e40]   Alternative name "@device_pnp_\\\\?\\usb#one"
[dshow @ 0000023f7c2b5e40] "USB Video" (video)
[dshow @ 0000023f7c2b5e40]   Alternative name "@device_pnp_\\\\?\\usb#two"
[dshow @ 0000023f7c2b5e40] "Capture Card" (audio, video)
[dshow @ 0000023f7c2b5e40] "OBS Virtual Camera" (none)
[dshow @ 0000023f7c2b5e40]   Alternative name "@device_sw_{860BB310}"
[dshow @ 0000023f7c2b5e40] "Microphone (USB)" (audio)
[dshow @ 0000023f7c2b5e40]   Alternative name "@device_cm_{33D9A762}"
[in#0 @ 0000023f7c2b5a00] Error opening input: Immediate exit requested
`;
    expect(readDshow(text)).toEqual([
      { id: '@device_pnp_\\\\?\\usb#one', name: 'USB Video' },
      { id: '@device_pnp_\\\\?\\usb#two', name: 'USB Video' },
      { id: 'Capture Card', name: 'Capture Card' },
    ]);
  });

  test('no cameras', () => {
    expect(readDshow('[dshow @ 1] Could not enumerate video devices (or none found).')).toEqual([]);
    expect(readAvfoundation("Unknown input format: 'avfoundation'")).toEqual([]);
  });
});

test('Linux: names come from the system; nodes that cannot capture are left out', async () => {
  const system = join(folder, 'video4linux');
  mkdirSync(join(system, 'video7'), { recursive: true });
  writeFileSync(join(system, 'video7', 'name'), 'Integrated Camera: Integrated C\n');
  // A plain file answers ffmpeg's question as a node for metadata does: it is no capture device.
  const metadata = join(folder, 'video8');
  writeFileSync(metadata, '');
  expect(await describeDevices(['/nowhere/video7', metadata, '/nowhere/video9'], await findFfmpeg(), system)).toEqual([
    { id: '/nowhere/video7', name: 'Integrated Camera: Integrated C' },
    { id: '/nowhere/video9', name: '/nowhere/video9' },
  ]);
});

test('a camera is picked by number, device, name or a part of it that only one has', () => {
  const cameras = [
    { id: '/dev/video0', name: 'HD Webcam' },
    { id: '/dev/video2', name: 'HD Webcam' },
    { id: '/dev/video4', name: 'Capture Card 4K' },
  ];
  const picked = (which: string) => pickCamera(cameras, which)?.id;
  expect(['1', '/dev/video4', 'hd webcam', '4k', 'hd', '3', '', 'video'].map(picked)).toEqual([
    '/dev/video2',
    '/dev/video4',
    '/dev/video0',
    '/dev/video4',
    ...[undefined, undefined, undefined, undefined],
  ]);
});

test('an unknown camera: the error lists those that exist', async () => {
  const cameras = await listCameras();
  const found = await failure(findCamera('No such camera'));
  expect(found).toMatchObject({ name: 'OptionError', code: 'CAMERA_UNKNOWN' });
  expect(found.message).toBe(
    cameras.length === 0
      ? 'There is no camera "No such camera": none was found.'
      : `There is no camera "No such camera"; there are ${cameras.map(({ name, id }, n) => `${n} "${name}" (${id})`).join(', ')}.`,
  );
  expect(await failure(findCamera('/dev/../etc/passwd'))).toMatchObject({ code: 'CAMERA_UNKNOWN' });
});
