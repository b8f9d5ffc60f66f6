import { Command } from 'commander';

/** `stylecast styles`: what there is to choose from. */
export function stylesCommand(): Command {
  return new Command('styles')
    .description('list the styles')
    .option('--json', 'as a JSON array')
    .addHelpText('after', '\nExample:\n  stylecast styles')
    .action(run);
}

async function run({ json }: { json?: boolean }): Promise<void> {
  const { listStyles } = await import('../index.js');
  const { styles, broken } = await listStyles();
  if (json) {
    process.stdout.write(`${JSON.stringify(styles, null, 2)}\n`);
  } else if (styles.length === 0) {
    process.stderr.write('stylecast: no styles were found.\n  Import a network with "stylecast import".\n');
  } else {
    const rows = styles.map(({ name, tier, credits, bytes }) => {
      const after = credits
        .map(({ title, author, year }) => `${title} (${author}${year ? `, ${year}` : ''})`)
        .join('; ');
      return [name, tier, after || '-', `${(bytes / 2 ** 20).toFixed(1)} MB`];
    });
    process.stdout.write(`${table([['NAME', 'TIER', 'AFTER', 'SIZE'], ...rows])}\n`);
  }
  for (const { problem, hint } of broken) {
    process.stderr.write(`stylecast: ${problem}\n${hint ? `  ${hint}\n` : ''}`);
  }
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
