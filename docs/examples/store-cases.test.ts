import { describe, test } from 'vitest'
import { memoryStore as myStore } from 'maitred/stores' // your own
import { storeCases } from 'maitred/testing'

describe('my store', () => {
  for (const { name, run } of storeCases(() => myStore())) test(name, run)
})
