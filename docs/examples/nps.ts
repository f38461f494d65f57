import { definePlugin } from 'maitred'
import { z } from 'zod'

type Save = (row: { id: string; score: number }) => Promise<void>

export const nps = definePlugin({
  name: 'nps',
  version: '2.0.0',
  config: z.object({ save: z.custom<Save>((value) => typeof value === 'function') }),
  state: z.object({ score: z.number().optional() }),
  migrations: [(old) => ({ score: old['nps'] })], // version 0 called it `nps`
  setup: (host) => ({
    scoreOf: async (conversationId: string) => (await host.stateOf(conversationId)).score,
  }),
  steps: (step) => [
    step({
      slot: 'closing',
      id: 'nps',
      ask: 'How likely are you to recommend us, from 0 to 10?',
      reply: z.coerce.number().int().min(0).max(10),
      again: 'A number from 0 to 10, please.',
      accept: (score, ctx) => {
        ctx.setState({ score })
        ctx.emit('scored', { score })
        if (score <= 6) ctx.schedule('followUp', '1d')
      },
    }),
  ],
  timers: { followUp: (ctx) => ctx.say('You were not content. What should we have done better?') },
  hooks: {
    'after:close': {
      order: 'post',
      handler: async (ctx) => {
        if (ctx.state.score !== undefined) await ctx.config.save({ id: ctx.effectId, score: ctx.state.score })
      },
    },
  },
})
