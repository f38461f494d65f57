import { isMaitredError } from '../core/errors.ts'
import type { Presence } from '../core/types.ts'
import type { Simulation } from './simulate.ts'

/** One thing that somebody does, or time that passes. Plain data, so that a story prints as what happened. */
export type Deed =
  | { readonly do: 'says'; readonly who: string; readonly text: string }
  | { readonly do: 'chooses'; readonly who: string; readonly choice: string }
  | { readonly do: 'leaves' | 'returns'; readonly who: string }
  | {
      readonly do: 'accepts' | 'declines' | 'answers' | 'holds' | 'warns' | 'closes'
      readonly agent: string
      readonly who: string
    }
  | {
      readonly do: 'transfers'
      readonly agent: string
      readonly who: string
      readonly to: string
      readonly warm: boolean
    }
  | { readonly do: 'goes'; readonly agent: string; readonly presence: Presence }
  | { readonly do: 'waits'; readonly ms: number }

/** Who takes part in a story, and what they say. */
export interface Cast {
  /** Ids; `kim`, `lou` and `max` unless said. */
  readonly customers?: readonly string[]
  /** Ids of `options.agents`; `ana` and `ben` unless said. */
  readonly agents?: readonly string[]
  /** What customers say besides the small words that every conversation needs: replies that your steps wait for. */
  readonly texts?: readonly string[]
}

/**
 * Makes a story of numbers: the same numbers tell the same story, fewer numbers a shorter one. So any tool that draws and shrinks lists of
 * numbers draws and shrinks stories. Left to chance alone hardly anybody would reach an agent; therefore every fifth number or so is a
 * whole visit, as people mostly go through it.
 * @param numbers whole numbers from 0; their size makes no difference to how often something happens
 * @example fc.array(fc.nat()).map((numbers) => toStory(numbers, { agents: ['ana'] }))
 */
export function toStory(numbers: readonly number[], cast: Cast = {}): readonly Deed[] {
  return numbers.flatMap((number) => tell(createDraw(number), cast))
}

/**
 * Lets a story happen in a simulation. What is refused, or vetoed, or comes too early is passed over, as it is in life; after every deed
 * all settles and the invariants are checked.
 * @throws Error when an invariant does not hold, with what was done last
 */
export async function play(sim: Simulation, story: readonly Deed[]): Promise<void> {
  const conversations = new Map<string, string>()
  const idOf = async (who: string): Promise<string> => {
    const known = conversations.get(who)
    if (known !== undefined) return known
    const { id } = await sim.engine.openConversation({ customer: { id: who } })
    conversations.set(who, id)
    return id
  }
  for (const deed of story) {
    if (deed.do === 'returns') conversations.delete(deed.who)
    let failure: { readonly error: unknown } | undefined
    perform(sim, deed, idOf).catch((error: unknown) => {
      if (!isMaitredError(error)) failure = { error }
    })
    await sim.advance(deed.do === 'waits' ? deed.ms : 0).catch((error: unknown) => {
      throw broken(deed, error)
    })
    if (failure !== undefined) throw broken(deed, failure.error)
  }
}

/**
 * Lets time pass until everything has come to its end by itself.
 * @throws Error when something has not: a conversation that is open, a seat that is held
 */
export async function letEverythingEnd(sim: Simulation): Promise<void> {
  await sim.advance('10d')
  const open = (await sim.engine.conversations({ limit: 1_000 })).find(({ phase }) => phase !== 'closed')
  if (open !== undefined) throw new Error(`the conversation ${open.id} is still in \`${open.phase}\` after ten days`)
  const seated = (await sim.engine.agents()).find(({ load }) => load > 0)
  if (seated !== undefined) throw new Error(`${seated.agent.id} still holds ${seated.load} units after ten days`)
}

function broken({ do: verb, ...about }: Deed, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Error(`${[verb, ...Object.values(about).map(String)].join(' ')}: ${why}`, { cause })
}

