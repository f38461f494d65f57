import { describe, expect, test } from 'vitest'
import { isMaitredError } from '../../src/core/errors.ts'
import { type Routing, resolveRouting } from '../../src/routing/routing.ts'

function refusalOf(options: unknown): { path: string | undefined; text: string } {
  try {
    resolveRouting(options as Routing)
  } catch (error) {
    if (isMaitredError(error, 'CONFIG_INVALID')) return { path: error.path, text: error.message }
    throw error
  }
  throw new Error('It was accepted.')
}

describe('resolveRouting', () => {
  test('fills in the defaults', () => {
    expect(resolveRouting()).toMatchObject({
      agentPolicy: 'default',
      queuePolicy: 'weightedAge',
      targetMs: 60_000,
      asyncTargetMs: 14_400_000,
      preferredWaitMs: 0,
      offerTimeoutMs: 20_000,
      wrapUpMs: 0,
      relax: [],
      overflow: { afterMs: 900_000, to: 'async' },
    })
  })

  test('reads durations, and puts relaxations in the order of time', () => {
    const resolved = resolveRouting({
      target: '30s',
      offerTimeout: 5_000,
      wrapUp: '1m',
      relax: [
        { after: '2m', drop: 'german' },
        { after: '30s', drop: 'preferredSkills' },
      ],
      overflow: { after: '1h', to: { skills: ['english'] } },
    })
    expect(resolved).toMatchObject({ targetMs: 30_000, offerTimeoutMs: 5_000, wrapUpMs: 60_000 })
    expect(resolved.relax).toEqual([
      { afterMs: 30_000, drop: 'preferredSkills' },
      { afterMs: 120_000, drop: 'german' },
    ])
    expect(resolved.overflow).toEqual({ afterMs: 3_600_000, to: { skills: ['english'] } })
  })

  test('takes a function as agent policy', () => {
    const policy = () => undefined
    expect(resolveRouting({ agentPolicy: policy }).agentPolicy).toBe(policy)
  })

  test.each([
    [{ target: -1 }, 'routing.target'],
    [{ target: 0 }, 'routing.target'],
    [{ target: 'soon' }, 'routing.target'],
    [{ offerTimeout: '0s' }, 'routing.offerTimeout'],
    [{ wrapUp: Number.NaN }, 'routing.wrapUp'],
    [
      {
        relax: [
          { after: '10s', drop: 'a' },
          { after: '-1s', drop: 'b' },
        ],
      },
      'routing.relax[1].after',
    ],
    [{ relax: [{ after: '10s' }] }, 'routing.relax[0].drop'],
    [{ overflow: { after: 'never', to: 'async' } }, 'routing.overflow.after'],
    [{ overflow: { after: '1m', to: 'nowhere' } }, 'routing.overflow.to'],
    [{ overflow: { after: '1m' } }, 'routing.overflow.to'],
  ])('refuses %j, saying where', (options, path) => {
    expect(refusalOf(options)).toMatchObject({ path, text: expect.stringContaining(path) })
  })

  test('names the policy that was meant', () => {
    expect(refusalOf({ agentPolicy: 'leastLoded' })).toMatchObject({
      path: 'routing.agentPolicy',
      text: expect.stringContaining('Was `leastLoaded` meant?'),
    })
    expect(refusalOf({ queuePolicy: 'fifi' }).text).toContain('Was `fifo` meant?')
  })

  test.each([
    [{ agentPolicy: 'hungarian' }, '`mostProficient`'],
    [{ agentPolicy: 'batches' }, '`longestIdle`'],
  ])('says which policies there are when %j is not one of them', (options, named) => {
    expect(refusalOf(options).text).toContain(named)
  })
})
