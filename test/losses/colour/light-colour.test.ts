import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { keptHues, keptLight, localDifferences } from '#src/losses/colour/light-colour.js';
import { numbers, run } from '../../graph/run.js';

const [HEIGHT, WIDTH] = [72, 96];
const AREA = HEIGHT * WIDTH;

/** Slow waves in three channels, [3, 72, 96]. */
function waves(across: number, down: number): number[] {
  return Array.from({ length: 3 * AREA }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / AREA), Math.floor(i / WIDTH) % HEIGHT, i % WIDTH];
    return 0.5 + 0.3 * Math.sin(x * (0.05 + 0.03 * channel) * across + y * 0.07 * (channel + down));
  });
}

/** The mean of the channels, 0.6 times as light, in all three. */
function grey(picture: readonly number[]): number[] {
  return picture.map((_, i) => [0, 1, 2].reduce((sum, c) => sum + picture[c * AREA + (i % AREA)]!, 0) * 0.2);
}

async function kept(painted: readonly number[], photograph: readonly number[]) {
  const dims = [painted.length / (3 * AREA), 3, HEIGHT, WIDTH];
  const b = new GraphBuilder();
  const [p, s] = ['p', 's'].map((name) => localDifferences(b, b.input(name, 'float32', dims)));
  b.output('light', keptLight(b, p!, s!));
  b.output('colour', keptHues(b, p!, s!));
  const found = await run(b.build(), {
    p: tensor('float32', dims, painted),
    s: tensor('float32', dims, photograph),
  });
  return { light: numbers(found.light!), colour: numbers(found.colour!) };
}

describe('light and colour kept region by region', () => {
  it('is what the same formulas give in double precision elsewhere (PyTorch 1.13)', async () => {
    const [first, second] = [waves(1, 1), waves(1.5, 2)];
    const { light, colour } = await kept([...waves(1.1, 1), ...grey(second)], [...first, ...second]);
    expect(light[0]).toBeCloseTo(0.89284, 3);
    expect(light[1]).toBeCloseTo(0.44274, 3);
    expect(colour[0]).toBeCloseTo(0.88728, 3);
    expect(colour[1]).toBeCloseTo(0, 3);
  });

  it('is all for the photograph itself, but not for one whose hues are turned', async () => {
    const photograph = waves(1, 1);
    const same = await kept(photograph, photograph);
    expect(same.light[0]).toBeCloseTo(1, 3);
    expect(same.colour[0]).toBeGreaterThan(0.97);
    const turned = [...photograph.slice(2 * AREA), ...photograph.slice(0, 2 * AREA)];
    expect((await kept(turned, photograph)).colour[0]).toBeCloseTo(-0.4852, 3);
  });

  it('half the contrast keeps half the light, and hues are hues however pale', async () => {
    const photograph = waves(1, 1);
    const faded = (by: number) => photograph.map((value) => 0.5 + by * (value - 0.5));
    expect((await kept(faded(0.5), photograph)).light[0]).toBeCloseTo(0.5, 2);
    expect((await kept(faded(0.3), photograph)).colour[0]).toBeCloseTo(0.80168, 3);
  });
});
