import { vi } from 'vitest'
import type { Plugin } from '../../src/index.ts'
import { boundaries, csat, knowledgeBase, savedReplies } from '../../src/plugins/index.ts'
import { hours } from '../../docs/examples/first-plugin.ts'
import { loyalty } from '../../docs/examples/loyalty.ts'
import { nps } from '../../docs/examples/nps.ts'
import { openingHours } from '../../docs/examples/opening-hours.ts'
import { orderStatus } from '../../docs/examples/order-status.ts'
import { topic } from '../../docs/examples/topic.ts'
import { visits } from '../../docs/examples/visits.ts'

const patience = await readExample()

/** The plugin of the example, which speaks when it is imported. */
async function readExample(): Promise<() => Plugin> {
  const silence = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const example = await import('../../examples/custom-plugin.ts')
  silence.mockRestore()
  return example.patience
}

const articles = [
  { id: 'refund', title: 'Where is my refund?', text: 'It takes five days.', skills: ['billing'] },
  { id: 'late', title: 'My refund is late', text: 'Ask us after a week.' },
]

/** Every plugin there is in this repository, by name. */
export const EVERY_PLUGIN: Readonly<Record<string, () => Plugin>> = {
  'knowledge-base': () => knowledgeBase({ articles }),
  csat: () => csat({ scale: 10, everyDays: 1, comment: 'always' }),
  boundaries: () => boundaries({ words: ['hello'], warnings: 1 }),
  'saved-replies': () =>
    savedReplies({ replies: [{ id: 'look', shortcut: '/look', text: 'I look, {{customer.id}}.' }] }),
  hours,
  loyalty: () => loyalty({ lookup: (id) => Promise.resolve({ tier: id === 'kim' ? 'gold' : 'none' }) }),
  nps: () => nps({ save: () => Promise.resolve() }),
  'opening-hours': openingHours,
  'order-status': () => orderStatus({ lookup: () => Promise.resolve('It is on its way.') }),
  topic,
  visits,
  patience,
}
