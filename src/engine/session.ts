import type { SessionSpec } from './protocol.js';
import { InferenceSession } from './runtime.js';

/** Opens a session on the thread that calls, whose `run` blocks that thread. */
export function openSession({ model, provider, threads }: SessionSpec): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Planning memory ahead takes twice as much of it here, and no less time.
    enableMemPattern: false,
    // Threads that wait must not burn the CPU that ffmpeg needs.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
}
