import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { conv, invert, network } from '../engine/networks.js';
import { ffmpeg, freshFolder, listing, makeClip, makePreset, processesIn, run } from './run.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const bytes = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919 + (i >> 3)) & 255));

beforeAll(() => {
  makeClip(folder, 'clip.mp4');
  ffmpeg(folder, '-i', 'clip.mp4', '-frames:v', '1', 'picture.png');
  ffmpeg(folder, '-i', 'clip.mp4', '-vn', '-c', 'copy', 'sound.m4a');
  ffmpeg(folder, '-i', 'clip.mp4', '-c', 'copy', '-movflags', 'faststart', 'cut.mp4');
  truncateSync(at('cut.mp4'), Math.round(readFileSync(at('cut.mp4')).length * 0.6));
  writeFileSync(at('headless.mp4'), readFileSync(at('clip.mp4')).subarray(0, 20_000));
  writeFileSync(at('empty.mp4'), '');
  writeFileSync(at('garbage.mp4'), bytes);
  writeFileSync(at('garbage.png'), bytes);
  writeFileSync(at('random.onnx'), bytes);
  writeFileSync(at('taken.mp4'), 'mine');
  mkdirSync(at('folder.mp4'));
  symlinkSync('clip.mp4', at('symlink.mp4'));
  linkSync(at('clip.mp4'), at('hardlink.mp4'));
  writeFileSync(at('not-ffmpeg'), '#!/bin/sh\nexit 3\n');
  chmodSync(at('not-ffmpeg'), 0o755);

  const good = writeModel(invert);
  const sum = { sha256: '0'.repeat(64), bytes: good.length };
  makePreset(folder, 'invert', good);
  makePreset(folder, 'scribble', bytes);
  makePreset(folder, 'exchanged', good, { model: sum });
  makePreset(folder, 'escape', good, { model: { file: '../../clip.mp4', ...sum } });
  makePreset(folder, 'typo', good, { inptu: {} });
  makePreset(folder, 'half', writeModel(network((g, x) => conv(g, x, 3, { stride: 2 }))));
  makePreset(folder, 'gray', writeModel(network((g, x) => conv(g, x, 1))));
  const absurd = network((g, x) => g.op('Identity', [x]), [1, 3, 2 ** 40, 2 ** 40]);
  makePreset(folder, 'absurd', writeModel(absurd));
  const bomb = network((g, x) => {
    const huge = g.op('ConstantOfShape', [g.constant('int64', [4], [1, 1, 2 ** 30, 2 ** 31])]);
    return g.op('Add', [x, g.op('ReduceMean', [huge], { axes: [2, 3] })]);
  });
  makePreset(folder, 'bomb', writeModel(bomb));
});

/** A fault: the arguments, and all that is printed. */
type Fault = readonly [name: string, args: string, lines: readonly string[], env?: Readonly<Record<string, string>>];

