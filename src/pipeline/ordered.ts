import PQueue from 'p-queue';
import { deferred } from '../deferred.js';

/** A stage of the pipeline that the last one may wait for. */
export type PipelineStage = 'decode' | 'network' | 'encode';

/** Options of `mapOrdered`. */
export interface OrderedOptions {
  /** Items worked on at the same time. */
  readonly concurrency: number;
  /** Items between source and reader, including those that wait. */
  readonly inFlight: number;
  /** Aborting stops reading the source; items already read are finished. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the milliseconds that the reader waited for a stage. */
  readonly onWait?: (stage: PipelineStage, milliseconds: number) => void;
}

/**
 * Maps a stream with several workers and keeps its order; the source is read only as fast as results are taken.
 *
 * Throws what the source or `work` throws, after the source is closed and running work has settled.
 */
export async function* mapOrdered<In, Out>(
  source: AsyncIterable<In>,
  work: (item: In) => Promise<Out>,
  { concurrency, inFlight, signal, onWait }: OrderedOptions,
): AsyncGenerator<Out, void, undefined> {
  const queue = new PQueue({ concurrency });
  const results: Promise<Out>[] = [];
  let changed = deferred<void>();
  let over = false;
  let stopped = false;
  let failure: { error: unknown } | undefined;
  const change = () => {
    changed.resolve();
    changed = deferred();
  };

  const feed = async () => {
    const iterator = source[Symbol.asyncIterator]();
    const aborted = new Promise<'aborted'>((resolve) => {
      if (signal?.aborted) resolve('aborted');
      signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    try {
      for (;;) {
        while (results.length >= inFlight && !stopped) await changed.promise;
        if (stopped) break;
        const item = await Promise.race([iterator.next(), aborted]);
        if (item === 'aborted' || item.done) break;
        const result = queue.add(() => work(item.value));
        result.catch(() => undefined);
        results.push(result);
        change();
      }
    } finally {
      await iterator.return?.();
    }
  };
  const feeding = feed()
    .catch((error) => {
      failure = { error };
    })
    .finally(() => {
      over = true;
      change();
    });

  try {
    for (;;) {
      const began = performance.now();
      if (results.length === 0) {
        if (over) break;
        await changed.promise;
        onWait?.('decode', performance.now() - began);
        continue;
      }
      const result = await results[0]!;
      onWait?.('network', performance.now() - began);
      results.shift();
      change();
      yield result;
    }
    if (failure) throw failure.error;
  } finally {
    stopped = true;
    change();
    queue.clear();
    await feeding;
    await queue.onIdle();
  }
}
