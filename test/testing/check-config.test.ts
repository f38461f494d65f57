import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ASPECTS } from '../../src/core/hooks/hook-table.ts'
import { chartEdges } from '../../src/core/machine/describe.ts'
import { listPaths } from '../../src/core/machine/step.ts'
import {
  createEngine,
  defineConfig,
  definePlugin,
  type EngineOptions,
  isMaitredError,
  type Hook,
  type Store,
} from '../../src/index.ts'
import { knowledgeBase } from '../../src/plugins/index.ts'
import { memoryStore } from '../../src/stores/index.ts'
import {
  findDeadEnds,
  findUnreachable,
  timersByPlace,
  type TimedChart,
} from '../../src/testing/check-config/chart-rules.ts'
import { layOut } from '../../src/testing/check-config/laid-out.ts'
import { checkConfig } from '../../src/testing/index.ts'

const articles = [{ id: 'refunds', title: 'When do I get my refund?', text: 'Within five days.' }]

const good = defineConfig({
  skills: ['billing', 'german'],
  agents: [
    { id: 'ana', name: 'Ana', skills: { billing: 5, german: 3 }, capacity: 3 },
    { id: 'ben', name: 'Ben', skills: ['billing'], capacity: 2 },
  ],
  plugins: [knowledgeBase({ articles })],
  routing: { wrapUp: '30s', relax: [{ after: '45s', drop: 'german' }], overflow: { after: '5m', to: 'async' } },
  admission: { hours: { timeZone: 'Europe/Madrid', week: { mon: ['09:00-18:00'] } }, maxQueue: 20 },
  silence: { remindAfter: '3m', closeAfter: '10m' },
  texts: { greeting: ({ customer, language }) => (language === 'es' ? 'Hola' : `Hello ${customer.name ?? ''}`) },
})

/** A plugin that hooks the moments of these names. */
function hooking(...hooks: readonly string[]) {
  const handler: Hook<(value: unknown) => unknown> = (value) => value
  return definePlugin({
    name: 'watcher',
    version: '1.0.0',
    hooks: Object.fromEntries(hooks.map((hook) => [hook, handler])),
  })()
}

function rulesOf(options: EngineOptions): readonly string[] {
  return checkConfig(options).map(({ rule, path: where }) => `${rule} ${where}`)
}

function deadHooks(options: EngineOptions, ...hooks: readonly string[]): readonly string[] {
  const plugins = [...(options.plugins ?? []), hooking(...hooks)]
  return checkConfig({ ...options, plugins }).flatMap(({ rule, path: where }) =>
    rule === 'deadHook' ? [/hooks\['(.*)'\]/.exec(where)?.[1] ?? where] : [],
  )
}

describe('an ordinary configuration', () => {
  test('has nothing to find (F73)', () => {
    expect(checkConfig(good)).toEqual([])
    expect(checkConfig({})).toEqual([])
  })

  test('is looked at without opening its store or calling its plugins, and set up once (F73)', () => {
    let setUpCount = 0
    const plugin = definePlugin({
      name: 'costly',
      version: '1.0.0',
      setup: () => void (setUpCount += 1),
      hooks: {
        'before:greet': () => {
          throw new Error('nobody calls')
        },
      },
    })
    const store: Store = {
      ...memoryStore(),
      open: () => {
        throw new Error('nobody opens')
      },
    }
    expect(checkConfig({ ...good, store, plugins: [plugin()] })).toEqual([])
    expect(setUpCount).toBe(1)
  })
})

describe('what createEngine refuses', () => {
  const wrong: readonly EngineOptions[] = [
    { ...good, routing: { offerTimeout: '20 seconds' as '20s' } },
    { ...good, agents: [{ id: 'ana', skills: ['biling'] }] },
    { ...good, plugins: [hooking('before:enqeue')] },
    { ...good, plugins: [hooking(), hooking()] },
  ]

  test.each(wrong)('is the one finding, with its path and its hint (F73): %#', (options) => {
    const thrown = caught(() => createEngine(options))
    const findings = checkConfig(options)
    expect(findings).toMatchObject([{ rule: 'invalid', path: thrown.path }])
    expect(findings[0]?.hint).toContain(thrown.hint)
  })

  function caught(make: () => unknown) {
    try {
      make()
    } catch (error) {
      if (isMaitredError(error)) return error
    }
    throw new Error('nothing of ours was thrown')
  }
})

