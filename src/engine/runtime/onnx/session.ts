import { messageOf } from '../../../errors.js';
import { type InferenceSession, loadRuntime } from '../ort.js';
import type { Session, SessionSpec } from '../spec.js';
import { adaptToCpu } from './adapt-cpu.js';
import { adaptToDevice } from './adapt-device.js';

type Options = InferenceSession.SessionOptions;

/** Opens a session of ONNX Runtime. */
export async function openOnnx({ model, provider, threads, half = false, keep = [] }: SessionSpec): Promise<Session> {
  const options: Options = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Memory patterns take twice the memory here and no less time.
    enableMemPattern: false,
    // Waiting threads must not spin: ffmpeg needs the CPU.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
  // Other providers copy every output back to the CPU.
  const stays = provider === 'webgpu' && keep.length > 0;
  if (stays) {
    options.preferredOutputLocation = Object.fromEntries(keep.map((name) => [name, 'gpu-buffer']));
  }
  const runtime = await loadRuntime();
  if (provider === 'cpu') return session(await runtime.create(adaptToCpu(model), options), false);
  const adapted = await adaptToDevice(model, half);
  try {
    return session(await runtime.create(adapted, { ...options, extra: NO_CPU_FALLBACK }), false, stays);
  } catch (cause) {
    if (!/fallback to CPU EP/.test(messageOf(cause))) throw cause;
    return session(await runtime.create(adapted, options), true, stays);
  }
}

/** Makes CPU fallback an error, so that it never happens silently. */
const NO_CPU_FALLBACK = { session: { disable_cpu_ep_fallback: '1' } };

/** @param stays whether outputs stay on the device: then the runtime does not write into given tensors */
function session(opened: InferenceSession, mixed: boolean, stays = false): Session {
  return {
    mixed,
    async run(feeds, fetches) {
      if (!fetches) return opened.run(feeds);
      if (!stays) return opened.run(feeds, fetches);
      const results = await opened.run(feeds, Object.keys(fetches));
      for (const [name, target] of Object.entries(fetches)) {
        if (target) (target.data as Uint8Array).set(results[name]!.data as Uint8Array);
      }
      return results;
    },
    release: () => opened.release(),
  };
}
