import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { checkMemory, paintingBytes } from '#src/paint/optimize/memory.js';
import { grey, matchPalette, transferLuminance } from '#src/paint/pictures/colors.js';
import { levelsOf, paintedSide, scalesOf } from '#src/paint/pictures/levels.js';
import { offCanvas, onCanvas, readCanvas } from '#src/paint/pictures/pictures.js';
import { type BytePicture, bytesOf, enlarged, type PlanarPicture, planesOf } from '#src/paint/pictures/pixels.js';
import { loadState, removeState, saveState } from '#src/paint/state.js';
import { diversityOf } from '#src/quality/diversity.js';
import { failure } from '../../fixtures/failure.js';
import { waves } from '../../reference/wave.js';
import { picture } from '../../train/fixtures.js';
import { smallVgg } from '../fixtures.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stylecast-paint-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const made = (phase: number): PlanarPicture => ({ data: waves(3 * 20 * 12, phase, 0.2, 0.5), width: 20, height: 12 });

/** Mean and covariance of the colours, computed the plain way. */
function statistics({ data, width, height }: PlanarPicture): number[] {
  const area = width * height;
  const mean = [0, 1, 2].map((c) => data.subarray(c * area, (c + 1) * area).reduce((a, b) => a + b, 0) / area);
  const pairs = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b] as const));
  const covariance = pairs.map(([a, b]) => {
    let sum = 0;
    for (let i = 0; i < area; i++) sum += (data[a * area + i]! - mean[a]!) * (data[b * area + i]! - mean[b]!);
    return sum / area;
  });
  return [...mean, ...covariance];
}

describe('levels', () => {
  it('double from coarse to fine and share out every step', () => {
    const levels = levelsOf(544, 416, scalesOf(512), 300);
    expect(levels.map(({ width, height }) => [width, height])).toEqual([
      [136, 104],
      [272, 208],
      [544, 416],
    ]);
    expect(levels.map(({ halvings }) => halvings)).toEqual([2, 1, 0]);
    for (const steps of [1, 2, 3, 7, 300]) {
      const shares = levelsOf(544, 416, 4, steps).map((level) => level.steps);
      expect(shares.reduce((a, b) => a + b)).toBe(steps);
      expect(shares.every((share) => share >= 0)).toBe(true);
      expect(shares.at(-1)).toBeGreaterThan(0);
    }
  });

  it('have sides that every scale divides, with a margin', () => {
    for (const size of [64, 100, 129, 512, 1024]) {
      const scales = scalesOf(size);
      const side = paintedSide(size, scales);
      expect(side % (4 * 2 ** (scales - 1))).toBe(0);
      expect(side).toBeGreaterThanOrEqual(size + 32);
    }
  });
});

describe('colours', () => {
  it('change to the palette of another picture: same mean, same covariance', () => {
    const other: PlanarPicture = { ...made(3), data: made(3).data.map((value, i) => (i < 240 ? value * 0.5 : value)) };
    const changed = statistics(matchPalette(made(1), other));
    statistics(other).forEach((value, i) => {
      expect(changed[i]).toBeCloseTo(value, 3);
    });
  });

  it('change in lightness alone between grey pictures', () => {
    const changed = matchPalette(grey(made(1)), grey(made(3)));
    expect(statistics(changed)[0]).toBeCloseTo(statistics(grey(made(3)))[0]!, 4);
    expect(statistics(changed)[3]).toBeCloseTo(statistics(grey(made(3)))[3]!, 4);
    for (let i = 0; i < 240; i++) expect(changed.data[i]).toBeCloseTo(changed.data[480 + i]!, 3);
  });

  it('stay, under the luminance of the painted picture', () => {
    const [painted, colours] = [made(1), made(3)];
    const both = transferLuminance(painted, colours);
    const [light, wanted] = [grey(both).data, grey(painted).data];
    light.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 5);
    });
    const difference = (planes: PlanarPicture, i: number) => planes.data[i]! - planes.data[240 + i]!;
    for (let i = 0; i < 240; i++) expect(difference(both, i)).toBeCloseTo(difference(colours, i), 5);
  });
});

