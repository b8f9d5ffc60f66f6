import { defineConfig } from 'vitest/config';

// Tests import `#src/…`, which package.json maps to the built code in dist/: what ships is what is tested.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/fresh-build.ts',
    // They end what hangs, and say nothing of speed: a busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    maxWorkers: 2,
  },
});
