import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LAUNCH } from './cli/run.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const entries = Object.keys(exports).filter((path) => path !== './package.json');

/** What a program says that runs in a process of its own. */
const program = (text: string) =>
  JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', text], { cwd: root, encoding: 'utf8' }));

test.for(entries)('importing stylecast %s loads no native library and listens to nothing', (path) => {
  const said = program(`
    const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
    const before = listeners();
    const names = Object.keys(await import('stylecast${path.slice(1)}'));
    const libraries = process.report.getReport().sharedObjects.filter((file) => /node_modules/.test(file));
    console.log(JSON.stringify({ names: names.length > 1, libraries, same: JSON.stringify(before) === JSON.stringify(listeners()) }));`);
  expect(said).toEqual({ names: true, libraries: [], same: true });
});

test('what is loaded when a picture is read shows in that list', () => {
  const libraries: string[] = program(`
    import { readImage } from 'stylecast';
    await readImage('presets/photograph.jpg');
    console.log(JSON.stringify(process.report.getReport().sharedObjects.filter((file) => /node_modules/.test(file))));`);
  expect(libraries.some((file) => file.includes('sharp'))).toBe(true);
  expect(libraries.some((file) => file.includes('onnxruntime'))).toBe(false);
});

test('listing the cameras costs at most twice the CPU of --help', () => {
  const telling = `process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    process.stderr.write('CPU ' + (user + system));
  });`;
  const microseconds = (argument: string) => {
    const hook = `data:text/javascript,${encodeURIComponent(telling)}`;
    const { stderr } = spawnSync(process.execPath, ['--import', hook, LAUNCH, argument], { encoding: 'utf8' });
    return Number(/CPU (\d+)$/.exec(stderr)![1]);
  };
  // What other programs do at the same time only adds: the least of some counts.
  const least = (argument: string) => Math.min(...[1, 2, 3, 4].map(() => microseconds(argument)));
  expect(least('cameras')).toBeLessThan(2 * least('--help'));
});
