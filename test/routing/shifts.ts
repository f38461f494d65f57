import { fc } from '../fc.ts'
import { assemble, type EngineOptions } from '../../src/assemble.ts'
import type { Engine } from '../../src/core/engine/engine-api.ts'
import { definePlugin } from '../../src/core/hooks/define-plugin.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import type { Receipt } from '../../src/core/receipts.ts'
import type { Agent, Presence, Requirements } from '../../src/core/types.ts'
import { AGENT_POLICIES, QUEUE_POLICIES } from '../../src/routing/routing.ts'
import { createVirtualClock } from '../../src/testing/index.ts'
import { createWitness, type Witness } from './witness.ts'

/** What people do at their desks and at home. `nth` names an agent where no other has the conversation. */
export type Deed =
  | { readonly do: 'asks'; readonly who: string; readonly needs: Needs }
  | { readonly do: 'leaves' | 'connects' | 'disconnects' | 'writes' | 'looks'; readonly who: string }
  | { readonly do: AtDesk; readonly who: string; readonly nth: number; readonly isTheirs: boolean }
  | {
      readonly do: 'transfers'
      readonly who: string
      readonly to: 'queue' | 'skill' | number
      readonly warm: boolean
    }
  | { readonly do: 'goes'; readonly nth: number; readonly presence: Presence; readonly leased: boolean }
  | { readonly do: 'isBusy'; readonly nth: number; readonly units: number }
  | { readonly do: 'mayHold'; readonly nth: number; readonly capacity: number }
  | { readonly do: 'waits'; readonly ms: number }
  | { readonly do: 'restarts' }

type AtDesk = 'accepts' | 'acceptsTwice' | 'declines' | 'answers' | 'closes' | 'holds'
type Needs = Pick<Requirements, 'skills' | 'target' | 'priority' | 'weight'> & {
  readonly prefers: number | null
  readonly excludes: number | null
}

type Profile = Pick<Agent, 'skills' | 'capacity' | 'autoAccept'>

/** A shift: who works, by which rules, and what happens. */
export interface Shift {
  readonly staff: readonly Profile[]
  readonly routing: Rules
  readonly deeds: readonly Deed[]
}

/** Durations in ms, so that all of them can be stretched. */
export interface Rules {
  readonly agentPolicy: (typeof AGENT_POLICIES)[number]
  readonly queuePolicy: (typeof QUEUE_POLICIES)[number]
  readonly offerTimeout: number
  readonly wrapUp: number
  readonly preferredWait: number
  readonly offerTo: number
  readonly relax: readonly { readonly after: number; readonly drop: string }[]
  readonly overflow: {
    readonly after: number
    readonly to: 'async' | 'callback' | 'close' | { readonly skills: string[] }
  }
}

/** What a shift left behind. */
export interface Lived {
  readonly witness: Witness
  /** Every offer, as 'ms since the start: customer > agent'. */
  readonly offers: readonly string[]
  /** When two alarms first rang in the same ms, in ms since the start: which of them is first is nobody's promise. */
  readonly tieAt: number
}

export const SKILLS = ['billing', 'german']
const NAMES = ['anna', 'ben', 'cleo', 'dora']
const CUSTOMERS = ['kim', 'lou', 'max', 'nia', 'oli', 'pat', 'quy', 'ria', 'sue', 'tom']

const PHASE_OF: { readonly [deed in Deed['do']]?: 'offered' } = {
  accepts: 'offered',
  acceptsTwice: 'offered',
  declines: 'offered',
}
/** Has no skill and no seat. */
const NOBODY: Agent = { id: 'zoe', skills: [], capacity: 0 }
/** A line that is not renewed is lost too. */
const GOING: readonly Deed['do'][] = ['leaves', 'disconnects', 'connects']

