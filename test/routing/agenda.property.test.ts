import { fc } from '../fc.ts'
import { expect, test } from 'vitest'
import { compareIds, createAgenda } from '../../src/routing/agenda.ts'

const plans = fc.array(fc.record({ dueAt: fc.nat(100), isOver: fc.boolean() }), { maxLength: 40 })

test('an agenda hands out what is due in the order of time, and no more than that', () => {
  fc.assert(
    fc.property(plans, fc.nat(100), (planned, at) => {
      const agenda = createAgenda(compareIds)
      for (const { dueAt } of planned) agenda.plan(dueAt, { type: 'doubtOver', agentId: `${dueAt}` })
      const taken: number[] = []
      for (let due = agenda.takeDue(at); due?.type === 'doubtOver'; due = agenda.takeDue(at))
        taken.push(Number(due.agentId))
      const moments = planned.map(({ dueAt }) => dueAt).sort((one, other) => one - other)
      expect(taken).toEqual(moments.filter((dueAt) => dueAt <= at))
    }),
    { numRuns: 1_000 },
  )
})

test('an agenda knows the first moment that still matters', () => {
  fc.assert(
    fc.property(plans, (planned) => {
      const agenda = createAgenda(compareIds)
      for (const { dueAt, isOver } of planned)
        agenda.plan(dueAt, { type: 'doubtOver', agentId: isOver ? 'gone' : 'here' })
      const matter = planned.filter(({ isOver }) => !isOver).map(({ dueAt }) => dueAt)
      const first = matter.length === 0 ? undefined : Math.min(...matter)
      expect(agenda.dueAt((due) => due.type === 'doubtOver' && due.agentId === 'gone')).toBe(first)
    }),
    { numRuns: 1_000 },
  )
})

test('an agenda goes through what has changed in the same order, whatever the order in which it came, and names each once', () => {
  const ids = fc.array(fc.nat(200).map(String), { maxLength: 150 })
  fc.assert(
    fc.property(ids, fc.infiniteStream(fc.nat(3)), (names, draws) => {
      const agenda = createAgenda(compareIds)
      const seen: string[] = []
      const takeFirst = (): void => {
        const first = agenda.agents.first()
        if (first === undefined) return
        seen.push(first)
        agenda.agents.strikeFirst()
      }
      const added: string[] = []
      for (const name of names) {
        agenda.agents.add(name)
        added.push(name)
        if (draws.next().value !== 0) continue
        takeFirst()
        const least = [...added].sort()[0]
        expect(seen.at(-1)).toBe(least)
        added.splice(0, added.length, ...added.filter((other) => other !== least))
        while (agenda.agents.first() === least) agenda.agents.strikeFirst()
      }
      while (agenda.agents.first() !== undefined) takeFirst()
      expect([...new Set(seen)].sort()).toEqual([...new Set(names)].sort())
    }),
    { numRuns: 1_000 },
  )
})
