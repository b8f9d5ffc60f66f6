import { basename } from 'node:path';
import { readModel } from '../../graph/onnx/read.js';
import type { Manifest } from '../manifest/types.js';
import { checksum, type Style } from '../style.js';
import { guessConventions } from './guess.js';

/**
 * A style from a bare `.onnx` file: names, type, layout and size from the graph, colours RGB in 0–1 where unknown.
 *
 * @throws GraphError when the bytes are no ONNX model, PresetError `PRESET_NETWORK` when its input or output is not a
 * picture.
 */
export function bareStyle(file: string, model: Uint8Array): Style {
  const name = nameFrom(basename(file).replace(/\.onnx$/i, ''));
  const { input, output, inputs } = guessConventions(readModel(model));
  const manifest: Manifest = {
    format: 1,
    name,
    title: name,
    description: '',
    tier: 'foreign',
    licence: 'unstated',
    credits: [],
    model: { file: basename(file), sha256: checksum(model), bytes: model.length },
    input,
    output,
    inputs,
    state: [],
  };
  return { name, manifest, model };
}

/** Converts any text to a valid preset name. */
function nameFrom(words: string): string {
  const name = words
    .normalize('NFKD')
    .replace(/[^a-z0-9._-]+/gi, '-')
    .replace(/^[^a-z0-9]+|-+$/gi, '')
    .slice(0, 100);
  return name === '' ? 'network' : name;
}
