import { EngineError, messageOf } from '../../../errors.js';
import { absentBackend, BACKENDS, type BackendName } from './backends.js';
import type { Tf } from './call.js';

/**
 * Loads tfjs with a backend.
 *
 * @throws EngineError `ENGINE_TFJS` when its packages are missing, do not load, or the backend does not start
 */
export async function loadTfjs(name: BackendName): Promise<Tf> {
  const { backend, packages } = BACKENDS[name];
  const absent = absentBackend(name);
  if (absent) throw unusable(name, absent);
  let tf: Tf;
  try {
    const loaded = await Promise.all(packages.map((pack) => import(pack)));
    tf = loaded[0].default ?? loaded[0];
  } catch (cause) {
    throw unusable(name, `${packages.join(' and ')} does not load: ${firstLine(cause)}`, cause);
  }
  // Suppresses its console output; failures are thrown as errors.
  tf.env().set('IS_TEST', true);
  const started = await tf.setBackend(backend).catch(() => false);
  if (!started) throw unusable(name, `the backend ${backend} does not start`);
  await tf.ready();
  const reason = name === 'node-gpu' ? withoutGpu(tf) : undefined;
  if (reason) throw unusable(name, reason);
  return tf;
}

/** tfjs-node-gpu silently runs on the CPU where it finds no CUDA. */
function withoutGpu(tf: Tf): string | undefined {
  const { isUsingGpuDevice } = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
  return isUsingGpuDevice ? undefined : 'its TensorFlow found no GPU with CUDA 11.2 and cuDNN 8.1';
}

function unusable(name: BackendName, reason: string, cause?: unknown): EngineError {
  return new EngineError('ENGINE_TFJS', `tfjs:${name} cannot be used: ${reason}.`, {
    hint: `Install ${BACKENDS[name].packages.join(' and ')}, or use another device.`,
    cause,
  });
}

const firstLine = (error: unknown) => messageOf(error).split('\n')[0]!.slice(0, 200);
