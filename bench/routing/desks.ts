import type { Proposal, QueueRow, Router } from '../../src/core/ports.ts'
import { createRouter } from '../../src/routing/router.ts'
import { createStream, type Stream } from '../../src/simulation/random.ts'
import type { Side } from '../paired.ts'
import { CAPACITY, type Shape, skillName, toRow, UTILISATION } from './shapes.ts'

/** A way of routing, loaded so far: each step is one decision, and one conversation that ends. */
export interface Desk {
  readonly name: string
  step(): void
}

export function sideOf(desk: Desk, steps: number): Side {
  return {
    name: desk.name,
    run() {
      for (let step = 0; step < steps; step++) desk.step()
    },
  }
}

/** What is asked of every way of routing: to be told, to decide, to be told what became of it. */
type Decider = Pick<Router, 'agentChanged' | 'queued' | 'next' | 'settle' | 'left'>

export const production = (shape: Shape): Desk => createDesk('maitred', shape, createRouter())

/** Drives a router as an engine does: rows are absolute and new each time, the seat is told before the settlement. */
function createDesk(name: string, shape: Shape, router: Decider): Desk {
  const stream = createStream(7)
  const { length } = shape.agents
  const agents = shape.agents.map((skills, index) => ({
    id: `a${index}`,
    skills: skills.map(skillName),
    capacity: CAPACITY,
  }))
  // Columns of numbers, so that as much as possible of what is measured is the router's.
  const [units, versions, assignedAt] = [new Uint8Array(length), new Int32Array(length), new Int32Array(length)]
  const open: number[] = []
  const target = Math.round(UTILISATION * CAPACITY * length)
  // A house that has been at work for a while: seats taken by chance, by somebody or other at some time or other.
  for (const index of shuffled(
    agents.flatMap((_, agent) => Array.from({ length: CAPACITY }, () => agent)),
    stream,
  ).slice(0, target)) {
    units[index] = (units[index] ?? 0) + 1
    open.push(index)
  }
  for (let index = 0; index < length; index++) {
    assignedAt[index] = Math.floor(stream() * 1_000_000)
    tell(index)
  }
  const lists = new Map<readonly number[], QueueRow['requirements']>()
  let [at, count] = [1_000_000, 0]

  function tell(index: number): void {
    const agent = agents[index]
    if (agent === undefined) return
    const version = (versions[index] ?? 0) + 1
    versions[index] = version
    router.agentChanged(toRow(agent, { units: units[index] ?? 0, assignedAt: assignedAt[index] ?? 0, version }))
  }
  function seat(proposal: Proposal): number {
    const index = Number(proposal.agentId.slice(1))
    units[index] = (units[index] ?? 0) + 1
    assignedAt[index] = at
    tell(index)
    router.settle(proposal, 'confirmed', at)
    return index
  }
  function release(index: number): void {
    units[index] = (units[index] ?? 0) - 1
    tell(index)
  }
  function ask(): void {
    at += 1
    const { skills, isBrief } = shape.ask(stream)
    let requirements = lists.get(skills)
    if (requirements === undefined) lists.set(skills, (requirements = { skills: skills.map(skillName) }))
    const conversationId = `c${count++}`
    router.queued({ conversationId, requirements, queuedAt: at, declinedBy: [], reach: 'present', version: 1 })
    let isSeated = false
    for (let proposal = router.next(at); proposal !== undefined; proposal = router.next(at)) {
      const index = seat(proposal)
      isSeated = true
      if (isBrief) release(index)
      else open.push(index)
    }
    if (!isSeated) router.left(conversationId)
  }

  return {
    name,
    step() {
      ask()
      if (open.length > target) release(takeAny(open, stream()))
      router.next(at)
    },
  }
}

interface Plain {
  readonly id: string
  readonly skills: ReadonlySet<string>
  readonly mask: number
  readonly skillCount: number
  load: number
  assignedAt: number
}

/** A router as it is written at first: a list of agents, looked at from one end to the other. */
function naive(pick: (agents: readonly Plain[], skills: readonly string[]) => Plain | undefined): Decider {
  const agents: Plain[] = []
  const byId = new Map<string, Plain>()
  let waiting: QueueRow | undefined
  return {
    agentChanged({ agent, units, lastAssignedAt }) {
      const known = byId.get(agent.id)
      if (known !== undefined) {
        known.load = units
        known.assignedAt = lastAssignedAt
        return
      }
      const skills = agent.skills as readonly string[] // see the desk
      // Written out: V8 keeps an object made by spreading another as a table of names, and a scan of those takes fifty times as long.
      const plain: Plain = {
        id: agent.id,
        skills: new Set(skills),
        mask: toMask(skills),
        skillCount: skills.length,
        load: units,
        assignedAt: lastAssignedAt,
      }
      byId.set(plain.id, plain)
      agents.push(plain)
    },
    queued(row) {
      waiting = row
    },
    left() {
      waiting = undefined
    },
    next() {
      if (waiting === undefined) return undefined
      const agent = pick(agents, waiting.requirements.skills)
      return agent === undefined ? undefined : { conversationId: waiting.conversationId, agentId: agent.id, units: 1 }
    },
    settle() {
      waiting = undefined
    },
  }
}

const bits = new Map<string, number>()

function toMask(skills: readonly string[]): number {
  return skills.reduce((mask, skill) => {
    if (!bits.has(skill)) bits.set(skill, bits.size)
    return mask | (1 << (bits.get(skill) ?? 0))
  }, 0)
}

function isBetter(one: Plain, other: Plain): boolean {
  if (one.load !== other.load) return one.load < other.load
  if (one.skillCount !== other.skillCount) return one.skillCount < other.skillCount
  if (one.assignedAt !== other.assignedAt) return one.assignedAt < other.assignedAt
  return one.id < other.id
}

/** Looks at every agent once, skills as bits, and counts why not. */
export function scan(shape: Shape): Desk {
  const counts = { skill: 0, capacity: 0 }
  const router = naive((agents, skills) => {
    const mask = toMask(skills)
    counts.skill = counts.capacity = 0
    let best: Plain | undefined
    for (const agent of agents) {
      if ((agent.mask & mask) !== mask) counts.skill += 1
      else if (agent.load >= CAPACITY) counts.capacity += 1
      else if (best === undefined || isBetter(agent, best)) best = agent
    }
    return best
  })
  return createDesk('scan with bit masks', shape, router)
}

/** Keeps whoever could take it, and sorts them. */
export function filterAndSort(shape: Shape): Desk {
  const router = naive((agents, skills) => {
    const able = agents.filter((agent) => skills.every((skill) => agent.skills.has(skill)) && agent.load < CAPACITY)
    return able.sort((one, other) => (isBetter(one, other) ? -1 : 1))[0]
  })
  return createDesk('filter and sort', shape, router)
}

function shuffled<Item>(items: Item[], stream: Stream): readonly Item[] {
  for (let index = items.length - 1; index > 0; index--) {
    const other = Math.floor(stream() * (index + 1))
    ;[items[index], items[other]] = [items[other] as Item, items[index] as Item] // both within
  }
  return items
}

/** Any of them, and it is gone from the list. */
function takeAny<Item>(items: Item[], draw: number): Item {
  const index = Math.floor(draw * items.length)
  const [taken, last] = [items[index], items.pop()]
  if (taken === undefined || last === undefined) throw new Error('there is nothing open')
  if (index < items.length) items[index] = last
  return taken
}
