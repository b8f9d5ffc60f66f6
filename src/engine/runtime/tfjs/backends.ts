import { createRequire } from 'node:module';

/** A backend of tfjs. */
interface Backend {
  /** What tfjs calls it. */
  readonly backend: string;
  /** Packages to load; the first one has the functions. */
  readonly packages: readonly string[];
}

const CORE = '@tensorflow/tfjs-core';

/** The backends of tfjs, in order of preference. */
export const BACKENDS = {
  'node-gpu': { backend: 'tensorflow', packages: ['@tensorflow/tfjs-node-gpu'] },
  node: { backend: 'tensorflow', packages: ['@tensorflow/tfjs-node'] },
  webgpu: { backend: 'webgpu', packages: [CORE, '@tensorflow/tfjs-backend-webgpu'] },
  wasm: { backend: 'wasm', packages: [CORE, '@tensorflow/tfjs-backend-wasm'] },
  cpu: { backend: 'cpu', packages: [CORE, '@tensorflow/tfjs-backend-cpu'] },
} as const satisfies Record<string, Backend>;

/** Name of a backend of tfjs. */
export type BackendName = keyof typeof BACKENDS;

/** Why a backend cannot be used, as far as can be determined without loading it. */
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
  if (name !== 'webgpu') return undefined;
  const { navigator } = globalThis as { navigator?: { gpu?: unknown } };
  return navigator?.gpu ? undefined : `Node ${process.versions.node} has no navigator.gpu`;
}
