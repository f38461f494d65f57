import type { AgentRow, QueueRow } from '../../src/core/ports.ts'
import { createRouter } from '../../src/routing/router.ts'
import { createStream } from '../../src/simulation/random.ts'
import type { Desk } from './desks.ts'
import { CAPACITY, common, skillName, toRow } from './shapes.ts'

const TARGETS = [10_000, 30_000, 60_000, 300_000, 3_600_000]
const AGENTS = 100

/** A house in which everybody is busy and so many wait: with each step a seat is given back, goes to the best, and one more comes. */
export function crowded(waitingCount: number): Desk {
  const router = createRouter()
  const shape = common(AGENTS)
  const stream = createStream(11)
  const rows = shape.agents.map((skills, index): AgentRow => {
    const agent = { id: `a${index}`, skills: skills.map(skillName), capacity: CAPACITY }
    return toRow(agent, { units: CAPACITY, assignedAt: 0, version: 1 })
  })
  for (const row of rows) router.agentChanged(row)
  const lists = new Map<string, QueueRow['requirements']>()
  let [at, count] = [1_000, 0]

  function arrive(): void {
    const { skills } = shape.ask(stream)
    const target = TARGETS[Math.floor(stream() * TARGETS.length)] ?? 0
    const key = `${skills.join()}:${target}`
    let requirements = lists.get(key)
    if (requirements === undefined) lists.set(key, (requirements = { skills: skills.map(skillName), target }))
    const conversationId = `c${count++}`
    router.queued({ conversationId, requirements, queuedAt: at, declinedBy: [], reach: 'present', version: 1 })
  }
  function change(index: number, units: number): void {
    const row = rows[index]
    if (row === undefined) return
    const next = toRow(row.agent, { units, assignedAt: at, version: row.version + 1 })
    rows[index] = next
    router.agentChanged(next)
  }

  while (count < waitingCount) {
    at += 1
    arrive()
  }
  router.next(at)
  return {
    name: `${waitingCount.toLocaleString('en')} waiting`,
    step() {
      at += 1
      const index = Math.floor(stream() * AGENTS)
      change(index, CAPACITY - 1)
      const proposal = router.next(at)
      if (proposal !== undefined) {
        change(index, CAPACITY)
        router.settle(proposal, 'confirmed', at)
      }
      arrive()
      router.next(at)
    },
  }
}

interface Person {
  readonly queuedAt: number
  readonly target: number
  readonly mask: number
}

/** The same as a list, of which everybody is looked at. */
export function crowdedScan(waitingCount: number): Desk {
  const shape = common(AGENTS)
  const stream = createStream(11)
  let at = 1_000
  const toMask = (skills: readonly number[]): number => skills.reduce((mask, skill) => mask | (1 << skill), 0)
  const person = (): Person => ({
    queuedAt: at,
    target: TARGETS[Math.floor(stream() * TARGETS.length)] ?? 1,
    mask: toMask(shape.ask(stream).skills),
  })
  const agents = shape.agents.map(toMask)
  const people = Array.from({ length: waitingCount }, () => {
    at += 1
    return person()
  })
  return {
    name: `${waitingCount.toLocaleString('en')} waiting, looked at one by one`,
    step() {
      at += 1
      const own = agents[Math.floor(stream() * AGENTS)] ?? 0
      let [best, bestScore] = [-1, -1]
      for (let index = 0; index < people.length; index++) {
        const each = people[index]
        if (each === undefined || (own & each.mask) !== each.mask) continue
        const score = (at - each.queuedAt + 1_000) / each.target
        if (score <= bestScore) continue
        best = index
        bestScore = score
      }
      if (best >= 0) people[best] = person()
    },
  }
}
