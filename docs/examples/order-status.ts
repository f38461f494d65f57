import { definePlugin } from 'maitred'
import { z } from 'zod'

type Lookup = (orderNumber: string, signal: AbortSignal) => Promise<string | undefined>

export const orderStatus = definePlugin({
  name: 'order-status',
  version: '1.0.0',
  config: z.object({ lookup: z.custom<Lookup>((value) => typeof value === 'function') }),
  hooks: {
    'bot:answer': {
      timeout: '3s',
      handler: async (question, ctx) => {
        const [, orderNumber] = /order (\d+)/i.exec(question) ?? []
        if (orderNumber === undefined) return undefined // not ours: the next plugin is asked
        const status = await ctx.config.lookup(orderNumber, ctx.signal)
        return { text: status ?? `I know of no order ${orderNumber}.` }
      },
    },
  },
})
