import { Command } from 'commander';

/** `stylecast cameras`: what `--camera` can name. */
export function camerasCommand(): Command {
  return new Command('cameras')
    .description('list the cameras of this machine')
    .option('--json', 'as a JSON array')
    .addHelpText('after', '\nExample:\n  stylecast cameras')
    .action(run);
}

async function run({ json }: { json?: boolean }): Promise<void> {
  const { listCameras } = await import('../../media/cameras/cameras.js');
  const cameras = await listCameras();
  if (json) process.stdout.write(`${JSON.stringify(cameras, null, 2)}\n`);
  else if (cameras.length > 0) {
    for (const [number, { name, id }] of cameras.entries()) process.stdout.write(`${number}  ${name}  (${id})\n`);
  } else {
    process.stderr.write(
      'stylecast: no camera was found.\n  A browser can be the camera too: stylecast live --browser\n',
    );
  }
}
