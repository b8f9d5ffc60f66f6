import { defineConfig } from 'vitest/config';

// Tests import `#src/…`, which package.json maps to the built code in dist/: what ships is what is tested.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/fresh-build.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
