import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin } from '../../src/core/hooks/define-plugin.ts'
import { knowledgeBase } from '../../src/plugins/index.ts'
import { migrateState, pluginCases } from '../../src/testing/index.ts'

const loyalty = definePlugin({ name: 'loyalty', version: '1.0.0' })

const nps = definePlugin({
  name: 'nps',
  version: '2.0.0',
  requires: [loyalty],
  state: z.object({ score: z.number().optional(), askedCount: z.number().default(0) }),
  migrations: [(old) => ({ score: old['nps'] })],
  steps: (step) => [
    step({
      slot: 'closing',
      id: 'nps',
      ask: 'How likely are you to recommend us, from 0 to 10?',
      reply: z.coerce.number().int().min(0).max(10),
      accept: (score, ctx) => {
        ctx.setState({ score, askedCount: ctx.state.askedCount + 1 })
        ctx.schedule('followUp', '1d')
      },
    }),
  ],
  timers: { followUp: (ctx) => ctx.say('What should we have done better?') },
  hooks: {
    'before:enqueue': (ctx) => ctx.say('One moment.'),
    'after:close': (ctx) => ctx.log.info({ effectId: ctx.effectId }),
    'bot:answer': (question) => (/recommend/i.test(question) ? { text: 'Thank you!' } : undefined),
    'message:in': (message) => message,
  },
})

describe('the cases of a plugin', () => {
  for (const { name, run } of pluginCases(nps())) test(`nps ${name}`, run)
  for (const { name, run } of pluginCases(
    knowledgeBase({ articles: [{ id: 'order', title: 'Where is my order?', text: 'Look here.' }] }),
  )) {
    test(`the knowledge base ${name}`, run)
  }

  test('find a plugin that acts past its context', async () => {
    let count = 0
    const careless = definePlugin({
      name: 'careless',
      version: '1.0.0',
      hooks: { 'before:enqueue': (ctx) => ctx.say(`You are our customer number ${(count += 1)}.`) },
    })
    const twice = pluginCases(careless()).find(({ name }) => name.includes('twice'))
    await expect(twice?.run()).rejects.toThrow(/acts twice/)
  })
})

test('a state stored by an older version is read as the new one wants it', () => {
  expect(migrateState(nps(), { version: 0, state: { nps: 9 } })).toEqual({ score: 9, askedCount: 0 })
  expect(() => migrateState(nps(), { version: 1, state: { score: 'nine' } })).toThrow(/does not fit/)
})