describe('the chart as configured', () => {
  const { settings, steps } = layOut(good)
  const chart: TimedChart = { edges: chartEdges(), timers: timersByPlace(settings, steps) }

  test('leads every open place to its end by the timers of that place (F73)', () => {
    expect(findDeadEnds(chart)).toEqual([])
    expect([...chart.timers.keys()].sort()).toEqual(
      listPaths()
        .filter((place) => place !== 'closed')
        .sort(),
    )
  })

  test('knows what every timer brings about', () => {
    for (const timer of [...chart.timers.values()].flat()) expect(timer.facts, timer.kind).not.toEqual([])
  })

  test('is found to have no exit where a place loses its timer (F73)', () => {
    const [finding, ...others] = findDeadEnds({ ...chart, timers: new Map(chart.timers).set('async.parked', []) })
    expect(finding).toMatchObject({ rule: 'noExitByTime', path: 'chart.async.parked' })
    expect(finding?.hint).toMatch(/^No timer runs here/)
    expect(others).toEqual([])
  })

  test('is found to have no exit where the edge of a timer leads in a circle (F73)', () => {
    const edges = chart.edges.map((edge) => (edge.on === 'async.expired' ? { ...edge, to: 'async.parked' } : edge))
    const paths = findDeadEnds({ ...chart, edges }).map(({ path: where }) => where)
    expect(paths).toContain('chart.async.parked')
    expect(paths).not.toContain('chart.helping.listening')
  })

  test('is found to have no exit where somebody else’s timer would be needed (F73)', () => {
    const broken: TimedChart = {
      edges: [
        edge('greeting.new', 'waiting.queued', 'agent.requested'),
        edge('waiting.queued', 'closed', 'queue.overflowed'),
      ],
      timers: new Map([
        ['greeting.new', [{ kind: 'silence', facts: ['customer.fellSilent'] }]],
        ['waiting.queued', [{ kind: 'overflow', facts: ['queue.overflowed'] }]],
      ]),
    }
    expect(findDeadEnds(broken).map(({ path: where }) => where)).toEqual(['chart.greeting.new'])
  })

  test('is found to have no exit where a time is so long that it never comes (F73)', () => {
    const findings = checkConfig({ ...good, silence: { remindAfter: '3m', closeAfter: 1e300 } })
    expect(findings.every(({ rule }) => rule === 'noExitByTime')).toBe(true)
    expect(findings.map(({ path: where }) => where)).toContain('chart.helping.listening')
    expect(findings[0]?.hint).toMatch(/`silence`/)
  })

  test('reaches every place; one that no edge leads to is found (F73)', () => {
    expect(findUnreachable(chart.edges, listPaths())).toEqual([])
    const edges = [
      ...chart.edges,
      edge('lunch.break', 'lunch.table', 'always'),
      edge('lunch.table', 'lunch.break', 'x'),
    ]
    expect(findUnreachable(edges, [...listPaths(), 'lunch.break', 'lunch.table'])).toMatchObject([
      { rule: 'unreachable', path: 'chart.lunch.break' },
      { rule: 'unreachable', path: 'chart.lunch.table' },
    ])
  })

  function edge(from: string, to: string, on: string) {
    return { from, to, on, guard: undefined, transition: undefined, isFact: false }
  }
})