async function perform(sim: Simulation, deed: Deed, idOf: (who: string) => Promise<string>): Promise<unknown> {
  const { engine } = sim
  switch (deed.do) {
    case 'says':
      return engine.conversation(await idOf(deed.who)).say(deed.text)
    case 'chooses':
      return engine.conversation(await idOf(deed.who)).choose(deed.choice)
    case 'leaves':
      return engine.conversation(await idOf(deed.who)).leave()
    case 'returns':
      return idOf(deed.who)
    case 'goes':
      return engine.agent(deed.agent).setPresence(deed.presence)
    case 'waits':
      return undefined
    case 'transfers': {
      const to = deed.to === 'bot' ? 'bot' : deed.to === 'queue' ? { skills: [] } : { agentId: deed.to }
      return engine.agent(deed.agent).transfer(await idOf(deed.who), to, { warm: deed.warm })
    }
    default: {
      const desk = engine.agent(deed.agent)
      const id = await idOf(deed.who)
      const verbs = {
        accepts: () => desk.accept(id),
        declines: () => desk.decline(id),
        answers: () => desk.say(id, 'I am looking into it.'),
        holds: () => desk.hold(id),
        warns: () => desk.warn(id),
        closes: () => desk.close(id),
      }
      return verbs[deed.do]()
    }
  }
}

type Draw = <Value>(from: readonly [Value, ...Value[]]) => Value

/** Takes choice after choice out of one number. */
function createDraw(number: number): Draw {
  let rest = Math.abs(Math.trunc(number)) >>> 0
  return (from) => {
    rest = (Math.imul(rest ^ (rest >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0 // so that small numbers differ in every choice
    return from[rest % from.length] ?? from[0]
  }
}

const SMALL_WORDS = ['a person, please', 'where is my order?', 'hello', 'yes', 'no', '5', 'skip', 'thanks'] as const
const PRESENCES = ['online', 'online', 'online', 'away', 'draining', 'offline'] as const
const KINDS = [
  'visit',
  'says',
  'says',
  'chooses',
  'leaves',
  'returns',
  'desk',
  'desk',
  'desk',
  'transfers',
  'goes',
  'waits',
] as const
const DESK_VERBS = ['accepts', 'accepts', 'answers', 'declines', 'holds', 'warns', 'closes'] as const
const WAITS_MS = [1_000, 20_000, 60_000, 200_000, 700_000] as const

function tell(draw: Draw, { customers, agents, texts = [] }: Cast): readonly Deed[] {
  const who = draw(orElse(customers, ['kim', 'lou', 'max']))
  const staff = orElse(agents, ['ana', 'ben'])
  const agent = draw(staff)
  const kind = draw(KINDS)
  switch (kind) {
    case 'visit':
      return visit(draw, { who, staff, texts })
    case 'says':
      return [{ do: kind, who, text: draw([...SMALL_WORDS, ...texts]) }]
    case 'chooses':
      return [{ do: kind, who, choice: draw(['yes', 'no', 'person', 'message', '4']) }]
    case 'leaves':
    case 'returns':
      return [{ do: kind, who }]
    case 'desk':
      return [{ do: draw(DESK_VERBS), agent, who }]
    case 'transfers':
      return [{ do: kind, agent, who, to: draw(['bot', 'queue', ...staff]), warm: draw([false, true]) }]
    case 'goes':
      return [{ do: kind, agent, presence: draw(PRESENCES) }]
    case 'waits':
      return [{ do: kind, ms: draw(WAITS_MS) }]
  }
}

/** What people mostly do, as far as they go. */
function visit(
  draw: Draw,
  about: { readonly who: string; readonly staff: readonly string[]; readonly texts: readonly string[] },
): readonly Deed[] {
  const { who, staff, texts } = about
  const says = (text: string): Deed => ({ do: 'says', who, text })
  const byAll = (verb: 'accepts' | 'answers' | 'closes'): readonly Deed[] =>
    staff.map((agent) => ({ do: verb, agent, who }))
  const way = [
    says('where is my order?'),
    ...texts.map(says),
    says('skip'),
    says('a person, please'),
    ...byAll('accepts'),
    says('hello'),
    ...byAll('answers'),
    ...byAll('closes'),
    says('yes'),
    says(draw(['2', '4', '9'])),
    ...texts.map(says),
  ]
  return way.slice(0, draw([2, 4, 6, 8, 10, 12, way.length]))
}

function orElse(names: readonly string[] | undefined, usual: readonly [string, ...string[]]): [string, ...string[]] {
  const [first, ...others] = names ?? []
  return first === undefined ? [...usual] : [first, ...others]
}
