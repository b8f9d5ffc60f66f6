import { Command } from 'commander';
import { interruptible, ProgressReport } from '../../report.js';

interface FetchCommandOptions {
  readonly url: string;
  readonly output?: string;
  readonly sha256?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `stylecast loss-network fetch`: the weights that training compares pictures with. */
export function lossNetworkCommand(): Command {
  const fetch = new Command('fetch')
    .description('bring the layers of VGG-19 that training uses out of a published .safetensors file')
    .requiredOption('--url <url>', 'where the file is; the server must answer range requests')
    .option('-o, --output <file>', 'where to put it (default: where training looks by itself)')
    .option('--sha256 <digits>', 'checksum that the fetched file must have')
    .option('--json', 'progress and result as JSON lines on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText('after', '\nExample:\n  stylecast loss-network fetch --url https://example.org/vgg19.safetensors')
    .action(run);
  return new Command('loss-network').description('the weights that training compares pictures with').addCommand(fetch);
}

async function run({ url, output, sha256, ...options }: FetchCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report);
  const { fetchLossNetwork } = await import('../../../train.js');
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const result = await fetchLossNetwork({
    url,
    signal,
    ...(output === undefined ? {} : { file: output }),
    ...(sha256 === undefined ? {} : { sha256 }),
    onProgress: (progress) =>
      report.status(progress, progress.bytes / progress.total, [
        `${megabytes(progress.bytes)} of ${megabytes(progress.total)}`,
      ]),
  });
  if (result.interrupted) process.exitCode = 130;
  const done = `${result.file} (SHA-256 ${result.sha256})`;
  report.result(result, result.interrupted ? 'stopped; what was fetched is kept for the next time' : done);
}
