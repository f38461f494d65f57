import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { HOOK_NAMES } from '../../src/core/hooks/hook-table.ts'
import { TRANSITION_NAMES } from '../../src/core/transitions.ts'
import { definePlugin, type Observation, type Plugin } from '../../src/index.ts'
import { hang } from '../../src/testing/fault.ts'
import { type Fault, withFault } from '../../src/testing/index.ts'
import { isContext, lead, passOn, pluginWith, TOUR_OF_ASPECT, tourOf } from './led-past.ts'
import { openStage, TOURS } from './tours.ts'
import { expectNoUnhandledRejections } from './no-rejections.ts'

expectNoUnhandledRejections()

/** The same way without a plugin, from which nothing may differ. */
const undisturbed = new Map<string, Promise<readonly string[]>>()
function wordsWithout(hook: string, pause: '0s' | '8s'): Promise<readonly string[]> {
  const name = `${tourOf(hook)} ${pause}`
  const known = undisturbed.get(name) ?? lead(hook, [], pause).then((stage) => stage.words())
  undisturbed.set(name, known)
  return known
}

interface Kind {
  readonly of: (hook: string) => Plugin
  /** How it is reported; `undefined`: there is nothing to report. */
  readonly why: (hook: string) => Observation<'plugin.failed'>['why'] | undefined
}

const failing = (fault: Fault) => (hook: string) => withFault(pluginWith('faulty', hook, passOn), hook, fault)
/** A score is asked for in the middle of a choice, where nothing can be waited for: a promise is no number. */
const awaited = (why: 'threw' | 'timedOut') => (hook: string) => (hook === 'route:score' ? 'invalid' : why)
const returnsNothing = (hook: string): boolean => /^(before|after):/.test(hook)

const FAULTS: Readonly<Record<string, Kind>> = {
  throws: { of: failing('throws'), why: () => 'threw' },
  rejects: { of: failing('rejects'), why: awaited('threw') },
  hangs: { of: failing('hangs'), why: awaited('timedOut') },
  'returns nonsense': {
    of: failing('returnsNonsense'),
    why: (hook) => (returnsNothing(hook) ? undefined : 'invalid'),
  },
  'throws something that is no error': {
    of: (hook) =>
      pluginWith('faulty', hook, () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what is tested
        throw undefined
      }),
    why: () => 'threw',
  },
  'rejects with something that is no error': {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
    of: (hook) => pluginWith('faulty', hook, () => Promise.reject('no error')),
    why: awaited('threw'),
  },
  'returns what cannot be awaited': {
    of: (hook) =>
      pluginWith('faulty', hook, () => ({
        get then() {
          throw new Error('a fault on purpose')
        },
      })),
    why: () => 'threw',
  },
  'throws something that only looks like an error': {
    of: (hook) =>
      pluginWith('faulty', hook, () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what is tested
        throw Object.freeze({ name: 'TimeUp', message: 7, stack: null })
      }),
    why: () => 'threw',
  },
  'blocks the thread for a while': {
    of: (hook) =>
      pluginWith('faulty', hook, (...args) => {
        for (const until = performance.now() + 2; performance.now() < until; );
        return passOn(...args)
      }),
    why: () => undefined,
  },
  'overwrites all it is given': {
    of: (hook) =>
      pluginWith('faulty', hook, (...args) => {
        for (const arg of args) spoil(arg)
        return passOn(...args)
      }),
    why: () => undefined,
  },
}

/** Overwrites all it can reach; what cannot be written throws, and is left. */
function spoil(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  const given = isContext(value) ? ['conversation', 'state', 'details'] : Object.keys(value)
  for (const name of given) spoil((value as Record<string, unknown>)[name], seen)
  for (const name of given) attempt(() => Object.assign(value, { [name]: 'spoilt' }))
  if (Array.isArray(value)) attempt(() => value.push('spoilt'))
}

function attempt(change: () => unknown): void {
  try {
    change()
  } catch {
    // it could not be written
  }
}

const article = { id: 'parcels', title: 'Parcels', text: 'They take two days.' }

