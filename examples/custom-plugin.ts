// A plugin with a veto and a state of its own: three questions to the bot, then a person.
import { createEngine, definePlugin } from 'maitred'
import { z } from 'zod'

export const patience = definePlugin({
  name: 'patience',
  version: '1.0.0',
  config: z.object({ questions: z.number().int().positive().default(3) }),
  state: z.object({ askedCount: z.number().default(0) }),
  setup: ({ stateOf }) => ({
    askedIn: async (conversationId: string) => (await stateOf(conversationId)).askedCount,
  }),
  hooks: {
    'before:search': (ctx) => {
      const askedCount = ctx.state.askedCount + 1
      ctx.setState({ askedCount })
      if (askedCount > ctx.config.questions) {
        ctx.redirect('requestAgent', { reason: 'asked enough', say: 'Let me get somebody for you.' })
      }
    },
    'before:transfer': (ctx) => {
      if (ctx.details.to === 'bot') ctx.veto('Whoever has reached a person stays with people.')
    },
    'bot:answer': (question) => (/opening hours/i.test(question) ? { text: 'We are here from nine to five.' } : undefined),
  },
})

const engine = createEngine({
  agents: [{ id: 'ana', name: 'Ana', autoAccept: true }],
  plugins: [patience({ questions: 1 })],
})
engine.on('message.added', ({ message }) => console.log(`${message.author}: ${message.text}`))
engine.on('transition.vetoed', ({ by, transition, reason }) => console.log(`(${by} vetoed ${transition}: ${reason})`))
await engine.start()
await engine.agent('ana').setPresence('online')
const kim = await engine.openConversation({ customer: { id: 'kim', name: 'Kim' } })
await kim.say('What are your opening hours?') // answered by the plugin
await kim.say('And on Sundays?') // one too many: Ana is called
await engine.agent('ana').transfer(kim.id, 'bot') // vetoed
console.log(`questions asked: ${await engine.plugin(patience).askedIn(kim.id)}`)
await engine.stop()
