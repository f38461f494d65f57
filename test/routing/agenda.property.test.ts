import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAgenda } from '../../src/routing/agenda.ts'

const plans = fc.array(fc.record({ dueAt: fc.nat(100), isOver: fc.boolean() }), { maxLength: 40 })

test('an agenda hands out what is due in the order of time, and no more than that', () => {
  fc.assert(
    fc.property(plans, fc.nat(100), (planned, at) => {
      const agenda = createAgenda()
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
      const agenda = createAgenda()
      for (const { dueAt, isOver } of planned)
        agenda.plan(dueAt, { type: 'doubtOver', agentId: isOver ? 'gone' : 'here' })
      const matter = planned.filter(({ isOver }) => !isOver).map(({ dueAt }) => dueAt)
      const first = matter.length === 0 ? undefined : Math.min(...matter)
      expect(agenda.dueAt((due) => due.type === 'doubtOver' && due.agentId === 'gone')).toBe(first)
    }),
    { numRuns: 1_000 },
  )
})
