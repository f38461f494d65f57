import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = fileURLToPath(new URL('./src', import.meta.url))

export default defineConfig({
  resolve: {
    // Tests and examples read like a user's code and run from source: one copy of every module, no build first.
    alias: [
      { find: /^maitred$/, replacement: `${source}/index.ts` },
      { find: /^maitred\/([a-z]+)$/, replacement: `${source}/$1/index.ts` },
    ],
  },
  test: {
    environment: 'node',
    maxWorkers: '100%',
    include: ['test/**/*.test.ts'],
    benchmark: { include: ['bench/**/*.bench.ts'] },
    // Room for a property of many runs on a busy machine; a test that waits for real time is wrong at any figure.
    testTimeout: 30_000,
    hookTimeout: 20_000,
  },
})
