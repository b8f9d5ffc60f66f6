import { describe, expect, it } from 'vitest';
import { backward } from '#src/autodiff/backward.js';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { castLoss, TONES, tintLoss } from '#src/losses/colour/palette.js';
import { numbers, run } from '../../graph/run.js';
import { waves } from '../../reference/wave.js';

const [HEIGHT, WIDTH] = [32, 48];
const AREA = HEIGHT * WIDTH;
const painted = waves(6 * AREA, 0.3, 0.3, 0.5).map((value, i) => value + 0.2 * Math.sin(i / 7));
const photograph = waves(6 * AREA, 1.3, 0.3, 0.4).map((value, i) => value + 0.2 * Math.cos(i / 11));
const style = { mean: waves(3, 0.4, 0.1, 0.2), tones: waves(2 * TONES, 0.8, 0.2) };

type Term = 'tint' | 'cast';

/** A term and its gradient with respect to the painting. */
async function measured(term: Term, ours: ArrayLike<number>, given: ArrayLike<number>, palette = style) {
  const dims = [ours.length / (3 * AREA), 3, HEIGHT, WIDTH];
  const rows = palette.mean.length / 3;
  const b = new GraphBuilder();
  const [p, s] = ['p', 's'].map((name) => b.input(name, 'float32', dims));
  const values = {
    mean: b.input('mean', 'float32', [rows, 3]),
    tones: b.input('tones', 'float32', [rows, TONES, 2]),
  };
  const { term: loss, stopped } =
    term === 'tint' ? tintLoss(b, p!, s!, values) : { term: castLoss(b, p!, s!, values), stopped: undefined };
  b.output('loss', loss);
  b.output('slope', backward(b, loss, [p!], new Set(stopped ? [stopped] : []))[0]!);
  const found = await run(b.build(), {
    p: tensor('float32', dims, Float32Array.from(ours)),
    s: tensor('float32', dims, Float32Array.from(given)),
    mean: tensor('float32', [rows, 3], palette.mean),
    tones: tensor('float32', [rows, TONES, 2], palette.tones),
  });
  return { loss: numbers(found.loss!)[0]!, slope: numbers(found.slope!) };
}

describe('the palette of a style', () => {
  it('is what the same formulas give in double precision elsewhere (PyTorch 1.13), and so are the slopes', async () => {
    const some = [0, 1700, 5000, 9215];
    const tint = await measured('tint', painted, photograph);
    expect(tint.loss).toBeCloseTo(0.02100766, 6);
    const tintSlopes = [3.424965e-5, -8.733635e-6, -6.186364e-5, 5.548697e-6];
    for (const [i, at] of some.entries()) expect(tint.slope[at]).toBeCloseTo(tintSlopes[i]!, 8);
    const cast = await measured('cast', painted, photograph);
    expect(cast.loss).toBeCloseTo(0.12477636, 6);
    const castSlopes = [2.496445e-6, 1.318516e-4, 2.722718e-6, -7.956144e-5];
    for (const [i, at] of some.entries()) expect(cast.slope[at]).toBeCloseTo(castSlopes[i]!, 8);
  });

  it.each(['tint', 'cast'] as const)('%s has the gradient that finite differences show', async (term) => {
    // One colour at any light: the target of tint, which no gradient flows through, does not move with the painting.
    const plain = { ...style, tones: Float32Array.from({ length: 2 * TONES }, (_, i) => (i % 2 ? 0.05 : -0.1)) };
    const { slope } = await measured(term, painted, photograph, plain);
    const squared = slope.reduce((sum, value) => sum + value * value, 0);
    const reach = 0.002 / squared;
    const moved = async (by: number) => {
      const there = painted.map((value, i) => value + by * slope[i]!);
      return (await measured(term, there, photograph, plain)).loss;
    };
    expect(((await moved(reach)) - (await moved(-reach))) / (2 * reach) / squared).toBeCloseTo(1, 3);
  });

  it('is met by a painting in the style’s own colours at its light, moved as the photograph is', async () => {
    // Light rises to the right by steps between those of the palette; Cb is a quarter of it, Cr is less by a tenth.
    const tones = Float32Array.from({ length: 2 * TONES }, (_, i) => {
      const light = Math.floor(i / 2) / (TONES - 1);
      return i % 2 ? light / 4 - 0.1 : light / 4;
    });
    const lightAt = (x: number) => [0.301, 0.432, 0.555][Math.floor(x / 16)]!;
    const [cb, cr] = [0.05, -0.1];
    const picture = (colour: (light: number) => readonly [number, number]) =>
      Float32Array.from({ length: 3 * AREA }, (_, i) => {
        const y = lightAt(i % WIDTH);
        const [blue, red] = colour(y);
        const [r, b] = [y + 1.402 * red, y + 1.772 * blue];
        return [r, (y - 0.299 * r - 0.114 * b) / 0.587, b][Math.floor(i / AREA)]!;
      });
    const given = picture(() => [cb, cr]);
    const mean = Float32Array.of(0.43, 0.1, 0);
    const met = picture((light) => [light / 4 + 0.4 * cb, light / 4 - 0.1 + 0.4 * cr]);
    expect((await measured('tint', met, given, { mean, tones })).loss).toBeLessThan(1e-9);
    const grey = picture(() => [0, 0]);
    const away = [0.301, 0.432, 0.555].map((y) => (y / 4 + 0.4 * cb) ** 2 + (y / 4 - 0.1 + 0.4 * cr) ** 2);
    expect((await measured('tint', grey, given, { mean, tones })).loss).toBeCloseTo(
      away.reduce((sum, each) => sum + each / 3, 0),
      6,
    );
  });

  it('may be another for each picture', async () => {
    const other = { mean: waves(3, 2, 0.1, 0.2), tones: waves(2 * TONES, 3, 0.2) };
    const both = {
      mean: Float32Array.of(...style.mean, ...other.mean),
      tones: Float32Array.of(...style.tones, ...other.tones),
    };
    const half = (x: ArrayLike<number>, which: number) => Array.from(x).slice(which * 3 * AREA, (which + 1) * 3 * AREA);
    for (const term of ['tint', 'cast'] as const) {
      const [one, two] = await Promise.all(
        [style, other].map(async (palette, i) => measured(term, half(painted, i), half(photograph, i), palette)),
      );
      const { loss } = await measured(term, painted, photograph, both);
      expect(loss).toBeCloseTo((one!.loss + two!.loss) / 2, 6);
    }
  });
});
