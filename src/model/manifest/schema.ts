import { z } from 'zod';
import { PresetError } from '../../errors.js';
import { explain } from './explain.js';
import { list, number, record, shaped, text, whole, word } from './field.js';
import type { Manifest } from './types.js';

/** The manifest format that this version reads and writes. */
const manifestFormat = 1;
/** The largest network that is read, in bytes. */
export const largestModel = 2 ** 31 - 1;
/** Largest width or height in a manifest in pixels. */
const largestSide = 16_384;
/** The most numbers that a further input may hold. */
const mostElements = 2 ** 24;

/** Valid names of styles. */
export const namePattern = /^[a-z0-9][a-z0-9._-]{0,99}$/i;
/** The same in words. */
export const NAME_RULE = 'at most 100 letters, digits, ".", "_" and "-", the first a letter or digit, and not "auto"';

/** Whether a name is valid for a preset: `auto` has another meaning as a style. */
export function isPresetName(name: string): boolean {
  return namePattern.test(name) && name !== 'auto';
}

const pixelType = word('float32', 'float16', 'uint8');
const perChannel = z.tuple([number(), number(), number()], 'three finite numbers, one a channel');
const divisor = number().refine((value) => value !== 0, 'a finite number other than 0');
const range = z
  .tuple([number(), number()], 'two numbers, [low, high]')
  .refine(([low, high]) => low < high, 'two numbers, [low, high], the lower one first');

