// Fails when `npm ci` would run install scripts of other packages; --write takes them out of package-lock.json.
// None is needed, and one would fetch GPU libraries from outside the npm registry. npm 11 asks `allowScripts` in
// package.json; npm 10 knows no such list, but runs only what package-lock.json says has a script.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const file = resolve(import.meta.dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const found = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
if (process.argv.includes('--write')) {
  for (const [, entry] of found) delete entry.hasInstallScript;
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
} else if (found.length > 0) {
  for (const [name] of found) console.error(`package-lock.json: ${name} would run an install script`);
  console.error('Run: node .ci/check-install-scripts.mjs --write');
  process.exit(1);
}
console.log(`install scripts: ${found.length}${found.length > 0 ? ' taken out' : ''}`);
