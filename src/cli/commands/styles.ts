import { Command } from 'commander';
import { table } from '../table.js';

/** `stylecast styles`: what there is to choose from. */
export function stylesCommand(): Command {
  return new Command('styles')
    .description('list the styles')
    .option('--json', 'as a JSON array')
    .addHelpText('after', '\nExample:\n  stylecast styles')
    .action(run);
}

async function run({ json }: { json?: boolean }): Promise<void> {
  const { listStyles } = await import('../../index.js');
  const { styles, broken } = await listStyles();
  if (json) {
    process.stdout.write(`${JSON.stringify(styles, null, 2)}\n`);
  } else if (styles.length === 0) {
    process.stderr.write('stylecast: no styles were found.\n  Import a network with "stylecast import".\n');
  } else {
    const rows = styles.map(({ name, title, tier, credits, bytes, ms, styles: many }) => {
      // For a network of many styles their names are listed instead of credits.
      const named = many.map((style) => `:${style.name}`).join(' ');
      const after = credits
        .map(({ title, author, year }) => `${title} (${author}${year ? `, ${year}` : ''})`)
        .join('; ');
      const time = ms === undefined ? '-' : `${ms.toFixed(0)} ms`;
      return [name, title, tier, time, `${(bytes / 2 ** 20).toFixed(1)} MB`, named || after || '-'];
    });
    process.stdout.write(`${table([['NAME', 'TITLE', 'TIER', 'TIME', 'SIZE', 'AFTER'], ...rows])}\n`);
  }
  for (const { problem, hint } of broken) {
    process.stderr.write(`stylecast: ${problem}\n${hint ? `  ${hint}\n` : ''}`);
  }
}
