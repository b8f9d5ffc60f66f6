import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateStyles } from '#src/evaluate/evaluate.js';
import type { EvaluateOptions } from '#src/evaluate/options.js';
import type { EvaluationProgress } from '#src/evaluate/progress.js';
import { evaluationPage } from '#src/evaluate/report/report.js';
import { figureTables } from '#src/evaluate/report/table.js';
import { namedStyle } from '#src/model/blend.js';
import { findStyle } from '#src/model/library/find.js';
import type { Style } from '#src/model/style.js';
import { writeFlo } from '#src/quality/motion/flo.js';
import { motionFlow } from '#src/quality/motion/flow.js';
import { shift } from '#src/quality/motion/motion.js';
import { ffmpeg } from '../fixtures/ffmpeg.js';
import { manyStyles } from '../fixtures/many-styles.js';

let folder: string;
let local: Style;
const clip = () => join(folder, 'pan.mp4');
const withoutVgg = 'Strokes and structure are not measured: they need VGG-19, which --loss-network names.';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stylecast-eval-'));
  local = await findStyle(new URL('../fixtures/local-network', import.meta.url).pathname);
  const photograph = new URL('../../presets/photograph.jpg', import.meta.url).pathname;
  // A window that moves over a texture, so that its contents move by (−2, −1) a frame. Where a picture is flat, its
  // motion cannot be seen.
  const texture = Uint8Array.from({ length: 320 * 240 * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % 320, Math.floor(i / 960), i % 3];
    return 128 + 60 * Math.sin(0.31 * x + 2 * Math.sin(0.05 * y) + c) + 60 * Math.cos(0.27 * y + Math.sin(0.07 * x));
  });
  const still = join(folder, 'texture.png');
  await sharp(texture, { raw: { width: 320, height: 240, channels: 3 } }).toFile(still);
  ffmpeg(
    ...['-loop', '1', '-i', still, '-vf', 'crop=192:128:50+2*n:40+n', '-frames:v', '4', '-r', '10'],
    ...['-c:v', 'libx264', '-crf', '8', '-pix_fmt', 'yuv444p', clip()],
  );
  mkdirSync(join(folder, 'photos'));
  for (const [name, left] of [
    ['a', 0],
    ['b', 150],
  ] as const) {
    await sharp(photograph)
      .extract({ left, top: 60, width: 192, height: 128 })
      .toFile(join(folder, 'photos', `${name}.png`));
  }
  await sharp(photograph).resize(160, 128, { fit: 'fill' }).negate().toFile(join(folder, 'negative.png'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const evaluate = (options: Partial<EvaluateOptions> = {}) =>
  evaluateStyles({ styles: [local], clips: [clip()], frames: 4, device: 'cpu', threads: 2, ...options });

/** A style that gives its input back. */
const identity = async () => {
  const { GraphBuilder } = await import('#src/graph/builder.js');
  const { writeModel } = await import('#src/graph/onnx/write.js');
  const b = new GraphBuilder('identity');
  b.output('stylized', b.op('Mul', [b.input('image', 'float32', [1, 3, 'height', 'width']), b.scalar('float32', 1)]));
  return { ...local, name: 'identity', model: writeModel(b.build()), manifest: { ...local.manifest, credits: [] } };
};

describe('evaluateStyles', () => {
  it('finds nothing to complain about in a style that gives its input back', async () => {
    const { styles, sourceStyles } = await evaluate({
      styles: [await identity()],
      stylePictures: [join(folder, 'negative.png')],
      steady: false,
    });
    const [{ style, sourceStyle, content, ssim, warping, sourceWarping, flicker, cost, ...figures }] = styles as [
      (typeof styles)[0],
    ];
    expect([content, ssim, flicker]).toEqual([0, 1, 1]);
    expect(figures.light).toBeCloseTo(1, 12);
    expect(figures.colour).toBeGreaterThan(0.98);
    // Fixed random filters cannot tell them, and nobody asked for faces.
    expect([figures.strokes, figures.structure, figures.faces]).toEqual([undefined, undefined, undefined]);
    expect(style).toBe(sourceStyle);
    expect(sourceStyle).toBe(sourceStyles[0]);
    expect(warping).toBe(sourceWarping);
    expect(cost).toEqual({ gmac: 0, parameters: 1, bytes: expect.any(Number) });
  });

  it('sees that what is painted settles, unless it is told not to', async () => {
    const options = { styles: [await identity()], photos: join(folder, 'photos'), clips: undefined as never };
    const [off, on] = [await evaluate({ ...options, steady: false }), await evaluate(options)];
    expect(off.styles[0]!.flicker).toBe(1);
    expect(on.styles[0]!.flicker).toBeGreaterThan(0.3);
    expect(on.styles[0]!.flicker).toBeLessThan(0.75);
  });

  it('measures a style on clips and photographs, beside the source', async () => {
    const progress: EvaluationProgress[] = [];
    const evaluation = await evaluate({
      photos: join(folder, 'photos'),
      stylePictures: [join(folder, 'negative.png')],
      pictures: true,
      onProgress: (event) => progress.push(event),
    });
    const [style] = evaluation.styles as [(typeof evaluation.styles)[0]];
    // Three frames of the clip, two photographs.
    expect(evaluation.judged).toBe(5);
    expect(style.clips).toMatchObject([{ name: 'pan', frames: 4, motion: 'estimated' }]);
    expect(style.clips[0]!.trusted).toBeGreaterThan(0.8);
    expect(style.sourceWarping!).toBeLessThan(0.001);
    expect(style.warping!).toBeGreaterThan(2 * style.sourceWarping!);
    expect(style.content).toBeGreaterThan(0.1);
    expect(style.ssim).toBeGreaterThan(0.05);
    expect(style.ssim).toBeLessThan(0.9);
    expect(style.flicker).toBeGreaterThan(0.1);
    expect(style.light).toBeLessThan(0.95);
    expect(style.crispness).toBeGreaterThan(0);
    expect(style.speed).toMatchObject({ width: 192, height: 128, device: 'cpu' });
    expect(style.speed!.ms).toBeGreaterThan(0);
    expect(style.cost!.gmac).toBeGreaterThan(1.4);
    expect(style.cost!.bytes).toBe(local.manifest.model.bytes);
    expect(progress.map(({ share }) => share)).toEqual(progress.map(({ share }) => share).sort((a, b) => a - b));
    expect(progress.at(-1)).toMatchObject({ share: 1, secondsLeft: 0 });
    const page = await evaluationPage(evaluation);
    // The style picture, the map of flicker, and source and result of one clip and two photographs.
    expect(page.match(/<img/g)).toHaveLength(8);
    expect(page).toContain(`<td>${style.warping!.toFixed(5)}</td>`);
  });

  it('takes the noise off first, and compares the flicker with that of the noise as it came', async () => {
    const options = { styles: [await identity()], photos: join(folder, 'photos'), frames: 2, steady: false };
    const [plain, calm] = [await evaluate(options), await evaluate({ ...options, denoise: true })];
    expect([plain.denoise, calm.denoise]).toEqual([false, true]);
    expect(plain.styles[0]!.flicker).toBe(1);
    expect(calm.styles[0]!.flicker).toBeGreaterThan(0.2);
    expect(calm.styles[0]!.flicker).toBeLessThan(0.8);
    // The clip too: what is compared with is what comes out of the filter.
    expect(calm.styles[0]!.sourceWarping).not.toBe(plain.styles[0]!.sourceWarping);
    expect(calm.styles[0]!.warping).toBe(calm.styles[0]!.sourceWarping);
    expect(await evaluationPage(calm)).toContain('steady off, denoise on.');
  });

  it('compares results with a body of work', async () => {
    // What gives its input back is where the sources are: nowhere else than they themselves.
    const { styles } = await evaluate({
      styles: [await identity(), local],
      clips: undefined as never,
      photos: join(folder, 'photos'),
      domain: join(folder, 'photos'),
    });
    const [same, painted] = styles as [(typeof styles)[0], (typeof styles)[0]];
    expect(same.domain).toBeCloseTo(0, 6);
    expect(same.sourceDomain).toBeCloseTo(0, 6);
    expect(painted.domain).toBeGreaterThan(0.01);
    expect(painted.sourceDomain).toBe(same.sourceDomain);
  });

  it('compares paintings made elsewhere with styles, in one table', async () => {
    const given = join(folder, 'given');
    mkdirSync(given);
    // Of the two photographs, one is given back as it is, at half the size, and the other not at all.
    await sharp(join(folder, 'photos', 'a.png'))
      .resize(96, 64)
      .toFile(join(given, 'a.png'));
    writeFileSync(join(given, 'notes.txt'), 'no picture');
    const notes: string[] = [];
    const evaluation = await evaluate({
      styles: [await identity()],
      clips: undefined as never,
      photos: join(folder, 'photos'),
      stylePictures: [join(folder, 'negative.png')],
      paintings: [{ folder: given, name: 'half', stylePicture: join(folder, 'photos', 'b.png') }],
      pictures: true,
      onNote: (note) => notes.push(note),
    });
    const [style, half] = evaluation.styles as [(typeof evaluation.styles)[0], (typeof evaluation.styles)[0]];
    expect(evaluation.stylePictures.map(({ name }) => name)).toEqual(['negative', 'b']);
    expect([style.own, half.own]).toEqual([undefined, 1]);
    expect([style.judged, half.judged]).toEqual([2, 1]);
    expect(half).toMatchObject({ name: 'half', title: 'half', cost: undefined, speed: undefined, flicker: undefined });
    expect(half.light).toBeGreaterThan(0.9);
    expect(half.ssim).toBeGreaterThan(0.6);
    expect(half.ssim).toBeLessThan(0.99);
    expect(notes).toEqual([
      'None of the style pictures is known to be that of identity.',
      withoutVgg,
      'half has no painting of b: its figures are those of the other photographs.',
      'half: a are scaled to the size of their photograph, and their strokes with them. --height says how large that is.',
    ]);
    const [paintings, moving] = figureTables(evaluation);
    expect(paintings!.map(([name]) => name)).toEqual(['style', 'identity', 'half']);
    expect(moving!.map(([name]) => name)).toEqual(['style', 'identity']);
    // Nobody asked for faces, and filters cannot tell strokes.
    expect(paintings![0]).toEqual(
      ['style', 'distance', '(source)', 'crispness', 'light', 'colour', 'person', 'content', 'SSIM', 'MSE'].filter(
        (head) => head !== 'person' || style.person !== undefined,
      ),
    );
    expect(await evaluationPage(evaluation)).toContain('<h2>half</h2>');
  });

  it('tells painters of one name apart', async () => {
    const photos = join(folder, 'photos');
    const options = { clips: undefined as never, photos, most: 1, pictures: true };
    const { styles } = await evaluate({
      ...options,
      styles: [await identity(), await identity()],
      paintings: [{ folder: photos, name: 'identity' }],
    });
    expect(styles.map(({ name }) => name)).toEqual(['identity', 'identity (2)', 'identity (3)']);
  });

  it('takes as many photographs as it is told to', async () => {
    const options = { styles: [await identity()], clips: undefined as never, photos: join(folder, 'photos') };
    expect((await evaluate({ ...options, most: 1 })).judged).toBe(1);
  });

  it('leaves out what cannot be read, and says so', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    copyFileSync(join(folder, 'photos', 'a.png'), join(mixed, 'b.png'));
    writeFileSync(join(mixed, 'a.png'), 'no picture');
    const notes: string[] = [];
    const options = { styles: [await identity()], clips: undefined as never, photos: mixed, domain: mixed };
    const { styles } = await evaluate({ ...options, onNote: (note) => notes.push(note) });
    expect(styles[0]!.domain).toBeCloseTo(0, 6);
    expect(notes).toEqual([
      expect.stringContaining(`left out: ${join(mixed, 'a.png')} is not a picture that can be read`),
      withoutVgg,
      expect.stringContaining(`left out: ${join(mixed, 'a.png')}`),
    ]);
    rmSync(join(mixed, 'b.png'));
    await expect(evaluate(options)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it('agrees with motion that is given, and says when it is not', async () => {
    writeFileSync(join(folder, 'pan.flo'), writeFlo(motionFlow(shift(-2, -1), 192, 128)));
    // Steady, so little is left that the error of the estimate outweighs it.
    const [estimated, given] = [await evaluate({ steady: false }), await evaluate({ flow: folder, steady: false })];
    expect(given.styles[0]!.clips[0]!.motion).toBe('given');
    const steady = await evaluate({ flow: folder });
    expect([given.steady, steady.steady]).toEqual([false, true]);
    expect(steady.styles[0]!.warping! / given.styles[0]!.warping!).toBeLessThan(0.25);
    const ratio = estimated.styles[0]!.warping! / given.styles[0]!.warping!;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
    const notes: string[] = [];
    await evaluate({ flow: join(folder, 'photos'), frames: 2, onNote: (note) => notes.push(note) });
    expect(notes).toEqual([withoutVgg, `${join(folder, 'photos')} has no motion for pan: it is estimated.`]);
  });

  it('compares several styles with several pictures, matched by checksum', async () => {
    const { matchTargets } = await import('#src/evaluate/sources/targets.js');
    const [red, blue] = [join(folder, 'negative.png'), join(folder, 'photos', 'a.png')];
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(readFileSync(blue)).digest('hex');
    const credited = { ...local, manifest: { ...local.manifest, credits: [{ title: 'a', author: 'b', sha256 }] } };
    expect((await matchTargets([credited, await identity()], [red, blue])).own).toEqual([1, 1]);
    expect((await matchTargets([await identity(), await identity()], [red, blue])).own).toEqual([0, 1]);
    // Of a network of many, the picture of the style that was chosen.
    const many = await manyStyles('many', ['blue', 'red']);
    const { modulation } = many.manifest;
    const shas = [blue, red].map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));
    const learned = modulation!.styles.map((each, i) => ({ ...each, sha256: shas[i]! }));
    const known = { ...many, manifest: { ...many.manifest, modulation: { ...modulation!, styles: learned } } };
    const each = ['red', 'blue'].map((name) => namedStyle(known, name));
    expect((await matchTargets(each, [red, blue])).own).toEqual([0, 1]);
    // From a folder only what a manifest names.
    const { pictures } = await matchTargets([credited], [join(folder, 'photos')]);
    expect(pictures.map(({ name }) => name)).toEqual(['a']);
  });

  it('stops when told, and leaves nothing behind', async () => {
    const stop = new AbortController();
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('stylecast-flow-'));
    const stopped = evaluate({ signal: stop.signal, onProgress: () => stop.abort() });
    await expect(stopped).rejects.toThrow('aborted');
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('stylecast-flow-'))).toEqual(before);
  });

  it.each<[string, Partial<EvaluateOptions>, string]>([
    [
      'paintings without photographs',
      { paintings: [{ folder: 'results' }] },
      'The paintings results are given without photographs; expected both.',
    ],
    [
      'paintings beside clips',
      { paintings: [{ folder: 'results' }], photos: 'photos' },
      'Clips and the paintings results are given; expected one of them.',
    ],
    ['most', { most: 0 }, 'most: expected a whole number from 1 to 10000, got 0'],
    ['frames', { frames: 1 }, 'frames: expected a whole number from 2 to 10000, got 1'],
    ['height', { height: 10 }, 'height: expected a whole number from 64 to 4320, got 10'],
    ['styles', { styles: [] }, 'styles: expected at least one style, got none'],
    ['style picture', { stylePictures: ['nowhere.jpg'] }, 'The style picture nowhere.jpg cannot be read: ENOENT'],
    ['domain', { domain: 'nowhere' }, 'no pictures of the domain in nowhere: ENOENT'],
    ['photographs', { photos: 'nowhere' }, 'nowhere holds no photographs; expected JPEG, PNG or WebP files.'],
  ])('names what is wrong with %s', async (_, options, message) => {
    await expect(evaluate(options)).rejects.toThrow(message);
  });

  it('refuses paintings of other photographs, and what is no folder', async () => {
    const options = { clips: undefined as never, photos: join(folder, 'photos') };
    const paintings = [{ folder: join(folder, 'other') }];
    mkdirSync(join(folder, 'other'), { recursive: true });
    await expect(evaluate({ ...options, paintings })).rejects.toMatchObject({
      code: 'EVAL_PAINTINGS',
      message: expect.stringContaining(
        'has no painting of any of the 2 photographs; expected pictures named as they are, such as a.jpg.',
      ),
    });
    const file = join(folder, 'negative.png');
    await expect(evaluate({ ...options, paintings: [{ folder: file }] })).rejects.toMatchObject({
      message: `The paintings ${file} cannot be read: it is no folder.`,
      hint: 'To judge single pictures, name what they were painted from with --sources.',
    });
  });

  it('refuses a flow of another size', async () => {
    const other = join(folder, 'other');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'pan.flo'), writeFlo(motionFlow(shift(0, 0), 64, 64)));
    await expect(evaluate({ flow: other })).rejects.toThrow('has 64×64 pixels; its clip is compared at 192×128.');
  });
});