describe('pixels', () => {
  it('go to planes and back', () => {
    const data = Uint8Array.from({ length: 36 }, (_, i) => i * 7);
    expect(bytesOf(planesOf({ data, width: 4, height: 3 })).data).toEqual(data);
  });

  it('grow by cubic interpolation that keeps a plane as it is', async () => {
    const slope = Float32Array.from({ length: 3 * 64 }, (_, i) => (i % 8) / 10);
    const large = await enlarged({ data: slope, width: 8, height: 8 }, 2);
    expect([large.width, large.height]).toEqual([16, 16]);
    for (let x = 4; x < 12; x++) expect(large.data[16 * 8 + x]).toBeCloseTo((x / 2 - 0.25) / 10, 5);
  });

  it('come off the canvas as they went on', async () => {
    const path = join(folder, 'photo.png');
    await picture(90, 50, 2).toFile(path);
    const canvas = await readCanvas(path, 90, 2);
    expect(canvas.painted).toEqual({ width: 128, height: 88 });
    const bytes = canvas.still.frame as BytePicture;
    const level = { ...canvas.painted, halvings: 0, steps: 1 };
    const whole = await onCanvas(bytes, canvas, level);
    expect((await offCanvas(bytesOf(whole), canvas)).data).toEqual(bytes.data);
    const half = await onCanvas(bytes, canvas, { ...level, width: 64, height: 44, halvings: 1 });
    expect(half.data).toHaveLength(3 * 64 * 44);
  });
});

describe('memory', () => {
  it('grows with the picture, and what does not fit is refused with a size that does', () => {
    const network = smallVgg();
    const [small, large] = [paintingBytes(network, 160, 160, 2), paintingBytes(network, 320, 320, 2)];
    expect(large).toBeGreaterThan(small * 1.02);
    expect(() => checkMemory(network, 0.75, 512, 8e9)).not.toThrow();
    expect(() => checkMemory(network, 0.75, 1024, 600e6)).toThrow(
      /^size: expected a painting that fits into 572 MB, got 1024 pixels, which take about \d+ MB$/,
    );
    try {
      checkMemory(network, 0.75, 1024, 600e6);
    } catch (error) {
      const { code, hint } = error as { code: string; hint: string };
      expect(code).toBe('PAINT_MEMORY');
      const size = Number(/^Use --size (\d+), or allow --memory \d+M\.$/.exec(hint)![1]);
      expect(() => checkMemory(network, 0.75, size, 600e6)).not.toThrow();
    }
  });
});

describe('diversity', () => {
  it('is nothing for equal pictures, and the mean over pairs for others', async () => {
    const bytes = (phase: number) =>
      bytesOf({ ...made(phase), data: waves(3 * 32 * 32, phase, 0.3, 0.5), width: 32, height: 32 });
    const network = smallVgg();
    expect(await diversityOf([bytes(1), bytes(1)], network, 1)).toEqual({ pixels: 0, features: 0 });
    const [a, b, c] = [bytes(1), bytes(2), bytes(3)];
    const pairs = [
      await diversityOf([a, b], network, 1),
      await diversityOf([a, c], network, 1),
      await diversityOf([b, c], network, 1),
    ];
    const all = await diversityOf([a, b, c], network, 1);
    for (const name of ['pixels', 'features'] as const) {
      expect(all[name]).toBeCloseTo(pairs.reduce((sum, pair) => sum + pair[name], 0) / 3, 6);
      expect(all[name]).toBeGreaterThan(0);
    }
    let square = 0;
    a.data.forEach((value, i) => {
      square += ((value - b.data[i]!) / 255) ** 2 / a.data.length;
    });
    expect(pairs[0]!.pixels).toBeCloseTo(square, 5);
  });
});

describe('a state', () => {
  it('is read as it was written, and one that is broken is refused kindly', async () => {
    const work = join(folder, 'x.painting');
    const state = {
      settings: { steps: 5 } as never,
      sources: { photograph: 'a', styles: 'b 1', init: 'content', lossNetwork: 'c' },
      run: 1,
      level: 2,
      done: 3,
      spent: { seconds: 1.5, pixels: 9 },
      picture: made(4),
    };
    await saveState(work, state);
    expect(await loadState(work)).toEqual(state);
    writeFileSync(join(work, 'state.safetensors'), 'no state');
    expect(await failure(loadState(work))).toMatchObject({
      name: 'TrainError',
      code: 'PAINT_NO_STATE',
      message: expect.stringContaining('nothing to resume'),
    });
  });

  it('goes with its folder, unless something else is in there', async () => {
    const work = join(folder, 'holiday.painting');
    mkdirSync(work);
    for (const name of ['state.safetensors', 'preview.png', 'mine.jpg']) writeFileSync(join(work, name), '');
    await removeState(work);
    expect(readdirSync(work)).toEqual(['mine.jpg']);
    rmSync(join(work, 'mine.jpg'));
    await removeState(work);
    expect(existsSync(work)).toBe(false);
  });
});

it('styles are read from any picture', async () => {
  const { readStyle } = await import('#src/paint/pictures/pictures.js');
  const path = join(folder, 'tiny.png');
  await sharp({ create: { width: 20, height: 60, channels: 3, background: '#123' } }).toFile(path);
  expect(await failure(readStyle(path, 512, 32))).toMatchObject({ code: 'OPTION_VALUE', name: 'OptionError' });
});
