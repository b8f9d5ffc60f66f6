import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import { boxOverlap } from '#src/quality/people/box.js';
import { FACE_SIDE, faceModel } from '#src/quality/people/face-network.js';
import { readFaceWeights } from '#src/quality/people/face-weights.js';
import { facesFound, facesOf } from '#src/quality/people/faces.js';
import { maskOverlap } from '#src/quality/people/mask.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { run } from '../../graph/run.js';

const photograph = (name: string) =>
  fileURLToPath(new URL(`../../../presets/photographs/${name}.jpg`, import.meta.url));

describe('the face detector', () => {
  it('finds the face of the portrait where the package itself finds it, and none in the castle', async () => {
    const weights = await readFaceWeights();
    const model = faceModel(weights);
    const faces = async (name: string) => {
      const { data, info } = await sharp(photograph(name))
        .resize(FACE_SIDE, FACE_SIDE, { fit: 'contain', position: 'left top', background: 'black' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info.channels).toBe(3);
      const picture = tensor('uint8', [1, FACE_SIDE, FACE_SIDE, 3], new Uint8Array(data));
      const { codes, scores } = await run(model, { picture });
      const anchors = weights.get('Output/extra_dim')!.data;
      return facesOf(codes!.data as Float32Array, scores!.data as Float32Array, anchors, 640);
    };
    const [face, ...others] = await faces('portrait');
    expect(others).toEqual([]);
    // What face-api.js 1.7.15 says of the same picture; it shrinks it in another way, which moves boxes by a few pixels.
    expect(face!.score).toBeCloseTo(0.97, 1);
    expect(boxOverlap(face!, { left: 226, top: 87, width: 106, height: 128 })).toBeGreaterThan(0.9);
    expect(await faces('castle')).toEqual([]);
  });

  it('says what to install where the package is missing', async () => {
    const elsewhere = pathToFileURL(join(freshFolder(), 'index.js')).href;
    await expect(readFaceWeights(elsewhere)).rejects.toMatchObject({
      code: 'EVAL_FACES',
      message:
        'Faces are found by the detector in the package @vladmandic/face-api, which cannot be loaded: it is not installed.',
      hint: expect.stringContaining('Run "npm install @vladmandic/face-api@1.7.15"'),
    });
  });

  it('says so where the package is damaged', async () => {
    const folder = freshFolder();
    const weights = { name: 'a', shape: [3], dtype: 'float32' };
    const files = {
      'package.json': '{"name":"@vladmandic/face-api"}',
      'model/ssd_mobilenetv1_model-weights_manifest.json': JSON.stringify([{ weights: [weights], paths: ['a.bin'] }]),
      'model/a.bin': '12345678',
    };
    for (const [name, text] of Object.entries(files)) {
      const file = join(folder, 'node_modules/@vladmandic/face-api', name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    await expect(readFaceWeights(pathToFileURL(join(folder, 'index.js')).href)).rejects.toMatchObject({
      code: 'EVAL_FACES',
      message: expect.stringContaining('cannot be loaded: its weights end before "a".'),
    });
  });
});

describe('faces', () => {
  it('are decoded from their anchors, each once, the surest first', () => {
    const anchors = Float32Array.of(0, 0, 0.2, 0.2, 0.5, 0.5, 0.9, 0.7, 0, 0, 0.2, 0.2);
    // The second anchor moves by half its height down and grows by e; the third is the first again, less sure.
    const codes = Float32Array.of(0, 0, 0, 0, 5, 0, 5, 0, 0, 0, 0, 0);
    const scores = Float32Array.of(0, 0.6, 0, 0, 0.9, 0, 0, 0.55, 0);
    const [first, second, ...others] = facesOf(codes, scores, anchors, 100);
    expect(others).toEqual([]);
    expect(first!.score).toBeCloseTo(0.9, 6);
    expect(first!.left).toBeCloseTo(50, 4);
    expect(first!.width).toBeCloseTo(20, 4);
    expect(first!.height).toBeCloseTo(40 * Math.E, 4);
    expect(first!.top + first!.height / 2).toBeCloseTo(70 + 20, 4);
    expect(second).toMatchObject({ left: 0, top: 0 });
    expect(second!.width).toBeCloseTo(20, 5);
  });

  it('are found again where they were, not elsewhere', () => {
    const box = (left: number, top: number, side = 40) => ({ left, top, width: side, height: side });
    expect(boxOverlap(box(0, 0), box(20, 0))).toBeCloseTo(1 / 3, 12);
    expect(boxOverlap(box(0, 0), box(40, 0))).toBe(0);
    expect(facesFound([box(0, 0), box(100, 100)], [box(5, 5), box(300, 300)])).toBe(1);
    expect(facesFound([box(0, 0)], [])).toBe(0);
  });
});

describe('maskOverlap', () => {
  it('is the shared share of what either covers, and nothing where nobody is', () => {
    const mask = (...covered: number[]) =>
      Float32Array.from({ length: 10 }, (_, i) => (covered.includes(i) ? 0.9 : 0.2));
    expect(maskOverlap(mask(1, 2, 3), mask(2, 3, 4))).toBe(0.5);
    expect(maskOverlap(mask(1, 2), mask(1, 2))).toBe(1);
    expect(maskOverlap(mask(1), mask())).toBe(0);
    expect(maskOverlap(mask(), mask(1))).toBeUndefined();
  });
});
