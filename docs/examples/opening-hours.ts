import { definePlugin } from 'maitred'
import { z } from 'zod'

export const openingHours = definePlugin({
  name: 'opening-hours',
  version: '1.0.0',
  config: z.object({ from: z.number().default(9), to: z.number().default(18) }),
  setup: ({ config }) => ({
    isOpen(at: number): boolean {
      const hour = new Date(at).getUTCHours()
      return hour >= config.from && hour < config.to
    },
  }),
  hooks: {
    'before:enqueue': (ctx) => {
      if (ctx.api.isOpen(ctx.now)) return
      ctx.redirect('goAsync', { reason: 'closed', say: `We are back at ${ctx.config.from}:00. Leave us a message.` })
    },
    'before:transfer': (ctx) => {
      if (ctx.details.to === 'bot') ctx.veto('Whoever has reached a person stays with people.')
    },
  },
})
