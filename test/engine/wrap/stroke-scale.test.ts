import { describe, expect, test } from 'vitest';
import { identity, network, styleOf } from '../networks.js';
import { difference, failure, painted, scene } from '../pictures.js';

const [width, height] = [160, 96];

/** Mean differences between rows: from the one next to it, as in a mesh, and from the next but one. */
function rows(data: Uint8Array): { alternating: number; smooth: number } {
  let [alternating, smooth, count] = [0, 0, 0];
  for (let y = 4; y < height - 4; y++) {
    for (let x = 0; x < width; x++) {
      const level = (row: number) => data[(row * width + x) * 3]!;
      alternating += Math.abs(level(y - 1) - 2 * level(y) + level(y + 1)) / 4;
      smooth += Math.abs(level(y + 1) - level(y - 1)) / 2;
      count++;
    }
  }
  return { alternating: alternating / count, smooth: smooth / count };
}

describe('strokeScale', () => {
  test.for([0.5, 0.7, 1.5, 2, 3, 4])('%f times: nothing moves, and fine detail stays', async (strokeScale) => {
    const data = scene(width, height);
    const { data: result } = await painted(styleOf(identity, { input: { multiple: 8 } }), data, width, height, {
      strokeScale,
    });
    expect(difference(result, data).mean).toBeLessThan(1.5);
    // A shift by two pixels, either way, costs more.
    for (const by of [-6, 6]) {
      const shifted = Uint8Array.from(data, (_, at) => data[at + by] ?? 0);
      expect(difference(result, shifted).mean).toBeGreaterThan(2 * difference(result, data).mean);
    }
  });

  test('a network sees the picture at its size divided by it', async () => {
    // Each result is the pixel to the right: on a ramp, one pixel of the network is as many levels as it is wide.
    const right = network((g, x) => {
      const padded = g.op('Pad', [x, g.ints([0, 0, 0, 0, 0, 0, 0, 1])], { mode: 'edge' });
      return g.op('Slice', [padded, g.ints([1]), g.ints([2 ** 31 - 1]), g.ints([3])]);
    });
    const ramp = Uint8Array.from({ length: width * height * 3 }, (_, at) => Math.floor(at / 3) % width);
    for (const strokeScale of [0.5, 1, 2, 4]) {
      const { data } = await painted(styleOf(right), ramp, width, height, { strokeScale });
      expect(data[80 * 3]! - ramp[80 * 3]!, `${strokeScale}`).toBeCloseTo(Math.round(strokeScale), -0.5);
    }
  });

  test('what alternates from pixel to pixel of a small painting is no mesh when it is enlarged', async () => {
    const chequered = network((g, x) => {
      const half = g.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
      const light = g.op('Add', [half, g.scalar('float32', 0.3)]);
      return g.op('DepthToSpace', [g.op('Concat', [half, light, light, half], { axis: 1 })], { blocksize: 2 });
    });
    const grey = new Uint8Array(width * height * 3).fill(100);
    const style = styleOf(chequered, { input: { multiple: 2 } });
    expect(rows((await painted(style, grey, width, height)).data).alternating).toBeGreaterThan(30);
    const enlarged = await painted(style, grey, width, height, { strokeScale: 2 });
    expect(rows(enlarged.data).alternating).toBeLessThan(0.5);
    expect(rows(enlarged.data).smooth).toBeLessThan(0.5);
  });

  test('detail comes in the units of the network: the other way round, and 0 to 255', async () => {
    const data = scene(width, height);
    const plain = await painted(styleOf(identity), data, width, height, { strokeScale: 2 });
    const other = { channels: 'bgr', range: [-1, 1] } as const;
    const caffe = await painted(styleOf(identity, { input: other, output: other }), data, width, height, {
      strokeScale: 2,
    });
    expect(difference(caffe.data, plain.data).max).toBeLessThanOrEqual(1);
  });

  test('a picture that would be cut into tiles is refused with what helps', async () => {
    const data = new Uint8Array(2000 * 1600 * 3);
    const wide = network((g, x) => {
      const many = g.op('Concat', Array(200).fill(x), { axis: 1 });
      return g.op('Slice', [g.op('Relu', [many]), g.ints([0]), g.ints([3]), g.ints([1])]);
    });
    const options = { strokeScale: 0.5, memory: 2 ** 24 };
    const error = await failure(painted(styleOf(wide), data, 2000, 1600, options));
    expect(error).toMatchObject({ code: 'ENGINE_MEMORY' });
  });
});
