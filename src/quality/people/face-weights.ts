import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError, messageOf } from '../../errors.js';

/** An optional peer dependency, needed only for its face detector. */
const PACKAGE = '@vladmandic/face-api';
const VERSION = '1.7.15';
const MANIFEST = 'ssd_mobilenetv1_model-weights_manifest.json';

/** Tensors of a network by name, as float32 in TensorFlow's layout. */
export type FaceWeights = ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;

/** An entry of a TensorFlow.js manifest of weights. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/**
 * The weights of the face detector (SSD on MobileNet v1, trained on WIDER FACE) in `@vladmandic/face-api`.
 *
 * @param from file from which the package is resolved.
 * @throws EngineError `EVAL_FACES` when the package is missing or its weights are not as expected.
 */
export async function readFaceWeights(from = import.meta.url): Promise<FaceWeights> {
  try {
    const folder = join(dirname(createRequire(from).resolve(`${PACKAGE}/package.json`)), 'model');
    const [{ weights, paths }] = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as [
      { weights: Entry[]; paths: string[] },
    ];
    return decoded(weights, await readFile(join(folder, paths[0]!)));
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code === 'MODULE_NOT_FOUND';
    const reason = missing ? 'it is not installed' : messageOf(cause).split('\n')[0]!;
    const text = `Faces are found by the detector in the package ${PACKAGE}, which cannot be loaded: ${reason}.`;
    const hint = `Run "npm install ${PACKAGE}@${VERSION}", with -g where stylecast was installed with it, or leave --faces out.`;
    throw new EngineError('EVAL_FACES', text, { hint, cause });
  }
}

/** Decodes consecutive tensors: one byte a number where they are quantized, otherwise four. */
function decoded(entries: readonly Entry[], bytes: Uint8Array): FaceWeights {
  const found = new Map<string, { dims: readonly number[]; data: Float32Array }>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of entries) {
    const count = shape.reduce((product, size) => product * size, 1);
    const stored = quantization?.dtype ?? dtype;
    const length = count * (stored === 'uint8' ? 1 : 4);
    if (at + length > bytes.length) throw new Error(`its weights end before "${name}"`);
    const data = new Float32Array(count);
    if (quantization) {
      if (stored !== 'uint8') throw new Error(`"${name}" is stored as ${stored}, expected uint8`);
      for (let i = 0; i < count; i++) data[i] = quantization.min + quantization.scale * bytes[at + i]!;
    } else {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
      for (let i = 0; i < count; i++) data[i] = view.getFloat32(i * 4, true);
    }
    found.set(name, { dims: shape, data });
    at += length;
  }
  return found;
}
