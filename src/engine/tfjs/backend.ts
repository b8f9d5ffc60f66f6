import { createRequire } from 'node:module';
import { EngineError, messageOf } from '../../errors.js';
import type { Tf } from './call.js';

/** A way to run tfjs. */
interface Backend {
  /** What tfjs calls it. */
  readonly backend: string;
  /** Packages to load; the first one has the functions. */
  readonly packages: readonly string[];
  /** Why it does not do what it is for, once it is loaded. */
  readonly complaint?: (tf: Tf) => string | undefined;
}

const CORE = '@tensorflow/tfjs-core';

/** The backends of tfjs, the one to prefer first. */
export const BACKENDS = {
  'node-gpu': { backend: 'tensorflow', packages: ['@tensorflow/tfjs-node-gpu'], complaint: withoutGpu },
  node: { backend: 'tensorflow', packages: ['@tensorflow/tfjs-node'] },
  webgpu: { backend: 'webgpu', packages: [CORE, '@tensorflow/tfjs-backend-webgpu'] },
  wasm: { backend: 'wasm', packages: [CORE, '@tensorflow/tfjs-backend-wasm'] },
  cpu: { backend: 'cpu', packages: [CORE, '@tensorflow/tfjs-backend-cpu'] },
} as const satisfies Record<string, Backend>;

/** Name of a backend of tfjs. */
export type BackendName = keyof typeof BACKENDS;

/** Why a backend cannot be used, as far as can be told without loading it. */
export function absentBackend(name: BackendName): string | undefined {
  const { packages } = BACKENDS[name];
  const { resolve } = createRequire(import.meta.url);
  const missing = packages.filter((pack) => {
    try {
      return !resolve(pack);
    } catch {
      return true;
    }
  });
  if (missing.length > 0) return `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed`;
  return name === 'webgpu' ? withoutWebGpu() : undefined;
}

/**
 * Loads tfjs with a backend.
 *
 * @throws EngineError `ENGINE_TFJS` when its packages are missing, do not load, or the backend does not start
 */
export async function loadTfjs(name: BackendName): Promise<Tf> {
  const { backend, packages, complaint }: Backend = BACKENDS[name];
  const absent = absentBackend(name);
  if (absent) throw unusable(name, absent);
  let tf: Tf;
  try {
    const loaded = await Promise.all(packages.map((pack) => import(pack)));
    tf = loaded[0].default ?? loaded[0];
  } catch (cause) {
    throw unusable(name, `${packages.join(' and ')} does not load: ${firstLine(cause)}`, cause);
  }
  // What it has to say about itself goes to the console; its faults come as errors.
  tf.env().set('IS_TEST', true);
  const started = await tf.setBackend(backend).catch(() => false);
  if (!started) throw unusable(name, `the backend ${backend} does not start`);
  await tf.ready();
  const reason = complaint?.(tf);
  if (reason) throw unusable(name, reason);
  return tf;
}

/** tfjs-node-gpu runs on the CPU without a word where it finds no CUDA. */
function withoutGpu(tf: Tf): string | undefined {
  const { isUsingGpuDevice } = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
  return isUsingGpuDevice ? undefined : 'its TensorFlow found no GPU with CUDA 11.2 and cuDNN 8.1';
}

function withoutWebGpu(): string | undefined {
  const { navigator } = globalThis as { navigator?: { gpu?: unknown } };
  return navigator?.gpu ? undefined : `Node ${process.versions.node} has no navigator.gpu`;
}

function unusable(name: BackendName, reason: string, cause?: unknown): EngineError {
  return new EngineError('ENGINE_TFJS', `tfjs:${name} cannot be used: ${reason}.`, {
    hint: `Install ${BACKENDS[name].packages.join(' and ')}, or use another device.`,
    cause,
  });
}

const firstLine = (error: unknown) => messageOf(error).split('\n')[0]!.slice(0, 200);
