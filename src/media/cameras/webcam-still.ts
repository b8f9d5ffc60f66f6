import NodeWebcam from 'node-webcam';
import { MediaError, messageOf } from '../../errors.js';
import type { Size } from '../../frame.js';

/**
 * Takes a JPEG with the program that node-webcam runs on this system. Everything ends up unquoted on a shell's command
 * line: the caller has checked it.
 *
 * @param path where to write
 * @param delay seconds for the camera to find its exposure
 * @throws MediaError `SNAP_FAILED`
 */
export function stillByWebcam(device: string, path: string, size: Size, delay: number): Promise<void> {
  const webcam = NodeWebcam.create({ ...size, delay, device, output: 'jpeg', quality: 95, saveShots: false });
  return new Promise((done, failed) => {
    webcam.capture(path, (error) => {
      if (!error) return done();
      failed(
        new MediaError('SNAP_FAILED', `The camera ${device} gave no picture: ${messageOf(error).trim()}`, {
          hint: 'Close other programs that use it.',
          cause: error,
        }),
      );
    });
  });
}