/** Answers of nearly the right shape. Objects are laid over what the hook was given. */
const NONSENSE: readonly (readonly [string, unknown])[] = [
  ['route:score', undefined],
  ['route:score', '7'],
  ['route:score', Number.NaN],
  ['desk:advice', undefined],
  ['desk:advice', 'say it kindly'],
  ['desk:advice', { hints: 'one' }],
  ['desk:advice', { draft: 7 }],
  ['message:in', undefined],
  ['message:in', 'hello'],
  ['message:in', { text: 7 }],
  ['message:in', { text: null }],
  ['message:out', undefined],
  ['message:out', { text: ['hello'] }],
  ['customer:context', undefined],
  ['customer:context', { id: 'eve' }],
  ['customer:context', { id: 7 }],
  ['customer:context', { name: { first: 'Kim' } }],
  ['customer:context', { email: 7 }],
  ['customer:context', { attributes: 'gold' }],
  ['customer:context', { attributes: { greet: () => 'hello' } }],
  ['route:requirements', {}],
  ['route:requirements', { skills: 'billing' }],
  ['route:requirements', { skills: [7] }],
  ['route:requirements', { skills: [], target: 'soon' }],
  ['route:requirements', { skills: [], target: -1 }],
  ['route:requirements', { skills: [], target: Number.NaN }],
  ['route:requirements', { skills: [], weight: 0 }],
  ['route:requirements', { skills: [], weight: Number.POSITIVE_INFINITY }],
  ['route:requirements', { skills: [], priority: 'high' }],
  ['route:requirements', { skills: [], preferredSkills: 'french' }],
  ['route:requirements', { skills: [], preferredAgentId: 7 }],
  ['route:requirements', { skills: [], excludedAgentIds: [null] }],
  ['knowledge:rank', undefined],
  ['knowledge:rank', [{}]],
  ['knowledge:rank', [{ article: null, confidence: 1, matched: [] }]],
  ['knowledge:rank', [{ article: { id: 'parcels' }, confidence: 1, matched: [] }]],
  ['knowledge:rank', [{ article, confidence: 'high', matched: [] }]],
  ['closing:steps', undefined],
  ['closing:steps', 'thanks'],
  ['closing:steps', ['thanks', 7]],
  ['bot:answer', 'Parcels take two days.'],
  ['bot:answer', { text: 7 }],
  ['bot:answer', { text: {} }],
  ['bot:answer', { suggestions: article }],
  ['bot:answer', { suggestions: [article] }],
  ['bot:answer', { suggestions: [{ article: undefined, confidence: 1, matched: [] }] }],
  ['bot:answer', { ask: 7 }],
]

describe('P30-P34: a plugin', () => {
  for (const [fault, kind] of Object.entries(FAULTS)) {
    describe(`that ${fault}`, () => {
      test.each(HOOK_NAMES)('in `%s` is reported, and felt by nobody else', async (hook) => {
        const pause = fault === 'hangs' ? '8s' : '0s'
        const calls: unknown[] = []
        const witness = pluginWith('witness', hook, (...args) => {
          calls.push(args[0])
          return passOn(...args)
        })
        const stage = await lead(hook, [kind.of(hook), witness], pause)
        expect(await stage.words()).toEqual(await wordsWithout(hook, pause))
        expect(calls).not.toEqual([])
        const why = kind.why(hook)
        const { pluginFailures } = stage.sim
        expect(pluginFailures.length > 0).toBe(why !== undefined)
        for (const failure of pluginFailures)
          expect(failure).toMatchObject({ plugin: 'faulty', hook, why, conversationId: stage.talk.id })
        const isOwed = why !== undefined && hook.startsWith('after:') // it is called again later
        expect((await stage.store.health()).outboxCount > 0).toBe(isOwed)
        await stage.sim.engine.stop({ within: 0 })
      })
    })
  }

  test('is led past every hook there is', () => {
    const reached = TRANSITION_NAMES.flatMap((name) => [`before:${name}`, `after:${name}`])
    const all = ['before:*', 'after:*', ...reached, ...Object.keys(TOUR_OF_ASPECT)]
    expect(new Set(all)).toEqual(new Set(HOOK_NAMES))
  })

  test.each(NONSENSE)('that returns something half right in `%s` is reported: %j', async (hook, nonsense) => {
    const faulty = pluginWith('faulty', hook, (value) => {
      if (typeof nonsense !== 'object' || nonsense === null || Array.isArray(nonsense)) return nonsense
      return { ...(typeof value === 'object' && hook !== 'route:requirements' ? value : {}), ...nonsense }
    })
    const stage = await lead(hook, [faulty], '0s')
    expect(await stage.words()).toEqual(await wordsWithout(hook, '0s'))
    expect(stage.sim.pluginFailures).not.toEqual([])
    for (const failure of stage.sim.pluginFailures)
      expect(failure).toMatchObject({ plugin: 'faulty', hook, why: 'invalid' })
  })

  test('P32: that hangs is told so by its signal', async () => {
    let reason: unknown
    const patient = pluginWith('patient', 'before:enqueue', (ctx) => {
      const { signal } = ctx as { signal: AbortSignal }
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason
          reject(signal.reason as Error)
        })
      })
    })
    const stage = await openStage([patient])
    const asked = stage.talk.say('a person, please')
    await stage.sim.advance('2s')
    expect(await asked).toMatchObject({ status: 'applied', phase: 'waiting' })
    expect(String(reason)).toMatch(/2000 ms/)
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'patient', why: 'timedOut' }])
  }, 5_000)

  test('P32: has a limit of its own, and all of one turn have 3 s together', async () => {
    const slow = (name: string, timeout?: string) =>
      withFault(
        pluginWith(name, 'before:enqueue', { handler: passOn, ...(timeout === undefined ? {} : { timeout }) }),
        'before:enqueue',
        'hangs',
      )
    const stage = await openStage([slow('first', '500ms'), slow('second'), slow('third'), slow('fourth')])
    const begunAt = stage.sim.now
    const asked = stage.talk.say('a person, please')
    await stage.sim.advance('10s')
    await asked
    expect(stage.sim.pluginFailures.map(({ plugin, at }) => [plugin, at - begunAt])).toEqual([
      ['first', 500],
      ['second', 2_500],
      ['third', 3_000],
      ['fourth', 3_000],
    ])
  })
})

