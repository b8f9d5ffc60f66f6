import { defineConfig } from 'vitest/config';

/** Rooms whose tests leave nothing behind in their process: one process for all of them, where others have one each. */
const PURE = ['autodiff', 'engine/{analysis,stabilize,wrap}', 'graph', 'losses', 'model', 'nets'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

// Tests import `#src/…`, which package.json maps to the built code in dist/: what ships is what is tested.
export default defineConfig({
  test: {
    globalSetup: 'test/fresh-build.ts',
    // They end what hangs, and say nothing of speed: a busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    maxWorkers: 2,
    // What is built needs no further building.
    server: { deps: { external: [/\/dist\//] } },
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'rest', include: ['test/**/*.test.ts'], exclude: PURE } },
    ],
  },
});
