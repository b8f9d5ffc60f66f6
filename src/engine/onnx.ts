import { messageOf } from '../errors.js';
import { adaptToDevice } from './adapt.js';
import type { SessionSpec } from './protocol.js';
import { InferenceSession } from './runtime.js';
import type { Session } from './session.js';

type Options = InferenceSession.SessionOptions;

/** Opens a session of ONNX Runtime. */
export async function openOnnx({ model, provider, threads, half = false }: SessionSpec): Promise<Session> {
  const options: Options = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Planning memory ahead takes twice as much of it here, and no less time.
    enableMemPattern: false,
    // Threads that wait must not burn the CPU that ffmpeg needs.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
  if (provider === 'cpu') return session(await InferenceSession.create(model, options), false);
  const adapted = await adaptToDevice(model, half);
  try {
    return session(await InferenceSession.create(adapted, { ...options, extra: WHOLE }), false);
  } catch (cause) {
    if (!/fallback to CPU EP/.test(messageOf(cause))) throw cause;
    return session(await InferenceSession.create(adapted, options), true);
  }
}

/** Nothing may go to the CPU in silence. */
const WHOLE = { session: { disable_cpu_ep_fallback: '1' } };

function session(opened: InferenceSession, mixed: boolean): Session {
  return {
    mixed,
    run: (feeds, fetches) => (fetches ? opened.run(feeds, fetches) : opened.run(feeds)),
    release: () => opened.release(),
  };
}
