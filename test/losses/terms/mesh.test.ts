import { describe, expect, it } from 'vitest';
import { backward } from '#src/autodiff/backward.js';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { meshLoss } from '#src/losses/terms/mesh.js';
import { numbers, run } from '../../graph/run.js';

const [HEIGHT, WIDTH] = [64, 96];
const AREA = HEIGHT * WIDTH;

/** Something added to slow waves in three channels, [3, 64, 96]. */
function picture(added: (channel: number, y: number, x: number) => number): number[] {
  return Array.from({ length: 3 * AREA }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / AREA), Math.floor(i / WIDTH) % HEIGHT, i % WIDTH];
    return 0.5 + 0.3 * Math.sin(x * (0.05 + 0.03 * channel) + y * 0.07 * channel) + added(channel, y, x);
  });
}

async function mesh(...pictures: number[][]) {
  const dims = [pictures.length, 3, HEIGHT, WIDTH];
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', dims);
  const loss = meshLoss(b, x);
  b.output('loss', loss);
  b.output('slope', backward(b, loss, [x])[0]!);
  const found = await run(b.build(), { x: tensor('float32', dims, pictures.flat()) });
  return { loss: numbers(found.loss!)[0]!, slope: numbers(found.slope!) };
}

const plain = picture(() => 0);
const checkerboard = picture((channel, y, x) => 0.02 * (channel + 1) * (((x + y) % 2) * 2 - 1));
const dots = picture((_, y, x) => (x % 4 === 1 && y % 4 === 2 ? 0.05 : 0));
const strokes = picture((_, y, x) => 0.05 * (((Math.floor(x / 3) + Math.floor(y / 3)) % 2) * 2 - 1));

describe('the mesh that a network leaves', () => {
  it('is what the same formula gives in double precision elsewhere (PyTorch 1.13), and so is its slope', async () => {
    const { loss, slope } = await mesh(checkerboard);
    expect(loss).toBeCloseTo(0.003864678, 7);
    const at = (channel: number, y: number, x: number) => slope[channel * AREA + y * WIDTH + x]!;
    expect(at(0, 0, 0)).toBeCloseTo(-6.4525e-6, 9);
    expect(at(1, 5, 8)).toBeCloseTo(1.0782e-5, 9);
    expect(at(2, 40, 77)).toBeCloseTo(1.4708e-5, 9);
    expect((await mesh(dots)).loss).toBeCloseTo(0.000307566, 7);
    expect((await mesh(checkerboard, dots)).loss).toBeCloseTo(0.002086122, 7);
  });

  it('is no stroke, however fine: what does not follow the grid of 2 or 4 pixels hardly counts', async () => {
    const without = (await mesh(plain)).loss;
    const [own, grid] = [(await mesh(strokes)).loss - without, (await mesh(dots)).loss - without];
    // The dots are a sixteenth of the strokes' energy.
    expect(own).toBeLessThan(grid / 2);
  });
});
