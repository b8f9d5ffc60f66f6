import { Command } from 'commander';
import type { SnapOptions } from '../../media/snap.js';
import { number, size } from '../options.js';
import { ProgressReport } from '../report.js';

type SnapCommandOptions = SnapOptions & { readonly json?: boolean; readonly quiet?: boolean };

/** `stylecast snap`: a still of a camera. */
export function snapCommand(): Command {
  return new Command('snap')
    .description('take a picture with a camera')
    .argument('<file>', 'a .jpg, .png or .webp file')
    .option('--camera <which>', 'number, name or device; see "stylecast cameras" (default: the first)')
    .option('--size <WxH>', 'pixels to ask the camera for (default: 1280x720)', size)
    .option('--delay <seconds>', 'time for the camera to find its exposure (default: 1)', number)
    .option('--overwrite', 'replace the file if it exists')
    .option('--json', 'the result as a JSON line on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText('after', '\nExample:\n  stylecast snap photo.jpg --camera 0')
    .action(run);
}

async function run(file: string, options: SnapCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const { snap } = await import('../../media/snap.js');
  const { path, camera, size, tool } = await snap(file, options);
  report.result({ path, camera, size, tool }, `${path}: ${size.width}x${size.height}, from ${camera.name}`);
}