describe('a hook that fails closed', () => {
  const faults = ['throws', 'rejects', 'hangs'] as const

  test.each(faults)('vetoes what it could not check when it %s', async (fault) => {
    const strict = pluginWith('strict', 'before:requestAgent', { onFailure: 'veto', handler: passOn })
    const stage = await openStage([withFault(strict, 'before:requestAgent', fault)], { pause: '3s' })
    await stage.does((talk) => talk.say('a person, please'))
    expect(stage.receipts).toEqual([
      {
        ok: false,
        status: 'vetoed',
        by: 'strict',
        transition: 'requestAgent',
        reason: '`before:requestAgent` failed',
      },
    ])
    expect((await stage.words()).slice(1)).toEqual([
      'customer: a person, please',
      'system: strict vetoed requestAgent: `before:requestAgent` failed',
    ])
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'strict', hook: 'before:requestAgent' }])
  })

  test.each(faults)('cannot stop what has happened already when it %s', async (fault) => {
    const strict = pluginWith('strict', 'before:*', { onFailure: 'veto', handler: passOn })
    const strictly = withFault(strict, 'before:*', fault)
    const fine = await openStage([], { pause: '4s' })
    const stage = await openStage([strictly], { pause: '4s' }) // the greeting is vetoed, too
    for (const { does, waits } of [fine, stage]) {
      await does((talk) => talk.leave())
      await waits('1m')
    }
    expect(await stage.talk.view()).toMatchObject({ phase: 'closed', outcome: 'abandoned', reason: 'customerLeft' })
    expect(await fine.talk.view()).toMatchObject({ phase: 'closed', outcome: 'abandoned', reason: 'customerLeft' })
  })
})

describe('an observer', () => {
  const observers: readonly (readonly [string, (fact: unknown) => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('a fault on purpose')
      },
    ],
    ['rejects', () => Promise.reject(new Error('a fault on purpose'))],
    ['hangs', hang],
    [
      'throws something that is no error',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what is tested
        throw null
      },
    ],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
    ['rejects with something that is no error', () => Promise.reject(undefined)],
    [
      'returns something like a promise that rejects',
      () => ({ then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('a fault')) }),
    ],
    ['overwrites what it is told', (fact) => spoil(fact)],
  ]

  test.each(observers)('that %s is felt by nobody', async (_what, observer) => {
    const quiet = await openStage([])
    await TOURS.served(quiet)
    const told: string[] = []
    const stage = await openStage([])
    stage.sim.engine.on('*', observer)
    stage.sim.engine.on('message.added', observer)
    stage.sim.engine.on('*', ({ type }) => told.push(type))
    await TOURS.served(stage)
    expect(await stage.words()).toEqual(await quiet.words())
    expect(told).toEqual(expect.arrayContaining(['message.added', 'offer.made', 'conversation.closed']))
    expect(stage.sim.pluginFailures).toEqual([])
  })
})