const who = fc.constantFrom(...CUSTOMERS)
const nth = fc.nat(NAMES.length - 1)
const seldom = fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: nth })
const needs: fc.Arbitrary<Needs> = fc.record({
  skills: fc.constantFrom(...['billing', 'billing', 'german', 'german'].map((skill) => [skill]), SKILLS),
  /** Primes: no two scores are the same by chance. */
  target: fc.constantFrom(10_007, 60_013),
  priority: fc.constantFrom(0, 0, 1),
  weight: fc.constantFrom(1, 1, 1, 2),
  prefers: seldom,
  excludes: seldom,
})
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 18, arbitrary: fc.record({ do: fc.constant('asks' as const), who, needs }) },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constantFrom<AtDesk>(
        'accepts',
        'accepts',
        'accepts',
        'acceptsTwice',
        'declines',
        'answers',
        'closes',
        'closes',
        'closes',
        'holds',
      ),
      ...{ who, nth, isTheirs: fc.constantFrom(true, true, true, true, false) },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'leaves' as const,
        'connects' as const,
        'disconnects' as const,
        'writes' as const,
        'looks' as const,
      ),
      who,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('transfers' as const),
      ...{ who, to: fc.constantFrom<'queue' | 'skill' | number>('queue', 'skill', 0, 1, 2), warm: fc.boolean() },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('goes' as const),
      ...{ nth, leased: fc.boolean() },
      presence: fc.constantFrom<Presence>(
        'online',
        'online',
        'online',
        'online',
        'online',
        'away',
        'draining',
        'offline',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('isBusy' as const), nth, units: fc.constantFrom(0, 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('mayHold' as const), nth, capacity: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('waits' as const),
      ms: fc.constantFrom(500, 1_000, 1_000, 3_000, 3_000, 9_000, 20_000, 31_000, 130_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restarts' as const) }) },
)

export const rules: fc.Arbitrary<Rules> = fc.record({
  agentPolicy: fc.constantFrom(...AGENT_POLICIES, 'default' as const, 'default' as const, 'leastLoaded' as const),
  queuePolicy: fc.constantFrom(...QUEUE_POLICIES, 'weightedAge' as const, 'weightedAge' as const),
  offerTimeout: fc.constant(20_000),
  wrapUp: fc.constantFrom(0, 30_000),
  preferredWait: fc.constant(0),
  offerTo: fc.constantFrom(1, 1, 2),
  relax: fc.constantFrom<Rules['relax'][number][]>(
    [],
    [{ after: 30_000, drop: 'german' }],
    [{ after: 20_000, drop: 'proficiency' }],
  ),
  overflow: fc.record({
    after: fc.constantFrom(120_000, 900_000),
    to: fc.constantFrom<Rules['overflow']['to']>('async', 'callback', 'close', { skills: ['billing'] }),
  }),
})

const proficiency = fc.constantFrom<1 | 3 | 5>(1, 3, 5, 5)
const staff = fc.array(
  fc.record({
    skills: fc
      .constantFrom(['billing'], ['german'], ['billing', 'german'])
      .chain((own) =>
        fc
          .tuple(...own.map((skill) => proficiency.map((level) => [skill, level] as const)))
          .map((all) => Object.fromEntries(all)),
      ),
    capacity: fc.constantFrom(1, 1, 2),
    autoAccept: fc.constantFrom(true, false, false),
  }),
  { minLength: 2, maxLength: NAMES.length },
)

export const shifts: fc.Arbitrary<Shift> = fc.record({
  staff,
  routing: rules,
  deeds: fc.array(deed, { minLength: 10, maxLength: 40, size: 'max' }),
})

/** How a shift may be told otherwise without anything else becoming of it. */
export interface Telling {
  readonly agentId?: (name: string) => string
  readonly skill?: (name: string) => string
  /** All times are so many times as long. */
  readonly stretch?: number
  /** Somebody else is online, who has no skill and no seat. */
  readonly bystander?: boolean
}

/** Lives a shift in a real engine on a virtual clock, under the eyes of a witness, until everything has ended. `isCut`: no further than the deeds go. */
export async function live(
  { staff: all, routing, deeds }: Shift,
  { agentId = (name) => name, skill = (name) => name, stretch = 1, bystander = false }: Telling = {},
  { isCut = false } = {},
): Promise<Lived> {
  const startAt = Date.parse('2026-01-05T09:00:00Z')
  const clock = createVirtualClock(startAt)
  const tell = (profile: Profile, index: number): Agent => ({
    ...{ ...profile, id: agentId(NAMES[index] ?? '') },
    skills: Object.fromEntries(Object.entries(profile.skills ?? {}).map(([name, level]) => [skill(name), level])),
  })
  const agents = all.map(tell)
  const nameOf = (index: number): string => agents[index % agents.length]?.id ?? ''
  const wishes = new Map<string, Partial<Requirements>>()
  const ids = new Map<string, string>()
  const toRelax = ({ after, drop }: Rules['relax'][number]) => ({
    after: after * stretch,
    drop: SKILLS.includes(drop) ? skill(drop) : drop,
  })
  const told: Rules = {
    ...routing,
    offerTimeout: routing.offerTimeout * stretch,
    wrapUp: routing.wrapUp * stretch,
    relax: routing.relax.map(toRelax),
    overflow: {
      after: routing.overflow.after * stretch,
      to:
        typeof routing.overflow.to === 'string'
          ? routing.overflow.to
          : { skills: routing.overflow.to.skills.map(skill) },
    },
  }
  const memory = memoryStore()
  const witness = createWitness(await memory.open(''), { rules: told, now: () => clock.now() })
  const minutes = (count: number) => count * 60_000 * stretch
  const wishing = definePlugin({
    name: 'wishing',
    version: '1.0.0',
    hooks: {
      'route:requirements': (need, ctx) => ({ ...need, ...wishes.get(ctx.conversation.customer.id) }),
    },
  })()
  const options: EngineOptions = {
    plugins: [wishing],
    routing: told,
    silence: { remindAfter: minutes(3), closeAfter: minutes(10), agentAfter: minutes(10), idleAfter: minutes(2) },
    presence: { agentGrace: minutes(1), customerGrace: minutes(1) },
    reopenWithin: minutes(10),
    store: { ...memory, open: () => witness.store },
  }
  let [idCount, wordCount, tieAt] = [0, 0, Number.POSITIVE_INFINITY]
  let engine: Engine
  const start = async (): Promise<void> => {
    engine = assemble(
      { ...options, agents: bystander ? [...agents, NOBODY] : agents },
      { clock, seed: 1, createId: () => `c${String((idCount += 1)).padStart(4, '0')}` },
    )
    witness.follow(engine)
    await engine.start()
  }
  await start()
  for (const { agent } of await engine!.agents()) await engine!.agent(agent.id).setPresence('online') // started just now
  await quiet()

  async function perform(deed: Deed): Promise<Receipt | undefined> {
    if (deed.do === 'waits') return void (await advance(deed.ms * stretch))
    if (deed.do === 'restarts') {
      await engine.stop({ within: 0 })
      return void (await start())
    }
    if (deed.do === 'goes')
      return void (await engine
        .agent(nameOf(deed.nth))
        .setPresence(deed.presence, deed.leased ? { lease: minutes(5) } : {}))
    if (deed.do === 'isBusy') return void (await engine.agent(nameOf(deed.nth)).busy(deed.units, { for: minutes(10) }))
    if (deed.do === 'mayHold') {
      const index = deed.nth % agents.length
      const profile = { ...(agents[index] as Agent), capacity: deed.capacity } // there is one at each index
      agents[index] = profile
      return void (await engine.saveAgent(profile))
    }
    if (deed.do === 'asks') {
      const { prefers, excludes, skills, target, ...rest } = deed.needs
      wishes.set(deed.who, {
        ...rest,
        target: Number(target) * stretch,
        ...(prefers === null ? {} : { preferredAgentId: nameOf(prefers) }),
        ...(excludes === null ? {} : { excludedAgentIds: [nameOf(excludes)] }),
      })
      const { id } = await engine.openConversation({ customer: { id: deed.who } })
      ids.set(deed.who, id)
      return engine.conversation(id).requestAgent({ skills: skills.map(skill) })
    }
    const id = meant(deed)
    return id === undefined ? undefined : about(deed, id)
  }

  /** At a desk mostly one of the conversations that are there. */
  function meant(
    deed: Exclude<Deed, { do: 'waits' | 'restarts' | 'goes' | 'isBusy' | 'mayHold' | 'asks' }>,
  ): string | undefined {
    const own = ids.get(deed.who)
    if (deed.do !== 'transfers' && !('isTheirs' in deed && deed.isTheirs)) return own
    const there = witness.heldIn(PHASE_OF[deed.do] ?? 'open')
    return there[CUSTOMERS.indexOf(deed.who) % Math.max(1, there.length)] ?? own
  }

  async function about(
    deed: Exclude<Deed, { do: 'waits' | 'restarts' | 'goes' | 'isBusy' | 'mayHold' | 'asks' }>,
    id: string,
  ): Promise<Receipt | undefined> {
    const talk = engine.conversation(id)
    switch (deed.do) {
      case 'leaves':
        return talk.leave()
      case 'writes':
        return talk.say('Hello?')
      case 'looks':
        return void witness.sawPlace(await talk.view())
      case 'connects':
      case 'disconnects':
        return void (await talk.present({ lease: deed.do === 'connects' ? 45_000 * stretch : 0 }))
      case 'transfers': {
        const to =
          deed.to === 'queue'
            ? { skills: [] }
            : deed.to === 'skill'
              ? { skills: [skill('billing')] }
              : { agentId: nameOf(deed.to) }
        return engine.agent(witness.holderOf(id, 'open') ?? nameOf(0)).transfer(id, to, { warm: deed.warm })
      }
      default: {
        const holder = witness.holderOf(id, PHASE_OF[deed.do] ?? 'open')
        const desk = engine.agent((deed.isTheirs ? holder : undefined) ?? nameOf(deed.nth))
        if (deed.do === 'declines') return desk.decline(id)
        if (deed.do === 'answers') return desk.say(id, 'Let me look.')
        if (deed.do === 'closes') return desk.close(id)
        if (deed.do === 'holds') return desk.hold(id, { backIn: minutes(5) })
        const key = `accept ${(wordCount += 1)}`
        const receipt = await desk.accept(id, { key })
        if (deed.do === 'acceptsTwice') witness.sawTwice(receipt, await desk.accept(id, { key }))
        return receipt
      }
    }
  }

  async function advance(ms: number): Promise<void> {
    const until = clock.now() + ms
    await quiet()
    while (clock.fireNext(until)) {
      await quiet()
      if (clock.nextAt() !== clock.now()) witness.pause()
      else tieAt = Math.min(tieAt, clock.now() - startAt)
    }
    clock.moveTo(until)
  }

  for (const each of deeds) {
    const rows = witness.versions()
    const receipt = await perform(each)
    await quiet()
    if (receipt !== undefined) witness.sawReceipt(receipt, rows)
    if ('who' in each && GOING.includes(each.do)) witness.sawGoing(ids.get(each.who))
    witness.pause()
  }
  if (!isCut) {
    for (const { id } of agents) await engine!.agent(id).setPresence('offline')
    await quiet()
    await advance(10 * 86_400_000 * stretch)
    witness.end()
  }
  await engine!.stop({ within: 0 })
  const offers = witness.offers.map(({ at, who: name, agentId: to }) => `${at - startAt}: ${name} > ${to}`)
  return { witness, offers, tieAt }
}

/** Everything that needs no time has happened: with the memory store and synchronous hooks that is a few microtasks. */
async function quiet(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
