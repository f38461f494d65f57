import { definePlugin } from 'maitred'
import { z } from 'zod'

type Lookup = (customerId: string, signal: AbortSignal) => Promise<{ tier: string }>

export const loyalty = definePlugin({
  name: 'loyalty',
  version: '1.0.0',
  config: z.object({ lookup: z.custom<Lookup>((value) => typeof value === 'function') }),
  hooks: {
    'customer:context': {
      timeout: '800ms',
      handler: async (customer, ctx) => {
        const { tier } = await ctx.config.lookup(customer.id, ctx.signal)
        return { ...customer, attributes: { ...customer.attributes, tier } }
      },
    },
    'route:requirements': (need, ctx) =>
      ctx.conversation.customer.attributes?.['tier'] === 'gold' ? { ...need, target: '20s' } : need,
  },
})
