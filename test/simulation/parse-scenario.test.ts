import { describe, expect, test } from 'vitest'
import { isMaitredError, type MaitredError } from '../../src/core/errors.ts'
import { parseScenario } from '../../src/simulation/parse-scenario.ts'
import { smallHouse } from './house.ts'

const [billing, german] = smallHouse.classes
const [team] = smallHouse.agents

function refusal(input: unknown): MaitredError {
  try {
    parseScenario(input)
  } catch (error) {
    if (isMaitredError(error, 'CONFIG_INVALID')) return error
    throw error
  }
  throw new Error('the scenario was accepted')
}

describe('a scenario', () => {
  test('is read as it is, or from the file it was published in', () => {
    expect(parseScenario(smallHouse)).toEqual({ scenario: smallHouse, warnings: [] })
    expect(parseScenario({ scenario: smallHouse, load: 0.8, reference: {} }).scenario).toEqual(smallHouse)
  })

  test.each<[string, unknown, string]>([
    ['an unknown field', { ...smallHouse, slowDown: 0.2 }, 'slowDown'],
    ['an unknown field of a class', { ...smallHouse, classes: [{ ...billing, arrivals: 3 }] }, 'classes[0].arrivals'],
    ['an unknown field in a wrapped one', { scenario: { ...smallHouse, seed: 1 } }, 'scenario.seed'],
    [
      'no arrivals',
      { ...smallHouse, classes: [billing, { ...german, arrivalsPerHour: 0 }] },
      'classes[1].arrivalsPerHour',
    ],
    [
      'a negative rate',
      { ...smallHouse, classes: [{ ...billing, arrivalsPerHour: -1 }] },
      'classes[0].arrivalsPerHour',
    ],
    [
      'work of no time',
      { ...smallHouse, classes: [{ ...billing, workSeconds: { mean: 0 } }] },
      'classes[0].workSeconds.mean',
    ],
    ['a text for a number', { ...smallHouse, slowdown: '0.25' }, 'slowdown'],
    ['no classes', { ...smallHouse, classes: [] }, 'classes'],
    ['no agents', { classes: smallHouse.classes }, 'agents'],
    ['a speed of 0', { ...smallHouse, agents: [{ skills: { billing: 0, german: 1 } }] }, 'agents[0].skills.billing'],
    ['half an agent', { ...smallHouse, agents: [{ ...team, count: 0.5 }] }, 'agents[0].count'],
    ['a skill that nobody has', { ...smallHouse, agents: [team] }, 'classes[1].skill'],
    [
      'an overflow to nobody',
      { ...smallHouse, classes: [{ ...billing, overflow: { afterSeconds: 9, skill: 'x' } }] },
      'classes[0].overflow.skill',
    ],
    [
      'an unknown distribution',
      { ...smallHouse, classes: [{ ...billing, workSeconds: { mean: 1, distribution: 'uniform' } }] },
      'classes[0].workSeconds.distribution',
    ],
    [
      'a spread that is not theirs to choose',
      { ...smallHouse, classes: [{ ...billing, workSeconds: { mean: 1, cv: 2 } }] },
      'classes[0].workSeconds.cv',
    ],
    ['no way to come', { ...smallHouse, classes: [{ skill: 'billing', workSeconds: { mean: 1 } }] }, 'classes[0]'],
    [
      'times out of order',
      { ...smallHouse, classes: [{ skill: 'billing', arrivalsAtSeconds: [5, 3], workSeconds: { mean: 1 } }] },
      'classes[0].arrivalsAtSeconds[1]',
    ],
    [
      'a day without anybody',
      { ...smallHouse, profile: { stepSeconds: 60, multipliers: [0, 0] } },
      'profile.multipliers',
    ],
    ['nothing', null, 'scenario'],
    ['a list', [], 'scenario'],
  ])('with %s is refused, with the path', (_, input, path) => {
    const error = refusal(input)
    expect(error.path).toBe(path)
    expect(error.message).toContain(path)
    expect(error.hint).not.toBe('')
  })

  test('with a misspelt skill is refused with the one that was meant', () => {
    expect(refusal({ ...smallHouse, classes: [{ ...german, skill: 'germam' }] }).hint).toContain('`german`')
  })

  test('may have a class that nobody serves, if it overflows to one that somebody does', () => {
    const classes = [{ ...german, skill: 'welsh', overflow: { afterSeconds: 30, skill: 'german' } }]
    expect(parseScenario({ ...smallHouse, classes }).warnings).toEqual([])
  })

  test('with more work than can ever be done, and nobody who gives up, comes with a warning', () => {
    const classes = [billing, { ...german, arrivalsPerHour: 40 }]
    expect(parseScenario({ ...smallHouse, classes }).warnings).toEqual([
      expect.stringContaining('`german`: 4.67 hours'),
    ])
    const patience = { patienceSeconds: { mean: 100 } }
    expect(
      parseScenario({ ...smallHouse, classes: classes.map((each) => ({ ...each, ...patience })) }).warnings,
    ).toEqual([])
  })
})
