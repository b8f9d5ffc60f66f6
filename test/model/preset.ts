import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A fresh folder that is removed after the file's tests. */
export function freshFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stylecast-model-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What stands in for a network where nothing runs it. */
export const network = new Uint8Array([8, 8, 18, 4, 116, 101, 115, 116]);

/** A manifest with nothing in it but what must be there. */
export function shortest(name: string) {
  return {
    format: 1,
    name,
    tier: 'lite',
    model: { sha256: createHash('sha256').update(network).digest('hex'), bytes: network.length },
    input: { name: 'image' },
    output: { name: 'stylized' },
  };
}

/** Writes a preset, its manifest changed by `change` or replaced by a text. */
export function makePreset(parent: string, name: string, change: object | string = {}): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), network);
  const text = typeof change === 'string' ? change : JSON.stringify({ ...shortest(name), ...change });
  writeFileSync(join(folder, 'preset.json'), text);
  return folder;
}