const VIDEO = '-s invert -o out.mp4';
const faults: readonly Fault[] = [
  ['a missing file', `video none.mp4 ${VIDEO}`, ['stylecast: none.mp4 does not exist.', '  Check the path.']],
  [
    'a folder',
    `video folder.mp4 ${VIDEO}`,
    ['stylecast: folder.mp4 holds no videos that are known by their names.', '  Name the files themselves.'],
  ],
  [
    'an empty file',
    `video empty.mp4 ${VIDEO}`,
    [
      'stylecast: empty.mp4 is empty (0 bytes); expected a video file.',
      '  Check that the copy or download of it finished.',
    ],
  ],
  [
    'garbage',
    `video garbage.mp4 ${VIDEO}`,
    [
      'stylecast: garbage.mp4 is not a video that ffmpeg can open: Invalid data found when processing input',
      '  Its index is missing: the recording or download was cut off, or it is no video at all. Get the file again.',
    ],
  ],
  [
    'a file without its index',
    `video headless.mp4 ${VIDEO}`,
    [
      'stylecast: headless.mp4 is not a video that ffmpeg can open: Invalid data found when processing input',
      '  Its index is missing: the recording or download was cut off, or it is no video at all. Get the file again.',
    ],
  ],
  [
    'sound only',
    `video sound.m4a ${VIDEO}`,
    ['stylecast: sound.m4a has no video stream (found: audio).', '  For a picture use "stylecast image".'],
  ],
  [
    'a style with a typing error',
    'video clip.mp4 -s invret -o out.mp4',
    [
      `stylecast: There is no style "invret"; expected the name of a preset, a preset's folder or an .onnx file.`,
      '  Did you mean "invert"? Run "stylecast styles" for the styles there are.',
    ],
  ],
  [
    'a style unlike any other',
    'video clip.mp4 -s xyzxyzxyzxyz -o out.mp4',
    [
      `stylecast: There is no style "xyzxyzxyzxyz"; expected the name of a preset, a preset's folder or an .onnx file.`,
      '  Run "stylecast styles" for the styles there are.',
    ],
  ],
  [
    'random bytes as .onnx',
    'video clip.mp4 -s random.onnx -o out.mp4',
    [
      'stylecast: not an ONNX model: illegal tag: field number 0',
      '  Give an .onnx file; if it is one, it is damaged: export or download it again.',
    ],
  ],
  [
    'a missing .onnx',
    'video clip.mp4 -s none.onnx -o out.mp4',
    [
      'stylecast: none.onnx is no file; expected an .onnx file.',
      '  Check the path, or run "stylecast styles" for the styles there are.',
    ],
  ],
  [
    'random bytes in a preset',
    'video clip.mp4 -s scribble -o out.mp4',
    [
      'stylecast: scribble: not an ONNX model: illegal tag: field number 0',
      '  Give an .onnx file; if it is one, it is damaged: export or download it again.',
    ],
  ],
  [
    'a wrong checksum',
    'video clip.mp4 -s exchanged -o out.mp4',
    [
      'stylecast: FOLDER/presets/exchanged/model.onnx has SHA-256 47a424be33e1bc43891349312df8e570d9fa6719f1ae3b933f60f87a6b6f9ec1; its manifest expected 0000000000000000000000000000000000000000000000000000000000000000.',
      '  The file is damaged or was exchanged: get the preset again, or import the network to make a new one.',
    ],
  ],
  [
    'a path outside the preset',
    'video clip.mp4 -s escape -o out.mp4',
    [
      'stylecast: The preset in FOLDER/presets/escape names the network "../../clip.mp4", which is outside its folder; expected a file inside it.',
      '  Do not trust this preset, or copy the network into its folder.',
    ],
  ],
  [
    'an unknown field in a manifest',
    'video clip.mp4 -s typo -o out.mp4',
    [
      'stylecast: FOLDER/presets/typo/preset.json: unknown field "inptu"; expected an object with the fields format, name, title, description, tier, licence, credits, model, input, output, inputs, state, detail, modulation, training, figures, thumbnail, sample.',
      '  Did you mean "input"?',
    ],
  ],
  [
    'a result of another size',
    'video clip.mp4 -s half -o out.mp4',
    [
      'stylecast: The network gives [1, 3, 45, 80] for a picture of 160x90; expected [1, 3, 90, 160].',
      '  Its manifest may have the wrong output, layout or multiple, or it is not a style network.',
    ],
  ],
  [
    'a result of one channel',
    'video clip.mp4 -s gray -o out.mp4',
    [
      'stylecast: The network gives [1, 1, 90, 160] for a picture of 160x90; expected [1, 3, 90, 160].',
      '  Its manifest may have the wrong output, layout or multiple, or it is not a style network.',
    ],
  ],
  [
    'absurd shapes',
    'video clip.mp4 -s absurd -o out.mp4',
    [
      'stylecast: The network takes [1, 3, 1099511627776, 1099511627776]; by its manifest it would get [1, 3, 90, 160].',
      '  Correct layout, size or batch of the input in its manifest.',
    ],
  ],
  [
    'a tensor larger than any memory',
    'video clip.mp4 -s bomb -o out.mp4',
    [
      'stylecast: The network needs N MiB for one tile; this machine has N MiB.',
      '  Try a smaller --height, or another style.',
    ],
  ],
  [
    'no output folder',
    'video clip.mp4 -s invert -o none/out.mp4',
    ['stylecast: The output folder FOLDER/none does not exist.', '  Create it first, or choose another -o.'],
  ],
  [
    'a file as output folder',
    'video clip.mp4 -s invert -o clip.mp4/out.mp4',
    ['stylecast: The output folder FOLDER/clip.mp4 is a file.', '  Choose another -o.'],
  ],
  [
    'an output that exists',
    'video clip.mp4 -s invert -o taken.mp4',
    ['stylecast: The output taken.mp4 exists already.', '  Choose another -o, or add --overwrite.'],
  ],
  [
    'a pattern that no name has',
    `video *.avi ${VIDEO}`,
    ['stylecast: No file is called *.avi.', '  Check the pattern.'],
  ],
  [
    'the input as output',
    'video clip.mp4 -s invert -o clip.mp4 --overwrite',
    ['stylecast: The output clip.mp4 is the input itself.', '  Choose another -o.'],
  ],
  [
    'the input as output, through a symbolic link',
    'video clip.mp4 -s invert -o symlink.mp4 --overwrite',
    ['stylecast: The output symlink.mp4 is the input itself.', '  Choose another -o.'],
  ],
  [
    'the input as output, through a hard link',
    'video clip.mp4 -s invert -o hardlink.mp4 --overwrite',
    ['stylecast: The output hardlink.mp4 is the input itself.', '  Choose another -o.'],
  ],
  [
    'an unknown format',
    'video clip.mp4 -s invert -o out.avi',
    [
      'stylecast: out.avi has no video extension that is known; expected .mp4, .m4v, .mov, .mkv, .webm, .ts, .gif, .webp.',
      '  Name the output for example stylized.mp4.',
    ],
  ],
  [
    'a codec that the format cannot hold',
    'video clip.mp4 -s invert -o out.webm --codec h264',
    ['stylecast: .webm files cannot hold h264; expected vp9 or av1.', '  Use an .mkv file, or another --codec.'],
  ],
  [
    'an unknown codec',
    `video clip.mp4 ${VIDEO} --codec mpeg9`,
    [
      'stylecast: There is no codec "mpeg9"; expected h264, hevc, vp9, av1, prores, qtrle, webp, gif.',
      '  Leave --codec out for the usual one.',
    ],
  ],
  [
    'an unknown encoder preset',
    `video clip.mp4 ${VIDEO} --encoder-preset hasty`,
    [
      'stylecast: There is no encoder preset "hasty"; expected ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow.',
      '  veryfast is a good choice.',
    ],
  ],
  [
    'an unknown device',
    `video clip.mp4 ${VIDEO} --device abacus`,
    [
      'stylecast: There is no device "abacus"; expected auto, cpu, gpu, cuda, directml, coreml, webgpu, tfjs, tfjs:node-gpu, tfjs:node, tfjs:webgpu, tfjs:wasm, tfjs:cpu.',
      '  Use --device auto.',
    ],
  ],
  [
    '--strength 2',
    `video clip.mp4 ${VIDEO} --strength 2`,
    [
      'stylecast: strength is 2; expected a number from 0 (original) to 1 (full style).',
      '  Correct --strength or leave it out.',
    ],
  ],
  [
    '--strength much',
    `video clip.mp4 ${VIDEO} --strength much`,
    [
      `stylecast: option '--strength <0-1>' argument 'much' is invalid. Expected a number.`,
      '  Add --help to see all options.',
    ],
  ],
  [
    '--size large',
    `video clip.mp4 ${VIDEO} --size large`,
    [
      `stylecast: option '--size <WxH>' argument 'large' is invalid. Expected a size such as 1280x720.`,
      '  Add --help to see all options.',
    ],
  ],
  [
    '--size 1x90',
    `video clip.mp4 ${VIDEO} --size 1x90`,
    ['stylecast: A size of 1x90 is not possible; expected whole numbers from 2 to 16384.', '  For example 1280x720.'],
  ],
  [
    '--size and --height',
    `video clip.mp4 ${VIDEO} --size 64x64 --height 64`,
    ['stylecast: Both a size and a height are given; expected one of them.', '  Leave one out.'],
  ],
  [
    '--height 0',
    `video clip.mp4 ${VIDEO} --height 0`,
    ['stylecast: height is 0; expected a whole number from 2 to 16384.', '  Correct --height or leave it out.'],
  ],
  [
    '--height 90.5',
    `video clip.mp4 ${VIDEO} --height 90.5`,
    ['stylecast: height is 90.5; expected a whole number from 2 to 16384.', '  Correct --height or leave it out.'],
  ],
  [
    '--threads 0',
    `video clip.mp4 ${VIDEO} --threads 0`,
    [
      `stylecast: threads is 0; expected a whole number from 1 to ${2 * availableParallelism()}, twice the cores.`,
      '  Correct --threads or leave it out.',
    ],
  ],
  [
    '--memory 1K',
    `video clip.mp4 ${VIDEO} --memory 1K`,
    ['stylecast: memory is 1024; expected at least N MiB.', '  Correct --memory or leave it out.'],
  ],
  [
    '--memory little',
    `video clip.mp4 ${VIDEO} --memory little`,
    [
      `stylecast: option '--memory <size>' argument 'little' is invalid. Expected a size such as 800M or 4G.`,
      '  Add --help to see all options.',
    ],
  ],
  [
    '--start -1',
    `video clip.mp4 ${VIDEO} --start -1`,
    [
      `stylecast: option '--start <time>' argument '-1' is invalid. Expected seconds or [h:]m:s, such as 90 or 1:30.`,
      '  Add --help to see all options.',
    ],
  ],
  [
    '--start after the end',
    `video clip.mp4 ${VIDEO} --start 1:00`,
    ['stylecast: clip.mp4 has no frames after 60 s.', '  It lasts 1 s: use a smaller --start.'],
  ],
  [
    '--duration 0',
    `video clip.mp4 ${VIDEO} --duration 0`,
    ['stylecast: duration is 0; expected seconds, more than 0.', '  Correct --duration or leave it out.'],
  ],
  [
    '--crf 99',
    `video clip.mp4 ${VIDEO} --crf 99`,
    ['stylecast: crf is 99; expected a number from 0 (best) to 51 for h264.', '  Correct --crf or leave it out.'],
  ],
  [
    'an unknown option',
    `video clip.mp4 ${VIDEO} --strenght 1`,
    [`stylecast: unknown option '--strenght'`, '(Did you mean --strength?)', '  Add --help to see all options.'],
  ],
  [
    'an unknown command',
    `vidoe clip.mp4 ${VIDEO}`,
    [`stylecast: unknown command 'vidoe'`, '(Did you mean video?)', '  Add --help to see all options.'],
  ],
  [
    'no output',
    'video clip.mp4 -s invert',
    [`stylecast: required option '-o, --output <file|folder>' not specified`, '  Add --help to see all options.'],
  ],
  [
    'no style',
    'video clip.mp4 -o out.mp4',
    [`stylecast: required option '-s, --style <style>' not specified`, '  Add --help to see all options.'],
  ],
  [
    'two videos into a file',
    `video clip.mp4 cut.mp4 ${VIDEO}`,
    [
      'stylecast: 2 videos cannot go into out.mp4; expected a folder.',
      '  Name a folder, for example -o painted; it is made if it is missing.',
    ],
  ],
  [
    'FFMPEG_PATH that leads nowhere',
    `video clip.mp4 ${VIDEO}`,
    [
      'stylecast: FFMPEG_PATH is /nonexistent, which is not an executable file.',
      '  Set FFMPEG_PATH to an ffmpeg executable, or unset it to search the PATH.',
    ],
    { FFMPEG_PATH: '/nonexistent' },
  ],
  [
    'FFPROBE_PATH that leads nowhere',
    `video clip.mp4 ${VIDEO}`,
    [
      'stylecast: FFPROBE_PATH is /nonexistent, which is not an executable file.',
      '  Set FFPROBE_PATH to an ffprobe executable, or unset it to search the PATH.',
    ],
    { FFPROBE_PATH: '/nonexistent' },
  ],
  [
    'something else than ffmpeg',
    `video clip.mp4 ${VIDEO}`,
    [
      'stylecast: ./not-ffmpeg does not start: Command failed: ./not-ffmpeg -version',
      '  Reinstall ffmpeg, or set FFMPEG_PATH to a working one.',
    ],
    { FFMPEG_PATH: './not-ffmpeg' },
  ],
  [
    'a video as picture',
    'image clip.mp4 -s invert -o out.png',
    [
      'stylecast: clip.mp4 is not a picture that can be read: Input buffer contains unsupported image format',
      '  Expected a whole JPEG, PNG or WebP file.',
    ],
  ],
  [
    'garbage as picture',
    'image garbage.png -s invert -o out.png',
    [
      'stylecast: garbage.png is not a picture that can be read: Input buffer contains unsupported image format',
      '  Expected a whole JPEG, PNG or WebP file.',
    ],
  ],
  [
    'a missing picture',
    'image none.png -s invert -o out.png',
    ['stylecast: none.png does not exist.', '  Check the path.'],
  ],
  [
    'an unknown picture format',
    'image picture.png -s invert -o out.gif',
    [
      'stylecast: out.gif has no picture extension that is known; expected .jpg, .jpeg, .png, .webp.',
      '  Name the output for example stylized.jpg.',
    ],
  ],
  [
    'a height of 0 for a picture',
    'image picture.png -s invert -o out.png --height 0',
    ['stylecast: height is 0; expected a whole number from 2 to 16384.', '  Correct --height or leave it out.'],
  ],
  [
    'a picture of absurd height',
    'image picture.png -s invert -o out.png --height 1000000',
    ['stylecast: height is 1000000; expected a whole number from 2 to 16384.', '  Correct --height or leave it out.'],
  ],
  [
    'two pictures of one name',
    'image picture.png folder.mp4/picture.png -s invert -o folder.mp4 --overwrite',
    [
      'stylecast: picture.png and folder.mp4/picture.png would both become folder.mp4/picture.png.',
      '  Rename one of them, or paint them into folders of their own.',
    ],
  ],
  [
    'a picture of no size',
    'image picture.png -s invert -o out.png --size 0x100',
    ['stylecast: A size of 0x100 is not possible; expected whole numbers from 2 to 16384.', '  For example 1280x720.'],
  ],
  [
    'a mask that is neither a picture nor a clip',
    'image picture.png -s invert -o out.png --mask garbage.png',
    [
      'stylecast: The mask garbage.png is neither a picture nor a clip that can be read.',
      '  Give a picture or a clip, white where the style is to be.',
    ],
  ],
  [
    'a mask that would be replaced',
    'image picture.png -s invert -o garbage.png --mask garbage.png --overwrite',
    ['stylecast: The output garbage.png is the input itself.', '  Choose another -o.'],
  ],
  [
    'a blend of a style that is chosen',
    'image picture.png -s auto:invert -o out.png --blend wave',
    [
      'stylecast: A blend and --style auto:invert are given; expected one of them.',
      '  Name the preset whose styles are to be blended, such as --style painters.',
    ],
  ],
  [
    'two pictures into a file',
    'image picture.png clip.mp4 -s invert -o out.png',
    [
      'stylecast: 2 pictures cannot go into out.png; expected a folder.',
      '  Name a folder, for example -o painted; it is made if it is missing.',
    ],
  ],
  [
    'the picture itself as output',
    'image picture.png -s invert -o picture.png --overwrite',
    ['stylecast: The output picture.png is the input itself.', '  Choose another -o.'],
  ],
];

describe('each fault: one clear line, what to do, exit code 1, nothing left', () => {
  test.for(faults)('%s', async ([, args, lines, env = {}]) => {
    const before = listing(folder);
    const { code, signal, stdout, stderr } = await run(folder, args.split(' '), { env });
    expect(
      stderr
        .replaceAll(folder, 'FOLDER')
        .replace(/\b\d+ MiB/g, 'N MiB')
        .trimEnd()
        .split('\n'),
    ).toEqual(lines);
    expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: '' });
    expect(listing(folder)).toEqual(before);
    expect(processesIn(folder)).toEqual([]);
    expect(readFileSync(at('taken.mp4'), 'utf8')).toBe('mine');
  });
});

test('what is shown live is not replaced by its recording', async () => {
  const before = readFileSync(at('clip.mp4'));
  const args = 'live --file clip.mp4 --record clip.mp4 --overwrite -s invert --port 0';
  const { code, stderr } = await run(folder, args.split(' '));
  expect(code).toBe(1);
  expect(stderr).toContain('stylecast: The output clip.mp4 is the input itself.');
  expect(readFileSync(at('clip.mp4')).equals(before)).toBe(true);
});
