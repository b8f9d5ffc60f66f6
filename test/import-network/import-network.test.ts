import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { importNetwork } from '#src/import-network/import-network.js';
import { readImage } from '#src/media/files/pictures/image.js';
import { findStyle } from '#src/model/library/find.js';
import { stylizeImage } from '#src/pipeline/stylize/image.js';

const photograph = new URL('../../presets/photograph.jpg', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stylecast-import-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Foreign {
  readonly layout: 'nchw' | 'nhwc';
  readonly white: 1 | 255;
  readonly size?: readonly [height: number, width: number];
  /** Exported with its size as a constant inside, so that it cannot run at another. */
  readonly rigid?: boolean;
  /** Halves and doubles the size inside: even sizes only. */
  readonly halves?: boolean;
}

/** A negative with red taken from blue: easy to tell, and not the same with red and blue exchanged. */
async function foreign(name: string, { layout, white, size, rigid, halves }: Foreign): Promise<string> {
  const b = new GraphBuilder();
  const [h, w] = size ?? ['h', 'w'];
  const picture = b.input('in', 'float32', layout === 'nchw' ? [1, 3, h, w] : [1, h, w, 3]);
  let x = layout === 'nchw' ? picture : b.op('Transpose', [picture], { perm: [0, 3, 1, 2] });
  if (rigid) x = b.op('Reshape', [x, b.ints([1, 3, ...size!])]);
  if (halves) {
    x = b.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
    const scales = b.constant('float32', [4], [1, 1, 2, 2]);
    x = b.op('Resize', [x, undefined, scales], { mode: 'nearest' });
  }
  const weights = b.constant('float32', [3, 3, 1, 1], [0, 0, -1, 0, -1, 0, 0, 0, -1]);
  x = b.op('Conv', [x, weights, b.constant('float32', [3], [white, white, white])]);
  x = layout === 'nchw' ? x : b.op('Transpose', [x], { perm: [0, 2, 3, 1] });
  b.output('out', x);
  const file = join(folder, `${name}.onnx`);
  await writeFile(file, writeModel(b.build()));
  return file;
}

describe('a network made elsewhere', () => {
  const cases: [string, Foreign, object][] = [
    ['free-unit', { layout: 'nchw', white: 1 }, { range: [0, 1], layout: 'nchw', multiple: 1 }],
    ['fixed-bytes', { layout: 'nchw', white: 255, size: [224, 224] }, { range: [0, 255], multiple: 1 }],
    ['nhwc-bytes', { layout: 'nhwc', white: 255 }, { range: [0, 255], layout: 'nhwc' }],
    ['halving', { layout: 'nchw', white: 1, size: [128, 96], halves: true }, { range: [0, 1], multiple: 2 }],
  ];
  test.each(cases)('%s is understood and runs at any size', async (name, kind, expected) => {
    const file = await foreign(name, kind);
    const { style } = await importNetwork(await findStyle(file), { channels: 'rgb' });
    expect(style.manifest.input).toMatchObject(expected);
    expect(style.manifest.input.size).toBeUndefined();

    const output = join(folder, `${name}.png`);
    await stylizeImage({ input: photograph, output, style });
    const before = (await readImage(photograph)).frame;
    const after = (await readImage(output)).frame;
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    let difference = 0;
    for (let i = 0; i < before.data.length; i += 3) {
      difference +=
        Math.abs(after.data[i]! - (255 - before.data[i + 2]!)) +
        Math.abs(after.data[i + 2]! - (255 - before.data[i + 2]!));
    }
    // Halving blurs; else nothing but rounding may differ.
    expect(difference / ((2 * before.data.length) / 3)).toBeLessThan(kind.halves ? 12 : 1);
  });

  test('one that cannot run at another size keeps its size, and pictures are scaled to it and back', async () => {
    const file = await foreign('rigid', { layout: 'nchw', white: 255, size: [160, 224], rigid: true });
    const { style, reasons } = await importNetwork(await findStyle(file), { channels: 'rgb' });
    expect(style.manifest.input.size).toEqual({ width: 224, height: 160 });
    expect(reasons).toContain('It takes 224x160 only.');
    const output = join(folder, 'rigid.png');
    expect(await stylizeImage({ input: photograph, output, style })).toMatchObject({ width: 512, height: 288 });
  });

  test('which of red and blue is first is said to be a guess, and can be told', async () => {
    const file = await foreign('order', { layout: 'nchw', white: 1 });
    const bare = await findStyle(file);
    expect((await importNetwork(bare)).sure).toBe(false);
    const told = await importNetwork(bare, { channels: 'bgr', range: '0-1' });
    expect(told.sure).toBe(true);
    expect(told.style.manifest.input.channels).toBe('bgr');
    expect(told.style.manifest.output.channels).toBe('bgr');
  });

  test('a bare .onnx file can be used as a style; the guess is noted', async () => {
    const file = await foreign('bare', { layout: 'nchw', white: 255 });
    const { notes } = await stylizeImage({ input: photograph, output: join(folder, 'bare.png'), style: file });
    expect(notes).toEqual([`${file} is read as 0 to 255, RGB, which is a guess; "stylecast import" lets you choose.`]);
  });

  test('what gives no picture is refused', async () => {
    const b = new GraphBuilder();
    const picture = b.input('in', 'float32', [1, 3, 'h', 'w']);
    b.output('out', b.op('Mul', [picture, b.scalar('float32', 0)]));
    const file = join(folder, 'black.onnx');
    await writeFile(file, writeModel(b.build()));
    await expect(importNetwork(await findStyle(file))).rejects.toMatchObject({
      code: 'ENGINE_NO_PICTURE',
      message: 'black runs, but gives no plausible picture with any usual convention.',
    });
  });
});
