import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Staffing } from '../../src/simulation/staffing.ts'
import type { WorkloadReport } from '../../src/testing/index.ts'
import { smallHouse } from '../simulation/house.ts'
import { makeTemporaryFolder } from './folder.ts'
import { runPiped } from './streams.ts'

const { folder, write } = makeTemporaryFolder('simulate')
const file = write('small.json', JSON.stringify(smallHouse))
const short = ['--seeds', '2', '--conversations', '2000']

describe('maitred simulate', () => {
  test('F70: prints one object with `--json`, the same bytes for the same seed but for the time it took', async () => {
    const [one, other] = [
      await runPiped(['simulate', file, ...short, '--json']),
      await runPiped(['simulate', file, ...short, '--json']),
    ]
    expect(one.code).toBe(0)
    const timeless = (text: string) => text.replace(/"wallMs":\d+/, '')
    expect(timeless(one.out)).toBe(timeless(other.out))
    expect(one.out.trimEnd().split('\n')).toHaveLength(1)
    const report = JSON.parse(one.out) as WorkloadReport
    expect(Object.keys(report).sort()).toEqual(
      [
        'abandonRate',
        'conversations',
        'events',
        'inflation',
        'occupancy',
        'peersMaxOverMean',
        'perSkill',
        'ratioCi95',
        'ratioToPooled',
        'serviceLevel',
        'waitSeconds',
        'wallMs',
      ].sort(),
    )
    expect(Object.keys(report.waitSeconds)).toEqual(['mean', 'ci95', 'p50', 'p95'])
    expect(report.conversations).toBe(3_600)
    expect(report.ratioToPooled).toBeNull()
    expect(Object.keys(report.perSkill)).toEqual(['billing', 'german'])
  })

  test('F70: compares policies on the same arrivals, and with the pooled house', async () => {
    const { code, out } = await runPiped([
      'simulate',
      file,
      ...short,
      '--compare',
      'default,leastLoaded,random+weightedAge',
      '--pooled',
      '--json',
    ])
    expect(code).toBe(0)
    const reports = JSON.parse(out) as Record<string, WorkloadReport>
    expect(Object.keys(reports)).toEqual(['default', 'leastLoaded', 'random+weightedAge'])
    for (const { conversations, ratioToPooled, ratioCi95 } of Object.values(reports)) {
      expect(conversations).toBe(3_600)
      expect(ratioToPooled).toBeGreaterThan(0.9)
      expect(ratioCi95).toBeGreaterThan(0)
    }
  })

  test('prints a table for people, with every skill', async () => {
    const { out, err } = await runPiped(['simulate', file, ...short])
    expect(out).toMatch(/^small house\n +mean wait/)
    expect(out).toMatch(/german +\d/)
    expect(err).toBe('')
  })

  test('warns of a queue that grows for ever, on stderr', async () => {
    const [billing, german] = smallHouse.classes
    const busy = write(
      'busy.json',
      JSON.stringify({ ...smallHouse, classes: [billing, { ...german, arrivalsPerHour: 40 }] }),
    )
    const { code, err, out } = await runPiped(['simulate', busy, ...short, '--json'])
    expect(code).toBe(0)
    expect(err).toMatch(/^Warning: `german`/)
    expect(() => void JSON.parse(out)).not.toThrow()
  })

  test.each([
    ['an empty file', write('empty.json', ''), [], /empty file/],
    ['what is no JSON', write('broken.json', '{ "classes": ['), [], /Expected JSON/],
    ['a file that is not there', path.join(folder, 'missing.json'), [], /cannot be read/],
    ['a wrong field', write('wrong.json', JSON.stringify({ ...smallHouse, slow: 1 })), [], /`slow`/],
    ['a policy that does not exist', file, ['--policy', 'leastloaded'], /`leastLoaded`/],
    ['a queue policy that does not exist', file, ['--policy', 'default+lifo'], /lifo/],
    ['one policy twice', file, ['--compare', 'random,random'], /twice/],
    ['both ways to name policies', file, ['--compare', 'random', '--policy', 'random'], /both/],
    ['no seeds', file, ['--seeds', '0'], /--seeds/],
    ['an unknown level', file, ['--level', 'desk'], /--level/],
  ])('refuses %s with 2, and prints nothing', async (_, scenario, flags, message) => {
    const { code, out, err } = await runPiped(['simulate', scenario, '--json', ...flags])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(message)
  })
})

describe('maitred staff', () => {
  const pool = (patience: object) => ({
    classes: [{ skill: 'any', arrivalsPerHour: 108, workSeconds: { mean: 300 }, ...patience }],
    agents: [{ capacity: 1, skills: { any: 1 } }],
  })

  test('F70: answers by Erlang C what a patient pool needs, and simulates it', async () => {
    const { code, out } = await runPiped([
      'staff',
      write('pool.json', JSON.stringify(pool({}))),
      '--within',
      '60s',
      '--service-level',
      '80%',
      '--json',
    ])
    expect(code).toBe(0)
    const { agents, exact, report } = JSON.parse(out) as Staffing
    expect(agents).toBe(12)
    expect(exact?.formula).toBe('erlangC')
    expect(exact?.serviceLevel).toBeGreaterThan(0.8)
    expect(report.serviceLevel).toBeCloseTo(exact?.serviceLevel ?? 0, 1)
  })

  test('answers by Erlang A what a pool needs whose customers give up', async () => {
    const { out } = await runPiped([
      'staff',
      write('impatient.json', JSON.stringify(pool({ patienceSeconds: { mean: 300 } }))),
      '--within',
      '30s',
      '--json',
    ])
    const { agents, exact, report } = JSON.parse(out) as Staffing
    expect(exact?.formula).toBe('erlangA')
    expect(agents).toBeLessThanOrEqual(12)
    expect(report.serviceLevel).toBeCloseTo(exact?.serviceLevel ?? 0, 1)
  })

  test('finds by simulation what has no formula, in the mix of the scenario', async () => {
    const { code, out } = await runPiped(['staff', file, '--conversations', '3000', '--seeds', '2'])
    expect(code).toBe(0)
    expect(out).toMatch(/^\d agents \(\d \+ \d\) answer 80.0 % within 60 s\.\nNo formula fits/)
  })

  test.each([
    ['a share that is none', ['--service-level', '80'], /--service-level/],
    ['a duration that is none', ['--within', 'soon'], /--within/],
  ])('refuses %s with 2', async (_, flags, message) => {
    const { code, err } = await runPiped(['staff', file, ...flags])
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })
})

test('the reference workloads are all read without a warning', async () => {
  const shared = path.resolve(import.meta.dirname, '../../../shared/scenarios')
  if (!existsSync(shared)) return
  const { parseScenario } = await import('../../src/simulation/parse-scenario.ts')
  for (const name of ['nmodel', 'six2phone', 'logn', 'day', 'overload', 'prof', 'vip'])
    expect(parseScenario(JSON.parse(readFileSync(path.join(shared, `sim-${name}.json`), 'utf8'))).warnings).toEqual([])
})
