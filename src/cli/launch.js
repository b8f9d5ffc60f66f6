#!/usr/bin/env node
// Starts the built command, or says how to build it. Plain JavaScript, so that it runs before the build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../../dist/cli/main.js', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `stylecast: this is Node ${process.versions.node}; expected 20.19 or newer.\n  Install a newer Node.js.`,
  );
  process.exitCode = 1;
} else if (!existsSync(fileURLToPath(main))) {
  console.error('stylecast: it is not built yet (install scripts were skipped).\n  Run: npm run build');
  process.exitCode = 1;
} else {
  await import(main.href);
}
