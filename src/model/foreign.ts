import { basename } from 'node:path';
import type { Manifest } from './manifest.js';
import { checksum, type Style } from './style.js';

/**
 * A style made of nothing but an `.onnx` file. Its manifest says what most style networks do (float32, NCHW, RGB, 0–1)
 * and leaves the tensors' names empty.
 */
export function bareStyle(file: string, model: Uint8Array): Style {
  const name = nameFrom(basename(file).replace(/\.onnx$/i, ''));
  const tensor = { name: '', type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] } as const;
  const manifest: Manifest = {
    format: 1,
    name,
    title: name,
    description: '',
    tier: 'foreign',
    licence: 'unstated',
    credits: [],
    model: { file: basename(file), sha256: checksum(model), bytes: model.length },
    input: { ...tensor, multiple: 1 },
    output: tensor,
    inputs: [],
    state: [],
  };
  return { name, manifest, model };
}

/** A name that a preset may have, made of any text. */
function nameFrom(words: string): string {
  const name = words
    .normalize('NFKD')
    .replace(/[^a-z0-9._-]+/gi, '-')
    .replace(/^[^a-z0-9]+|-+$/gi, '')
    .slice(0, 100);
  return name === '' ? 'network' : name;
}
