import { expect, test } from 'vitest'
import { defineConfig } from 'maitred'
import { checkConfig } from 'maitred/testing'
import { openingHours } from './opening-hours.ts'
import { topic } from './topic.ts'

const config = defineConfig({
  skills: ['billing', 'shipping'],
  agents: [
    { id: 'ana', skills: ['billing'] },
    { id: 'ben', skills: ['shipping', 'billing'] },
  ],
  plugins: [openingHours(), topic()],
})

test('the configuration has no dead ends', () => {
  expect(checkConfig(config)).toEqual([])
})