const digest = shaped(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');
const measured = number().refine((value) => value >= 0, 'a finite number of at least 0');
const pictureFile = shaped(/^[\w-][\w.-]{0,99}\.(jpe?g|png|webp)$/i, 'the name of a JPEG, PNG or WebP file');

const picture = {
  name: text(200, 1),
  type: pixelType.default('float32'),
  layout: word('nchw', 'nhwc').default('nchw'),
  channels: word('rgb', 'bgr').default('rgb'),
  range: range.exactOptional(),
  mean: perChannel.exactOptional(),
  std: z.tuple([divisor, divisor, divisor], 'three numbers other than 0, one a channel').exactOptional(),
};

/** Bytes mean 0–255 and fractions 0–1 where the manifest does not say. */
function withRange<Tensor extends { type: string; range?: [number, number] }>(tensor: Tensor) {
  const whole: [number, number] = tensor.type === 'uint8' ? [0, 255] : [0, 1];
  return { ...tensor, range: tensor.range ?? whole };
}

const input = record({
  ...picture,
  multiple: whole(1, 1024).default(1),
  size: record({ width: whole(1, largestSide), height: whole(1, largestSide) }).exactOptional(),
  batch: whole(1, 64).exactOptional(),
}).transform(withRange);

const furtherInput = record({
  name: text(200, 1),
  type: word('float32', 'float16', 'uint8', 'int32', 'int64', 'bool').default('float32'),
  dims: list(whole(1, mostElements), 8),
  default: z.union([number(), z.array(number())], 'a number, or a list of numbers').default(0),
})
  .refine(({ dims }) => elements(dims) <= mostElements, {
    path: ['dims'],
    error: `dimensions of at most ${mostElements} elements together`,
  })
  .refine(({ dims, default: value }) => typeof value === 'number' || value.length === elements(dims), {
    path: ['default'],
    error: 'one number, or as many as dims have elements',
  });

function elements(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** The most numbers in a style vector. */
const mostStyleNumbers = 1024;
const styleVector = list(number(), mostStyleNumbers, 1);
const modulation = record({
  input: text(200, 1),
  noise: text(200, 1).exactOptional(),
  mean: styleVector,
  styles: list(
    record({
      name: shaped(namePattern, 'letters, digits, ".", "_" and "-"'),
      title: text(200).exactOptional(),
      vector: styleVector,
      sha256: digest.exactOptional(),
      thumbnail: pictureFile.exactOptional(),
    }),
    1000,
    1,
  ),
  prediction: record({ file: text(1000, 1), sha256: digest, bytes: whole(1, largestModel) }).exactOptional(),
})
  .refine(({ styles }) => distinct(styles.map(({ name }) => name)), {
    path: ['styles'],
    error: 'every style named once',
  })
  .refine(({ mean, styles }) => styles.every(({ vector }) => vector.length === mean.length), {
    path: ['styles'],
    error: 'vectors as long as the mean',
  });

const schema = record({
  format: z.literal(manifestFormat, `the number ${manifestFormat}`),
  name: shaped(namePattern, NAME_RULE),
  title: text(200).exactOptional(),
  description: text(4000).default(''),
  tier: word('lite', 'standard', 'fine', 'tiny', 'foreign'),
  licence: text(200, 1).default('unstated'),
  credits: list(
    record({
      title: text(200, 1),
      author: text(200, 1),
      year: whole(-40_000, 3000).exactOptional(),
      source: text(1000).exactOptional(),
      licence: text(200).exactOptional(),
      sha256: digest.exactOptional(),
    }),
    1000,
  ).default([]),
  model: record({
    file: text(1000, 1).default('model.onnx'),
    sha256: digest,
    bytes: whole(1, largestModel),
  }),
  input,
  output: record(picture).transform(withRange),
  inputs: list(furtherInput, 64).default([]),
  state: list(record({ input: text(200, 1), output: text(200, 1) }), 64).default([]),
  detail: number().min(0, 'a number from 0 to 1').max(1, 'a number from 0 to 1').exactOptional(),
  modulation: modulation.exactOptional(),
  training: record({
    command: text(4000),
    seed: whole(0, Number.MAX_SAFE_INTEGER),
    steps: whole(0, 1e9),
    size: whole(1, largestSide),
    data: text(1000),
    version: text(100),
  }).exactOptional(),
  figures: record({
    gmac: measured,
    parameters: whole(0, Number.MAX_SAFE_INTEGER),
    ms: measured.exactOptional(),
    strokes: measured.exactOptional(),
    structure: measured.exactOptional(),
    person: measured.exactOptional(),
    style: measured.exactOptional(),
    sourceStyle: measured.exactOptional(),
    content: measured.exactOptional(),
    ssim: number().exactOptional(),
    warping: measured.exactOptional(),
    sourceWarping: measured.exactOptional(),
    flicker: measured.exactOptional(),
  }).exactOptional(),
  thumbnail: pictureFile.exactOptional(),
  sample: pictureFile.exactOptional(),
})
  .refine((manifest) => distinct([manifest.input, ...manifest.inputs].map(({ name }) => name)), {
    path: ['inputs'],
    error: 'every input named once',
  })
  .refine(({ state, input }) => distinct([input.name, ...state.map((loop) => loop.input)]), {
    path: ['state'],
    error: 'every input named once, and the picture not among them',
  })
  .refine(({ modulation, inputs }) => !modulation || takes(modulation, inputs), {
    path: ['modulation'],
    error: 'a further input of two vectors as long as the mean',
  })
  .refine(({ modulation, inputs }) => !modulation?.noise || takesNoise(modulation.noise, inputs), {
    path: ['modulation', 'noise'],
    error: 'the name of a further input of channels, rows and columns',
  })
  .transform((manifest): Manifest => ({ ...manifest, title: manifest.title ?? manifest.name }));

function takes(
  { input, mean }: { input: string; mean: number[] },
  inputs: { name: string; dims: number[] }[],
): boolean {
  return inputs.some(({ name, dims }) => name === input && dims.join() === `2,${mean.length}`);
}

function takesNoise(noise: string, inputs: { name: string; dims: number[] }[]): boolean {
  return inputs.some(({ name, dims }) => name === noise && dims.length === 3);
}

function distinct(names: string[]): boolean {
  return new Set(names).size === names.length;
}

/**
 * Validates the content of a `preset.json` and fills in defaults: float32, NCHW, RGB, range 0–1 (0–255 for uint8),
 * multiple 1, no further inputs, no state, the name as title, licence `unstated`.
 *
 * `file` is the name to use in messages.
 * @throws PresetError `PRESET_FORMAT` when the format is not {@link manifestFormat}, `PRESET_MANIFEST` for any other
 * field that is missing, wrong or unknown.
 */
export function parseManifest(value: unknown, file: string): Manifest {
  const format = typeof value === 'object' && value !== null ? Reflect.get(value, 'format') : undefined;
  if (typeof format === 'number' && format > manifestFormat) {
    throw new PresetError(
      'PRESET_FORMAT',
      `${file} has format ${format}, made by a newer stylecast; expected format ${manifestFormat}.`,
      { hint: 'Update stylecast, or ask whoever made the preset for an older export.' },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw explain(result.error, value, file);
}
