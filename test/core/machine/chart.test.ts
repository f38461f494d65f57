import { readFileSync } from 'node:fs'
import path from 'node:path'
import { initialTransition, transition } from 'xstate'
import { fc } from '../../fc.ts'
import { describe, expect, test } from 'vitest'
import type { Fact } from '../../../src/core/events.ts'
import { toChart } from '../../../src/core/machine/chart.ts'
import { chartEdges, toMermaid } from '../../../src/core/machine/describe.ts'
import { initialState, listPaths, type State, step } from '../../../src/core/machine/step.ts'
import { resolveSettings } from '../../../src/core/settings.ts'
import { wantedTimers } from '../../../src/core/turn/timers.ts'
import { TRANSITION_NAMES } from '../../../src/core/transitions.ts'
import { facts } from './facts.ts'

const INPUT = { id: 'c1', customerId: 'kim', channel: 'web', skills: [], at: 1_000 }
const phase = (place: string) => place.split('.')[0]

describe('the chart', () => {
  test('names every edge that changes phase, path or owner', () => {
    const unnamed = chartEdges().filter(({ from, to, transition: name }) => from !== to && name === undefined)
    expect(unnamed).toEqual([])
  })

  test('takes every public name at some edge, and no other', () => {
    const taken = new Set(chartEdges().flatMap(({ transition: name }) => name ?? []))
    expect([...taken].sort()).toEqual([...TRANSITION_NAMES].sort())
  })

  test('has an edge for a customer message in every open place: none is swallowed', () => {
    const deaf = listPaths()
      .filter((place) => place !== 'closed')
      .filter(
        (place) =>
          !chartEdges().some(
            ({ from, on, guard }) => from === place && on === 'message.received' && guard === undefined,
          ),
      )
      .filter(
        (place) =>
          !chartEdges().some(({ from, on, guard }) => from === place && on === 'always' && guard === undefined),
      )
    expect(deaf).toEqual([])
  })

  test('is drawn in CONTRIBUTING as it is', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../../CONTRIBUTING.md'), 'utf8')
    const [, drawing = ''] = /```mermaid\n([\s\S]*?)\n```/.exec(page) ?? []
    expect(drawing, 'run `npm run draw`').toBe(toMermaid())
  })

  test('gives ownership only with a name: the owner changes at no unnamed edge', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 40 }), (told) => {
        for (const { transition: name, before, after } of walk(told)) {
          if (name !== undefined) continue
          expect(after.context.owner).toBe(before.context.owner)
          expect(after.path).toBe(before.path)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the pure step', () => {
  test('equals the public transition() of xstate on 2,000 random sequences', () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: 40 }), (told) => {
        let ours = initialState(INPUT)
        let [theirs] = initialTransition(toChart(), INPUT)
        for (const [index, fact] of told.entries()) {
          const timed = { ...fact, at: 1_000 + index } as Fact
          ours = step(ours, timed).at(-1)?.after ?? ours
          ;[theirs] = transition(toChart(), theirs, timed)
          expect(ours.path).toBe(pathOf(theirs.value))
          expect(ours.context).toEqual(theirs.context)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('starts again from what was stored: restore(persist(state)) is the state', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 40 }), facts, (told, next) => {
        const state = walk(told).at(-1)?.after ?? initialState(INPUT)
        const restored = JSON.parse(JSON.stringify(state)) as State
        expect(restored).toEqual(state)
        expect(step(restored, { ...next, at: 9_000 })).toEqual(step(state, { ...next, at: 9_000 }))
      }),
      { numRuns: 1_000 },
    )
  })

  test('refuses a place that the chart does not have', () => {
    const state = initialState(INPUT)
    expect(() => step({ ...state, path: 'lunch.break' }, { type: 'page.visited', at: 1 })).toThrow(/SNAPSHOT_INVALID/)
  })
})

describe('time', () => {
  const settings = resolveSettings({ offerMs: 20_000, wrapUpMs: 30_000, overflowMs: 300_000, overflowTo: 'async' })

  test('wakes every open place: each wants a timer', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 40 }), (told) => {
        const state = walk(told).at(-1)?.after ?? initialState(INPUT)
        if (state.path === 'closed') return
        expect(wantedTimers({ state, settings, stepTimeoutMs: 60_000, at: 2_000 })).not.toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test('leads out: edges taken by time, and what they lead to, end in closed from every open place', () => {
    const byTime = new Set([
      'customer.fellSilent',
      'step.skipped',
      'answer.missed',
      'offer.expired',
      'queue.overflowed',
      'agent.vanished',
      'async.expired',
    ])
    const byEngine = new Set(['always', 'steps.listed', 'requirements.settled'])
    const edges = chartEdges().filter(({ on }) => byTime.has(on) || byEngine.has(on))
    const reaching = new Set(['closed'])
    for (let size = 0; size !== reaching.size; ) {
      size = reaching.size
      for (const { from, to } of edges) if (reaching.has(to)) reaching.add(from)
    }
    // A conversation not opened is silent, like one that is.
    expect(listPaths().filter((place) => !reaching.has(place))).toEqual([])
    expect(new Set(listPaths().map(phase)).size).toBe(7)
  })
})

function walk(told: readonly Fact[]) {
  let state = initialState(INPUT)
  return told.flatMap((fact, index) => {
    const steps = step(state, { ...fact, at: 1_000 + index })
    state = steps.at(-1)?.after ?? state
    return steps
  })
}

function pathOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : (Object.entries(value as Record<string, string>).map(([outer, inner]) => `${outer}.${inner}`)[0] ?? '')
}
