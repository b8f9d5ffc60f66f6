import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModel } from '../../graph/onnx/read.js';
import type { Model } from '../../graph/types.js';
import { loadRuntime } from './ort.js';

/**
 * Constant folding by ONNX Runtime, without device-specific optimisations: with fixed input sizes, only operations on
 * pixels remain.
 *
 * @param model an ONNX file
 */
export async function fold(model: Uint8Array): Promise<Model> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'stylecast-'));
  try {
    const file = join(folder, 'folded.onnx');
    const session = await (await loadRuntime()).create(model, {
      graphOptimizationLevel: 'basic',
      optimizedModelFilePath: file,
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    await session.release();
    return readModel(await fs.readFile(file));
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
