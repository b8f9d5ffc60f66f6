import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CODE_LENGTH } from '#src/nets/style-code.js';
import { openLossNetwork } from '#src/quality/loss-network.js';
import { otherStyles } from '#src/train/methods/modulated/any.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { trainingFolder } from '../../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
let folder: string;
beforeAll(async () => {
  given = await trainingFolder();
  folder = join(given.folder, 'paintings');
  mkdirSync(folder);
  const [width, height] = [420, 330];
  // Small spots of orange in two strengths, the same all over.
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return [220, 120, 30][i % 3]! * ((x >> 2) % 2 === (y >> 2) % 2 ? 1 : 0.6);
  });
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(folder, 'spots.png'));
  await sharp({ create: { width: 120, height: 120, channels: 3, background: '#48c' } }).toFile(
    join(folder, 'tiny.png'),
  );
});
afterAll(() => rmSync(given.folder, { recursive: true }));

const looked = async (
  seed: number,
  options: Pick<TrainOptions, 'signal' | 'onLook'> = {},
  broken = new Map<string, string>(),
) => {
  const network = await openLossNetwork(given.lossNetwork);
  return otherStyles(folder, seed, network, { scale: 1, threads: 1 }, options, broken);
};

/** Red, green and blue in the mean, which stand before the six moments at the end of a code. */
const meanColour = (code: Float32Array) => [...code.subarray(CODE_LENGTH - 9, CODE_LENGTH - 6)];
const apart = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, i) => value - b[i]!));

it('learns a picture and parts of it, one in its colours and two in others, the same for a seed', async () => {
  const styles = await looked(1);
  const file = join(folder, 'spots.png');
  const spots = styles.filter(({ name }) => name.startsWith(file));
  expect(spots.map(({ name }) => name)).toEqual([file, `${file}, part 1`, `${file}, part 2`, `${file}, part 3`]);
  const [whole, ...parts] = spots.map(({ code }) => meanColour(code));
  const [own, ...others] = parts.map((colour) => apart(colour, whole!));
  expect(own).toBeLessThan(0.002);
  for (const other of others) expect(other).toBeGreaterThan(0.03);
  expect((await looked(1)).map(({ code }) => code)).toEqual(styles.map(({ code }) => code));
  expect((await looked(2)).map(({ code }) => code)).not.toEqual(styles.map(({ code }) => code));
});

it('takes small pictures whole only, and leaves out what is none', async () => {
  const nothing = join(folder, 'nothing.jpg');
  writeFileSync(nothing, 'nothing');
  const broken = new Map<string, string>();
  const names = (await looked(1, {}, broken)).map(({ name }) => name);
  expect(names.filter((name) => name.includes('tiny'))).toEqual([join(folder, 'tiny.png')]);
  expect([...broken.keys()]).toEqual([nothing]);
});

it('says how far it is, and stops when it is told to', async () => {
  const stop = new AbortController();
  const shares: number[] = [];
  const onLook = (share: number) => {
    shares.push(share);
    if (share > 0) stop.abort();
  };
  await expect(looked(1, { onLook, signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  expect(shares.filter((share) => share > 0)).toHaveLength(1);
  expect(shares[0]).toBe(0);
});
