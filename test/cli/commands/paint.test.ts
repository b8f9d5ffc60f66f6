import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture, trainingFolder } from '../../train/fixtures.js';
import { freshFolder, jsonLines, listing, run, start } from '../run.js';

const folder = freshFolder();
const lossNetwork = 'vgg.safetensors';

beforeAll(async () => {
  const made = await trainingFolder();
  writeFileSync(join(folder, lossNetwork), readFileSync(made.lossNetwork));
  await picture(90, 60, 2).toFile(join(folder, 'photo.png'));
  await picture(80, 80, 5).toFile(join(folder, 'a.png'));
  await picture(80, 80, 7).toFile(join(folder, 'b.png'));
});

const paint = (...args: string[]) => [
  ...['paint', 'photo.png', '--loss-network', lossNetwork, '--size', '96', '--threads', '1'],
  ...args,
];

async function raw(name: string) {
  return sharp(join(folder, name)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
}

async function difference(one: string, other: string): Promise<number> {
  const [a, b] = [await raw(one), await raw(other)];
  let sum = 0;
  a.data.forEach((value, i) => {
    sum += Math.abs(value - b.data[i]!);
  });
  return sum / a.data.length;
}

describe('stylecast paint', () => {
  it('paints at the size of the photograph, and the loss falls', async () => {
    const { code, stdout, stderr } = await run(
      folder,
      paint('-s', 'a.png', '-o', 'one.png', '--steps', '30', '--json'),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = jsonLines(stdout);
    const losses = lines
      .filter(({ type }) => type === 'progress')
      .map(({ losses }) => (losses as { loss: number }).loss);
    expect(losses).toHaveLength(30);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      outputs: ['one.png'],
      width: 96,
      height: 64,
      steps: 30,
      interrupted: false,
    });
    const { info } = await raw('one.png');
    expect([info.width, info.height]).toEqual([96, 64]);
    expect(listing(folder)).not.toContain('one.png.painting');
  });

  it('is the same again from the same seed', async () => {
    await run(folder, paint('-s', 'a.png', '-o', 'again.png', '--steps', '30'));
    await run(folder, paint('-s', 'a.png', '-o', 'again-2.png', '--steps', '30'));
    expect(await difference('again.png', 'again-2.png')).toBe(0);
  });

  it('blends styles by their weights', async () => {
    const steps = ['--steps', '20'];
    await run(folder, paint('-s', 'b.png', '-o', 'b-only.png', ...steps));
    await run(folder, paint('-s', 'a.png', '-s', 'b.png:0.001', '-o', 'mostly-a.png', ...steps));
    await run(folder, paint('-s', 'a.png:0.001', '-s', 'b.png', '-o', 'mostly-b.png', ...steps));
    expect(await difference('mostly-b.png', 'b-only.png')).toBeLessThan(
      (await difference('mostly-a.png', 'b-only.png')) / 2,
    );
  });

  it('paints several seeds and tells how different they are', async () => {
    const args = paint(
      '-s',
      'a.png',
      '-o',
      'many.png',
      '--steps',
      '12',
      '--init',
      'noise',
      '--seeds',
      '2',
      '--optimizer',
      'adam',
      '--json',
    );
    const { code, stdout } = await run(folder, args);
    expect(code).toBe(0);
    const { diversity, outputs } = jsonLines(stdout).at(-1) as unknown as {
      diversity: Record<string, number>;
      outputs: string[];
    };
    expect(outputs).toEqual(['many-1.png', 'many-2.png']);
    expect(diversity.pixels).toBeGreaterThan(0);
    expect(diversity.features).toBeGreaterThan(0);
  });

  it('keeps the colours of the photograph, or changes those of the style', async () => {
    await sharp({ create: { width: 90, height: 60, channels: 3, background: '#c02020' } }).toFile(
      join(folder, 'red.png'),
    );
    const args = [
      'paint',
      'red.png',
      '-s',
      'a.png',
      '--loss-network',
      lossNetwork,
      '--size',
      '96',
      '--steps',
      '10',
      '--threads',
      '1',
    ];
    const redness = async (name: string) => {
      const { channels } = await sharp(join(folder, name)).stats();
      return channels[0]!.mean - channels[2]!.mean;
    };
    const { stderr } = await run(folder, [...args, '-o', 'red-kept.png', '--keep-colors', 'luminance', '--quiet']);
    expect(stderr).toBe('');
    await run(folder, [...args, '-o', 'red-matched.png', '--keep-colors', 'match']);
    await run(folder, [...args, '-o', 'red-lost.png']);
    expect(await redness('red-kept.png')).toBeGreaterThan(100);
    expect(await difference('red-matched.png', 'red-lost.png')).toBeGreaterThan(1);
  });

  it('stopped by Ctrl-C it keeps the best so far, and goes on from there', async () => {
    const args = paint('-s', 'a.png', '-o', 'stopped.png', '--steps', '80', '--json');
    const running = start(folder, args);
    while (jsonLines(running.stdout()).filter(({ type }) => type === 'progress').length < 5) await wait(10);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    const result = jsonLines(stdout).at(-1) as { steps: number };
    expect(result).toMatchObject({
      type: 'result',
      interrupted: true,
      outputs: ['stopped.partial.png'],
      width: 96,
      height: 64,
    });
    expect((await raw('stopped.partial.png')).info.width).toBe(96);
    // Neither begun anew nor changed by accident; an output of another type is another painting.
    for (const [more, message] of [
      [[], 'stopped.png.painting holds a painting that was stopped; expected a new one'],
      [['--resume', '--steps', '60'], 'steps: expected what the painting was begun with, got 60'],
      [['--resume', '-s', 'b.png'], 'nothing to resume: the pictures of the style, or their weights, are not those'],
    ] as const) {
      const refused = await run(folder, [...args.filter((arg) => arg !== '--json'), ...more]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(message);
    }
    expect((await run(folder, paint('-s', 'b.png', '-o', 'stopped.jpg', '--steps', '2'))).code).toBe(0);
    // From another folder, by other paths.
    mkdirSync(join(folder, 'elsewhere'), { recursive: true });
    const moved = args.map((arg) => (/^[\w.]+\.(png|safetensors)$/.test(arg) ? join('..', arg) : arg));
    const resumed = await run(join(folder, 'elsewhere'), [...moved, '--resume']);
    const lines = jsonLines(resumed.stdout);
    expect(lines.find(({ type }) => type === 'progress')).toMatchObject({ step: result.steps + 1, steps: 80 });
    expect(lines.at(-1)).toMatchObject({ type: 'result', interrupted: false, outputs: ['../stopped.png'] });
    expect(existsSync(join(folder, 'stopped.png.painting'))).toBe(false);
  });
});

describe('what cannot be painted is refused kindly', () => {
  const cases: readonly [string, string[], string][] = [
    ['no such photograph', ['paint', 'none.png', '-s', 'a.png', '-o', 'x.png'], 'none.png does not exist'],
    ['no such style', paint('-s', 'none.png', '-o', 'x.png'), 'none.png does not exist'],
    ['a style that is no picture', paint('-s', 'vgg.safetensors', '-o', 'x.png'), 'is not a picture that can be read'],
    [
      'a weight that is none',
      paint('-s', 'a.png:much', '-o', 'x.png'),
      'Expected a picture, or picture:weight such as wave.jpg:0.4.',
    ],
    [
      'a weight below 0',
      paint('-s', 'a.png:-1', '-o', 'x.png'),
      'weight of a.png: expected a number above 0, at most 1000, got -1',
    ],
    [
      'a size too large',
      paint('-s', 'a.png', '-o', 'x.png', '--size', '2000'),
      'size: expected a whole number from 64 to 1024, got 2000',
    ],
    [
      'too little memory',
      paint('-s', 'a.png', '-o', 'x.png', '--size', '1024', '--memory', '300M'),
      'fits into 300 MB, got 1024 pixels',
    ],
    [
      'an optimizer that is none',
      paint('-s', 'a.png', '-o', 'x.png', '--optimizer', 'sgd'),
      'optimizer: expected one of lbfgs, adam, got sgd',
    ],
    ['a format that is none', paint('-s', 'a.png', '-o', 'x.tif'), 'x.tif has no picture extension that is known'],
    ['nothing to resume', paint('-s', 'a.png', '-o', 'never.png', '--resume'), 'nothing to resume'],
    [
      'weights that are none',
      ['paint', 'photo.png', '-s', 'a.png', '--loss-network', 'a.png', '-o', 'x.png'],
      'not a usable safetensors file',
    ],
  ];
  it.for(cases)('%s', async ([, args, message]) => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    const before = listing(folder);
    const { code, stdout, stderr } = await run(folder, args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(listing(folder)).toEqual(before);
  });
});
