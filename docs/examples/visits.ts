import { definePlugin } from 'maitred'
import { z } from 'zod'

export const visits = definePlugin({
  name: 'visits',
  version: '1.0.0',
  records: z.object({ count: z.number() }),
  hooks: {
    'before:greet': async (ctx) => {
      const { id } = ctx.conversation.customer
      const known = await ctx.records.get(id)
      const { count: before } = known?.value ?? { count: 0 }
      const count = before + 1
      ctx.records.put(id, { count }, { ifVersion: known?.version ?? 0 })
      if (count > 1) ctx.say(`This is visit number ${count}.`)
    },
  },
})
