import { describe, expect, test } from 'vitest';
import { mapOrdered, type PipelineStage } from '#src/pipeline/ordered.js';

const tick = (ms = 0) => new Promise<void>((done) => setTimeout(done, ms));

/** Counts from 0, and notes how far it was read and whether it was closed. */
function counter(length: number, failAt = Number.POSITIVE_INFINITY) {
  const state = { read: 0, closed: 0 };
  async function* numbers() {
    try {
      for (let n = 0; n < length; n++) {
        if (n === failAt) throw new Error('source');
        state.read++;
        yield n;
      }
    } finally {
      state.closed++;
    }
  }
  return { state, source: numbers() };
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('order', () => {
  test('is kept, however long each item takes', async () => {
    const { source, state } = counter(40);
    const work = async (n: number) => {
      await tick((n * 7) % 5);
      return n * 2;
    };
    expect(await all(mapOrdered(source, work, { concurrency: 4, inFlight: 6 }))).toEqual(
      Array.from({ length: 40 }, (_, n) => n * 2),
    );
    expect(state).toEqual({ read: 40, closed: 1 });
  });

  test('of nothing is nothing', async () => {
    const { source, state } = counter(0);
    expect(await all(mapOrdered(source, async (n) => n, { concurrency: 1, inFlight: 1 }))).toEqual([]);
    expect(state.closed).toBe(1);
  });
});

describe('what is in flight is bounded', () => {
  test.each([
    [1, 1],
    [2, 3],
    [4, 9],
  ])('concurrency %i, %i in flight', async (concurrency, inFlight) => {
    const { source, state } = counter(60);
    let working = 0;
    let most = 0;
    let taken = 0;
    let ahead = 0;
    const work = async (n: number) => {
      most = Math.max(most, ++working);
      await tick();
      working--;
      return n;
    };
    for await (const _ of mapOrdered(source, work, { concurrency, inFlight })) {
      taken++;
      await tick(1);
      ahead = Math.max(ahead, state.read - taken);
    }
    expect(taken).toBe(60);
    expect(most).toBe(concurrency);
    expect(ahead).toBeLessThanOrEqual(inFlight);
  });

  test('a reader that waits stops the source', async () => {
    const { source, state } = counter(1000);
    const stream = mapOrdered(source, async (n) => n, { concurrency: 2, inFlight: 5 });
    await stream.next();
    await tick(30);
    expect(state.read).toBeLessThanOrEqual(6);
    await stream.return();
    expect(state.closed).toBe(1);
  });
});

describe('errors', () => {
  test('of the source come after what it gave', async () => {
    const { source, state } = counter(10, 3);
    const seen: number[] = [];
    const read = async () => {
      for await (const n of mapOrdered(source, async (n) => n, { concurrency: 2, inFlight: 3 })) seen.push(n);
    };
    await expect(read()).rejects.toThrow('source');
    expect(seen).toEqual([0, 1, 2]);
    expect(state.closed).toBe(1);
  });

  test('of the work come in their turn; running work is waited for, the source closed', async () => {
    const { source, state } = counter(100);
    let running = 0;
    const work = async (n: number) => {
      running++;
      await tick(n === 4 ? 1 : 8);
      running--;
      if (n === 4) throw new Error('work');
      return n;
    };
    const seen: number[] = [];
    const read = async () => {
      for await (const n of mapOrdered(source, work, { concurrency: 3, inFlight: 5 })) seen.push(n);
    };
    await expect(read()).rejects.toThrow('work');
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(running).toBe(0);
    expect(state.closed).toBe(1);
    expect(state.read).toBeLessThan(12);
  });

  test('of the reader close the source', async () => {
    const { source, state } = counter(100);
    const read = async () => {
      for await (const n of mapOrdered(source, async (n) => n, { concurrency: 2, inFlight: 3 })) {
        if (n === 5) throw new Error('reader');
      }
    };
    await expect(read()).rejects.toThrow('reader');
    expect(state.closed).toBe(1);
  });

  test('leaving early does so too, while a slow source is being read', async () => {
    const { source, state } = counter(100);
    for await (const n of mapOrdered(source, async (n) => n, { concurrency: 1, inFlight: 2 })) if (n === 2) break;
    expect(state.closed).toBe(1);
    expect(state.read).toBeLessThan(8);
  });
});

describe('abort', () => {
  test('finishes what was read', async () => {
    const { source, state } = counter(1000);
    const controller = new AbortController();
    const seen: number[] = [];
    const options = { concurrency: 2, inFlight: 4, signal: controller.signal };
    const work = async (n: number) => {
      await tick();
      return n;
    };
    for await (const n of mapOrdered(source, work, options)) {
      seen.push(n);
      if (n === 10) controller.abort();
    }
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, n) => n));
    // But not what was just being read.
    expect(seen.length).toBeGreaterThanOrEqual(state.read - 1);
    expect(seen.length).toBeLessThan(20);
    expect(state.closed).toBe(1);
  });

  test('before the start gives nothing', async () => {
    const { source } = counter(10);
    const options = { concurrency: 2, inFlight: 4, signal: AbortSignal.abort() };
    expect(await all(mapOrdered(source, async (n) => n, options))).toEqual([]);
  });
});

test('waiting is told by the stage that was waited for', async () => {
  const waited: Record<PipelineStage, number> = { decode: 0, network: 0, encode: 0 };
  const onWait = (stage: PipelineStage, ms: number) => {
    waited[stage] += ms;
  };
  await all(mapOrdered(counter(10).source, () => tick(5), { concurrency: 1, inFlight: 2, onWait }));
  expect(waited.network).toBeGreaterThan(waited.decode);
  async function* slow() {
    for (let n = 0; n < 10; n++) {
      await tick(5);
      yield n;
    }
  }
  waited.network = waited.decode = 0;
  await all(mapOrdered(slow(), async (n) => n, { concurrency: 1, inFlight: 2, onWait }));
  expect(waited.decode).toBeGreaterThan(waited.network);
});
