import { definePlugin } from 'maitred'
import { z } from 'zod'

const topics = z.enum(['billing', 'shipping'])

export const topic = definePlugin({
  name: 'topic',
  version: '1.0.0',
  state: z.object({ topic: topics.optional() }),
  steps: (step) => [
    step({
      slot: 'preChat',
      id: 'topic',
      ask: 'What is it about?',
      choices: [
        { id: 'billing', label: 'My bill' },
        { id: 'shipping', label: 'My parcel' },
      ],
      reply: topics, // the id of a choice, or what the customer wrote
      again: 'Pick one of the two, please.',
      attempts: 3,
      timeout: '1m',
      when: (ctx) => ctx.conversation.pages.every(({ url }) => url !== '/invoices'),
      accept: (reply, ctx) => ctx.setState({ topic: reply }),
    }),
  ],
  hooks: {
    'route:requirements': (need, ctx) => (ctx.state.topic === undefined ? need : { ...need, skills: [ctx.state.topic] }),
  },
})