describe('a hook that nothing triggers', () => {
  const bare: EngineOptions = { agents: [{ id: 'ana' }] }

  test('is one about suggestions where no plugin answers (F73)', () => {
    const hooks = ['before:suggest', 'after:deflect', 'before:answer', 'knowledge:rank'] as const
    expect(deadHooks(bare, ...hooks)).toEqual(hooks)
    expect(deadHooks({ ...bare, plugins: [knowledgeBase({ articles })] }, ...hooks)).toEqual([])
    expect(deadHooks(bare, ...hooks, 'bot:answer')).toEqual([])
  })

  test('is one about agents where there are none (F73)', () => {
    const hooks = ['before:offer', 'after:accept', 'before:transfer', 'after:hold', 'before:warn', 'before:enqueue']
    expect(deadHooks({}, ...hooks)).toEqual(hooks)
    expect(deadHooks({ agents: [] }, ...hooks)).toEqual(hooks)
    expect(deadHooks(bare, ...hooks)).toEqual([])
  })

  test('is not one about agents who may be kept in a store (F73)', () => {
    const store: Store = { ...memoryStore(), name: 'postgres' }
    expect(deadHooks({ store, skills: ['billing'] }, 'before:offer')).toEqual([])
    expect(rulesOf({ store, skills: ['billing'] })).toEqual([])
  })

  test('is one before a step where no step is ever asked (F73)', () => {
    expect(deadHooks({}, 'before:ask', 'closing:steps', 'before:startClosing')).toEqual([
      'before:ask',
      'closing:steps',
      'before:startClosing',
    ])
    const asking = definePlugin({
      name: 'asking',
      version: '1.0.0',
      steps: (step) => [
        step({ slot: 'preChat', id: 'orderNumber', ask: 'Which order?', reply: z.string(), accept: () => {} }),
      ],
    })
    expect(deadHooks({ plugins: [asking()] }, 'before:ask')).toEqual([])
    expect(deadHooks(bare, 'before:ask', 'closing:steps')).toEqual([])
  })

  test('is not one that a redirect of another hook may lead to (F73)', () => {
    expect(deadHooks({}, 'before:startClosing', 'before:greet')).toEqual([])
    expect(deadHooks({}, 'before:enqueue', 'before:requestAgent')).toEqual([])
  })

  test('is one about reopening where nothing is reopened (F73)', () => {
    expect(deadHooks({ ...bare, reopenWithin: 0 }, 'after:reopen')).toEqual(['after:reopen'])
    expect(deadHooks(bare, 'after:reopen')).toEqual([])
  })

  test('is never one for all transitions, nor one that every conversation meets (F73)', () => {
    const hooks = ['before:*', 'after:*', 'before:greet', 'before:close', 'message:in', 'message:out']
    expect(deadHooks({}, ...hooks, 'customer:context', 'route:requirements', 'before:rate', 'before:abandon')).toEqual(
      [],
    )
  })

  test('is named by plugin and hook, and told what would trigger it (F73)', () => {
    expect(checkConfig({ ...bare, plugins: [hooking('before:suggest')] })).toEqual([
      {
        rule: 'deadHook',
        path: "plugins.watcher.hooks['before:suggest']",
        hint: 'Nothing in this configuration leads to `suggest`. Add a plugin with `bot:answer`, such as `knowledgeBase(...)`.',
      },
    ])
  })

  test('never names an aspect in vain: core or routing mentions each', () => {
    const root = path.resolve(import.meta.dirname, '../../src')
    const declaring = ['core/hooks/hook-table.ts', 'core/hooks/plugin.ts'].map((file) => path.join(root, file))
    const sources = ['core', 'routing'].flatMap((room) =>
      readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' }).map((file) =>
        path.join(root, room, file),
      ),
    )
    const code = sources
      .filter((file) => file.endsWith('.ts') && !declaring.includes(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    expect(Object.keys(ASPECTS).filter((aspect) => !code.includes(`'${aspect}'`))).toEqual([])
  })
})

describe('skills', () => {
  test('that are declared and nobody has are found, each once (F73)', () => {
    const routing = { relax: [{ after: '1m', drop: 'dutch' }] } as const
    const options = { skills: ['billing', 'dutch'], agents: [{ id: 'ana', skills: ['billing'] }], routing }
    expect(rulesOf(options)).toEqual(['skillNobodyHas skills[1]'])
  })

  test('that a relaxation or an overflow names and nobody has are found (F73)', () => {
    const agents = [{ id: 'ana', skills: { billing: 5 } }] as const
    expect(rulesOf({ agents, routing: { relax: [{ after: '1m', drop: 'dutch' }] } })).toEqual([
      'skillNobodyHas routing.relax[0].drop',
    ])
    expect(rulesOf({ agents, routing: { overflow: { after: '5m', to: { skills: ['billing', 'dutch'] } } } })).toEqual([
      'skillNobodyHas routing.overflow.to.skills[1]',
    ])
    expect(rulesOf({ agents, routing: { relax: [{ after: '1m', drop: 'preferredSkills' }] } })).toEqual([])
  })

  test('that an overflow needs together, and nobody has together, are found (F73)', () => {
    const to = { skills: ['billing', 'dutch'] }
    const options: EngineOptions = {
      agents: [
        { id: 'ana', skills: ['billing'] },
        { id: 'ben', skills: ['dutch'] },
      ],
      routing: { overflow: { after: '5m', to } },
    }
    expect(rulesOf(options)).toEqual(['skillNobodyHas routing.overflow.to.skills'])
    expect(rulesOf({ ...options, agents: [{ id: 'cleo', skills: ['dutch', 'billing'] }] })).toEqual([])
  })
})

test('agents who can take nothing are found (F73)', () => {
  const agents = [{ id: 'ana', capacity: 0 }, { id: 'ben', capacity: 1 }, { id: 'cleo' }]
  expect(rulesOf({ agents })).toEqual(['agentWithoutCapacity agents[0].capacity'])
})

describe('texts', () => {
  const spanish = ({ language }: { language: string }) => (language === 'es' ? 'Gracias' : '')

  test('that say nothing in a language are found, in English unless said otherwise (F73)', () => {
    expect(rulesOf({ texts: { thanks: spanish } })).toEqual(['textMissing texts.thanks'])
    expect(rulesOf({ texts: { thanks: '  ' } })).toEqual(['textMissing texts.thanks'])
    const wrong = { thanks: () => undefined } as unknown as { thanks: () => string }
    expect(checkConfig({ texts: wrong })[0]?.hint).toMatch(/`undefined` to a customer who reads `en`/)
  })

  test('that fail for a customer are found, with what went wrong (F73)', () => {
    const greeting = () => {
      throw new RangeError('no words')
    }
    expect(checkConfig({ texts: { greeting } })).toMatchObject([{ rule: 'textMissing', path: 'texts.greeting' }])
    expect(checkConfig({ texts: { greeting } })[0]?.hint).toMatch(/no words/)
  })

  test('that nobody has written for another language than English are found (F73)', () => {
    const missing = checkConfig({ texts: { thanks: spanish, yes: 'OK' } }, { languages: ['es'] }).map(
      (each) => each.path,
    )
    expect(missing).toContain('texts.greeting')
    expect(missing).not.toContain('texts.thanks')
    expect(missing).not.toContain('texts.yes')
    expect(checkConfig({}, { languages: ['en', 'en-GB'] })).toEqual([])
  })
})

test('a reminder that comes no sooner than the end is found (F73)', () => {
  expect(rulesOf({ silence: { remindAfter: '10m', closeAfter: '10m' } })).toEqual(['silenceOrder silence.remindAfter'])
  expect(rulesOf({ silence: { closeAfter: '2m' } })).toEqual(['silenceOrder silence.remindAfter'])
  expect(rulesOf({ silence: { closeAfter: '4m' } })).toEqual([])
})

test('hours that never open are found (F73)', () => {
  const open = (week: object) => rulesOf({ admission: { hours: { timeZone: 'UTC', week } } })
  expect(open({})).toEqual(['hoursNeverOpen admission.hours.week'])
  expect(open({ mon: [], sun: [] })).toEqual(['hoursNeverOpen admission.hours.week'])
  expect(open({ mon: [], sun: ['10:00-12:00'] })).toEqual([])
})