describe('an answer that comes as a stream', () => {
  const stream = (next: () => unknown): AsyncIterable<string> => ({
    [Symbol.asyncIterator]: () => ({ next: next as () => Promise<IteratorResult<string>> }),
  })
  const nextOf = (...results: readonly unknown[]) => {
    let index = 0
    return () => {
      const result = results[index]
      index += 1
      if (result instanceof Error) throw result
      return result
    }
  }
  const words = { done: false, value: 'They take ' }
  const error = new Error('a fault on purpose')
  const streams: Readonly<Record<string, () => AsyncIterable<string>>> = {
    'breaks off': () => stream(nextOf(Promise.resolve(words), Promise.reject(error))),
    hangs: () => stream(nextOf(Promise.resolve(words), new Promise(() => undefined))),
    throws: () => stream(nextOf(Promise.resolve(words), error)),
    'gives nonsense': () => stream(nextOf(Promise.resolve(words), Promise.resolve(undefined))),
    'gives no promise': () => stream(nextOf(Promise.resolve(words), undefined)),
  }

  test.each(Object.entries(streams))('and %s is said as far as it came, and reported', async (_what, open) => {
    const stage = await openStage([pluginWith('faulty', 'bot:answer', () => ({ text: open() }))])
    const said = stage.talk.say('where is my parcel?')
    await stage.waits('5s')
    await said
    expect((await stage.words()).at(-1)).toBe('bot: They take ')
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'faulty', hook: 'bot:answer' }])
    await stage.does((talk) => talk.say('a person, please'))
    expect((await stage.talk.view()).phase).toBe('waiting')
  })

  test('and cannot begin is reported, and is no answer', async () => {
    const text = {
      [Symbol.asyncIterator]: () => {
        throw error
      },
    }
    const stage = await openStage([pluginWith('faulty', 'bot:answer', () => ({ text }))])
    await stage.does((talk) => talk.say('where is my parcel?'))
    expect((await stage.words()).at(-1)).toMatch(/found nothing/)
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'faulty', hook: 'bot:answer' }])
    await stage.does((talk) => talk.say('a person, please'))
    expect((await stage.talk.view()).phase).toBe('waiting')
  })
})

describe('a step', () => {
  const fault = (): never => {
    throw new Error('a fault on purpose')
  }
  const rejects = () => Promise.reject(new Error('a fault on purpose'))
  const faults: readonly (readonly [string, object, string])[] = [
    ['words throw', { ask: fault }, 'step:order.ask'],
    ['words reject', { ask: rejects }, 'step:order.ask'],
    ['condition throws', { when: fault }, 'step:order.when'],
    ['condition rejects', { when: rejects }, 'step:order.when'],
    ['schema throws', { reply: schemaOf(fault) }, 'step:order'],
    ['schema rejects', { reply: schemaOf(rejects) }, 'step:order'],
    ['schema hangs', { reply: schemaOf(hang) }, 'step:order'],
    ['accept throws', { accept: fault }, 'step:order.accept'],
    ['accept rejects', { accept: rejects }, 'step:order.accept'],
  ]

  test.each(faults)('whose %s is reported, and the conversation goes on', async (_what, about, hook) => {
    const step = { slot: 'preChat', id: 'order', ask: 'Which order?', reply: z.string(), accept: () => undefined }
    const faulty = definePlugin({ name: 'faulty', version: '1.0.0', steps: () => [{ ...step, ...about }] as never })
    const stage = await openStage([faulty()])
    for (const text of ['4711', 'where is my parcel?', 'where is my parcel?']) {
      const said = stage.talk.say(text)
      await stage.waits('3s')
      await said
    }
    await stage.waits('2m')
    expect((await stage.talk.view()).phase).toBe('helping')
    expect((await stage.words()).filter((words) => words.startsWith('customer'))).toHaveLength(3)
    expect(stage.sim.pluginFailures).not.toEqual([])
    for (const failure of stage.sim.pluginFailures) expect(failure).toMatchObject({ plugin: 'faulty', hook })
  })
})

describe('a timer of a plugin', () => {
  test.each(['throws', 'rejects', 'hangs'])('that %s is reported, and does not come again', async (fault) => {
    const deeds: Readonly<Record<string, () => unknown>> = {
      throws: () => {
        throw new Error('a fault on purpose')
      },
      rejects: () => Promise.reject(new Error('a fault on purpose')),
      hangs: hang,
    }
    let count = 0
    const faulty = definePlugin({
      name: 'faulty',
      version: '1.0.0',
      timers: {
        wake: (ctx) => {
          count += 1
          ctx.say('good morning')
          return deeds[fault]?.() as Promise<void>
        },
      },
      hooks: { 'before:greet': (ctx) => ctx.schedule('wake', '1m') },
    })
    const stage = await openStage([faulty()])
    const before = await stage.words()
    await stage.waits('2m')
    expect(count).toBe(1)
    expect(stage.sim.pluginFailures).toMatchObject([
      { plugin: 'faulty', hook: 'timers.wake', why: fault === 'hangs' ? 'timedOut' : 'threw' },
    ])
    expect(await stage.words()).toEqual(before)
    await stage.does((talk) => talk.say('where is my parcel?'))
    expect((await stage.talk.view()).path).toBe('helping.suggesting')
  })
})

function schemaOf(validate: () => unknown): object {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}
