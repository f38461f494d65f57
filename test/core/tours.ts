import type { EngineOptions } from '../../src/assemble.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import { offeredHold } from '../../src/core/machine/holds.ts'
import type { Commit, Store, TenantStore } from '../../src/core/ports.ts'
import type { Duration } from '../../src/core/types.ts'
import { type Conversation, definePlugin, type Plugin, type Receipt, type TransitionName } from '../../src/index.ts'
import { simulate, type Simulation } from '../../src/testing/index.ts'

/** One conversation being led somewhere. Refusals and vetoes are noted, not thrown: a plugin may be in the way. */
export interface Stage {
  readonly sim: Simulation
  readonly store: TenantStore
  readonly talk: Conversation
  readonly receipts: readonly Receipt[]
  /** All that was committed, in order. */
  readonly commits: readonly Commit[]
  /** What both sides have said so far. */
  words(): Promise<readonly string[]>
  /** Does something, and lets it settle. */
  does(deed: (talk: Conversation) => Promise<Receipt>): Promise<void>
  /** As `does`, for the agent who has the offer or the conversation. */
  agentDoes(verb: 'accept' | 'decline' | 'hold' | 'warn' | 'close' | 'say' | 'transfer'): Promise<void>
  comesBack(): Promise<void>
  waits(duration: Duration): Promise<void>
}

export type Tour = (stage: Stage) => Promise<void>

const says = (text: string) => (talk: Conversation) => talk.say(text)

/** Ways through a conversation that lead past every transition. */
export const TOURS = {
  helped: async (stage) => {
    await stage.does(says('where is my parcel?'))
    await stage.does((talk) => talk.choose('yes'))
    await stage.does((talk) => talk.rate(5))
    await stage.comesBack()
  },
  told: async (stage) => {
    await stage.does(says('what is your name?'))
    await stage.does(says('blorp fnord wibble'))
  },
  served: async (stage) => {
    await stage.does(says('a person, please'))
    await stage.agentDoes('decline')
    await stage.agentDoes('accept')
    await stage.agentDoes('hold')
    await stage.agentDoes('say')
    await stage.agentDoes('transfer')
    await stage.agentDoes('accept')
    await stage.agentDoes('close')
    await stage.does((talk) => talk.choose('yes'))
    await stage.does((talk) => talk.rate(4))
  },
  joined: async (stage) => {
    await stage.does(says('a person, please'))
    await stage.agentDoes('accept')
    for (const id of ['ana', 'ben']) await stage.does((talk) => stage.sim.engine.agent(id).join(talk.id))
  },
  missed: async (stage) => {
    await stage.does(says('a person, please'))
    await stage.waits('20s')
  },
  left: async (stage) => {
    await stage.does(says('a person, please'))
    await stage.does((talk) => talk.leave())
  },
  warned: async (stage) => {
    await stage.does(says('a person, please'))
    await stage.agentDoes('accept')
    for (const _level of [1, 2, 3]) await stage.agentDoes('warn')
  },
  parked: async (stage) => {
    for (const id of ['ana', 'ben']) await stage.sim.engine.agent(id).setPresence('away')
    await stage.does(says('a person, please'))
    await stage.does(says('my parcel is late'))
  },
} satisfies Record<string, Tour>

export type TourName = keyof typeof TOURS

/** Which way leads past a transition. */
export const TOUR_OF: Readonly<Record<TransitionName, TourName>> = {
  greet: 'helped',
  ask: 'helped',
  search: 'helped',
  suggest: 'helped',
  answer: 'told',
  miss: 'told',
  deflect: 'helped',
  requestAgent: 'served',
  enqueue: 'served',
  offer: 'served',
  accept: 'served',
  decline: 'served',
  expire: 'missed',
  join: 'joined',
  transfer: 'served',
  hold: 'served',
  resume: 'served',
  goAsync: 'parked',
  abandon: 'left',
  startClosing: 'helped',
  rate: 'helped',
  warn: 'warned',
  block: 'warned',
  close: 'helped',
  reopen: 'helped',
}

/** Answers questions about parcels with an article, and about itself with words. */
export const bot = definePlugin({
  name: 'bot',
  version: '1.0.0',
  hooks: {
    'bot:answer': {
      order: 'post',
      handler: (question) => {
        if (question.includes('name')) return { text: 'I am the bot.' }
        if (!question.includes('parcel')) return undefined
        const article = { id: 'parcels', title: 'Parcels', text: 'They take two days.' }
        return { suggestions: [{ article, confidence: 0.9, matched: ['parcel'] }] }
      },
    },
  },
})

/** Opens a simulation with two agents and the bot behind the plugins, and a customer who has just come in. */
export async function openStage(
  plugins: readonly Plugin[],
  { pause = 0, ...options }: EngineOptions & { readonly pause?: Duration } = {},
): Promise<Stage> {
  const commits: Commit[] = []
  const store = watchCommits(memoryStore(), commits)
  const agents = [{ id: 'ana' }, { id: 'ben' }]
  const sim = simulate({ agents, ...options, store, plugins: [...plugins, bot()] })
  const tenant = await store.open('')
  await sim.advance(0)
  const receipts: Receipt[] = []
  const opening = sim.engine.openConversation({ customer: { id: 'kim', name: 'Kim' } })
  await sim.advance(pause)
  const talk = await opening

  /** A hook that hangs holds up the answer until time has passed. */
  async function settled<Result>(begun: Promise<Result>): Promise<Result> {
    begun.catch(() => undefined) // told below
    await sim.advance(pause)
    return begun
  }
  async function does(deed: (talk: Conversation) => Promise<Receipt>): Promise<void> {
    receipts.push(await settled(deed(talk)))
  }

  return {
    sim,
    store: tenant,
    talk,
    receipts,
    commits,
    does,
    words: async () => (await tenant.transcript(talk.id, 0)).map(({ author, text }) => `${author}: ${text}`),
    async agentDoes(verb) {
      const context = (await tenant.load(talk.id)).row?.snapshot.context
      const offered = context === undefined ? undefined : offeredHold(context)?.agentId
      const desk = sim.engine.agent(offered ?? context?.owner.replace('agent:', '') ?? 'ana')
      if (verb === 'say') await settled(desk.advise(talk.id, 'I am on it.').catch(() => undefined))
      await does(({ id }) => {
        if (verb === 'say') return desk.say(id, 'I am on it.')
        return verb === 'transfer' ? desk.transfer(id, { skills: [] }) : desk[verb](id)
      })
    },
    async comesBack() {
      await settled(sim.engine.openConversation({ customer: { id: 'kim' } }))
    },
    waits: (duration) => sim.advance(duration),
  }
}

function watchCommits(store: Store, commits: Commit[]): Store {
  return {
    ...store,
    open: (tenant) => {
      const opened = store.open(tenant) as TenantStore // the memory store opens at once
      return {
        ...opened,
        commit: (commit) => {
          const result = opened.commit(commit)
          if ('status' in result && result.status === 'ok') commits.push(commit)
          return result
        },
      }
    },
  }
}
