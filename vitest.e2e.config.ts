import { defineConfig } from 'vitest/config'

// In a real browser, against the built package: `npm run test:e2e`.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/e2e/**/*.e2e.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
