import type { AgentRow, Proposal, QueueRow } from '../../src/core/ports.ts'
import { createRouter } from '../../src/routing/router.ts'
import { createStream } from '../../src/simulation/random.ts'
import type { Side } from '../paired.ts'
import { CAPACITY, type Shape, skillName, UTILISATION } from './shapes.ts'

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

/** The production router, told what an engine tells it. */
export function production(shape: Shape): Desk {
  const router = createRouter()
  const stream = createStream(7)
  const rows = shape.agents.map((skills, index): AgentRow => {
    const agent = { id: `a${index}`, skills: skills.map(skillName), capacity: CAPACITY }
    return { agent, presence: 'online', presenceUntil: null, units: 0, lastAssignedAt: 0, version: 1 }
  })
  const indexOf = new Map(rows.map(({ agent }, index) => [agent.id, index]))
  for (const row of rows) router.agentChanged(row)
  const lists = new Map<string, QueueRow['requirements']>()
  const open: number[] = []
  let [at, count] = [1_000, 0]

  function change(index: number, by: number, lastAssignedAt: number): void {
    const row = rows[index]
    if (row === undefined) return
    const { agent, presence, presenceUntil, units, version } = row
    const next = { agent, presence, presenceUntil, units: units + by, lastAssignedAt, version: version + 1 }
    rows[index] = next
    router.agentChanged(next)
  }
  function seat(proposal: Proposal): number {
    const index = indexOf.get(proposal.agentId) ?? 0
    change(index, 1, at)
    router.settle(proposal, 'confirmed', at)
    return index
  }
  function release(index: number): void {
    change(index, -1, rows[index]?.lastAssignedAt ?? 0)
  }
  function ask(): void {
    at += 1
    const { skills, isBrief } = shape.ask(stream)
    const key = skills.join()
    let requirements = lists.get(key)
    if (requirements === undefined) lists.set(key, (requirements = { skills: skills.map(skillName) }))
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

  const target = UTILISATION * CAPACITY * rows.length
  while (open.length < target) ask()
  return {
    name: 'maitred',
    step() {
      ask()
      if (open.length > target) release(takeAny(open, stream()))
      router.next(at)
    },
  }
}

interface Plain {
  readonly id: string
  readonly skills: ReadonlySet<number>
  readonly mask: number
  readonly skillCount: number
  load: number
  assignedAt: number
}

/** What the naive ways have in common: a list of agents, and the same order. They are told nothing and keep nothing else. */
function naive(
  name: string,
  shape: Shape,
  pick: (agents: readonly Plain[], skills: readonly number[]) => Plain | undefined,
): Desk {
  const agents = shape.agents.map(
    (skills, index): Plain => ({
      id: `a${index}`,
      skills: new Set(skills),
      mask: toMask(skills),
      skillCount: skills.length,
      load: 0,
      assignedAt: 0,
    }),
  )
  const stream = createStream(7)
  const open: Plain[] = []
  const target = UTILISATION * CAPACITY * agents.length
  let at = 1_000
  while (open.length < target) {
    const agent = agents[open.length % agents.length]
    if (agent === undefined) break
    agent.load += 1
    open.push(agent)
  }
  return {
    name,
    step() {
      at += 1
      const { skills, isBrief } = shape.ask(stream)
      const agent = pick(agents, skills)
      if (agent !== undefined) {
        agent.assignedAt = at
        if (!isBrief) {
          agent.load += 1
          open.push(agent)
        }
      }
      if (open.length > target) takeAny(open, stream()).load -= 1
    },
  }
}

function toMask(skills: readonly number[]): number {
  return skills.reduce((mask, skill) => mask | (1 << skill), 0)
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
  return naive('scan with bit masks', shape, (agents, skills) => {
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
}

/** Keeps whoever could take it, and sorts them. */
export function filterAndSort(shape: Shape): Desk {
  return naive('filter and sort', shape, (agents, skills) => {
    const able = agents.filter((agent) => skills.every((skill) => agent.skills.has(skill)) && agent.load < CAPACITY)
    return able.sort((one, other) => (isBetter(one, other) ? -1 : 1))[0]
  })
}

/** Any of them, and it is gone from the list. */
function takeAny<Item>(items: Item[], draw: number): Item {
  const index = Math.floor(draw * items.length)
  const [taken, last] = [items[index], items.pop()]
  if (taken === undefined || last === undefined) throw new Error('there is nothing open')
  if (index < items.length) items[index] = last
  return taken
}
