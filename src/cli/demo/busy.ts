import type { Engine } from '../../index.ts'
import { seatObligingAgents } from '../chat/obliging-agents.ts'
import { demoArticles } from './articles.ts'

/** Simulated people, so that there is something to see at once. */
export interface Busy {
  stop(): void
}

const NAMES = [
  'Mia',
  'Jonas',
  'Ravi',
  'Lena',
  'Tom',
  'Nora',
  'Ife',
  'Hugo',
  'Yuki',
  'Oleg',
  'Sofia',
  'Ben H.',
  'Aya',
  'Lars',
  'Zoe',
  'Emil',
]
const COME_EVERY_MS = 6_000
const THINK_MS = 4_000
const REPLY_AFTER_MS = 5_000
const LINES = [
  'It is about my last order.',
  'Since yesterday.',
  'The number is A-1042.',
  'Thanks, that is all!',
] as const
/** Ana's desk is for whoever tries the demo. */
const AT_WORK = ['ben', 'cleo', 'dev', 'ella']

/** Customers who come, ask, wait, talk and go; agents who answer them. They act through the engine, as everybody else does. */
export async function makeBusy(engine: Engine): Promise<Busy> {
  const timers = new Set<NodeJS.Timeout>()
  const obliging = seatObligingAgents(engine, REPLY_AFTER_MS)
  let count = 0
  const later = (ms: number, deed: () => Promise<unknown>): void => {
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        deed().catch(() => {}) // the conversation has moved on
      },
      ms * (0.5 + Math.random()),
    )
    timers.add(timer)
  }

  async function come(): Promise<void> {
    later(COME_EVERY_MS, come)
    count += 1
    const name = NAMES[count % NAMES.length] ?? 'Kim'
    const article = demoArticles[(count * 7) % demoArticles.length]
    const customer = { id: `guest-${process.pid}-${count}`, name }
    const conversation = await engine.openConversation({ customer, page: '/orders' })
    later(THINK_MS, async () => {
      await conversation.say(article?.questions?.[0] ?? 'Where is my order?')
      later(THINK_MS, () => decide(conversation, count % 3 !== 0))
    })
  }

  async function decide(
    conversation: Awaited<ReturnType<Engine['openConversation']>>,
    wantsPerson: boolean,
  ): Promise<void> {
    if (wantsPerson) await conversation.requestAgent()
    else await conversation.choose('yes')
    for (const [index, line] of LINES.entries()) {
      later(REPLY_AFTER_MS * 2.5 * (index + 1), async () => {
        const { phase } = await conversation.view()
        if (phase === 'live') await conversation.say(line)
      })
    }
    later(REPLY_AFTER_MS * 16, async () => {
      const { path } = await conversation.view()
      if (path.startsWith('closing')) await conversation.choose('yes')
    })
  }

  for (const id of AT_WORK) await engine.agent(id).setPresence('online')
  // Whoever sits at one of these desks is served by the machine: offers are taken after a moment.
  const unsubscribe = engine.on('offer.made', ({ conversationId, agentId }) => {
    if (AT_WORK.includes(agentId)) later(THINK_MS, () => engine.agent(agentId).accept(conversationId))
  })
  for (let n = 0; n < 3; n += 1) later(1_000 * n, come)
  return {
    stop() {
      unsubscribe()
      obliging.stop()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
