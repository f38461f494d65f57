import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  createEngine,
  definePlugin,
  type EngineOptions,
  isMaitredError,
  type MaitredError,
  type Plugin,
  type Requirements,
  type TransitionName,
} from '../../src/index.ts'
import { HOOK_NAMES } from '../../src/core/hooks/hook-table.ts'
import { nearest } from '../../src/core/nearest.ts'
import { checkConfig, simulate } from '../../src/testing/index.ts'

/** What is written wrong on purpose has no type. */
type Wrong = never

interface Expected {
  readonly code: string
  readonly path: string
  readonly hint?: string | RegExp
  readonly message?: string | RegExp
}

/** Options that cannot work are thrown back at once, with a code, what to do about it, and where. */
function expectRefused(make: () => unknown, { code, path, hint = /./, message = /./ }: Expected): void {
  const error = thrownBy(make)
  expect({ code: error.code, path: error.path }).toEqual({ code, path })
  expect(error.hint).toMatch(hint)
  expect(error.message).toMatch(message)
  expect(error.retryable).toBe(false)
}

function thrownBy(make: () => unknown): MaitredError {
  try {
    make()
  } catch (error) {
    if (isMaitredError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function plugin(about: object = {}): Plugin {
  return definePlugin({ name: 'loyalty', version: '1.0.0', ...about })()
}

function engineWith(...plugins: readonly unknown[]): () => unknown {
  return () => createEngine({ plugins: plugins as readonly Plugin[] })
}

/** A duration at some place of the options. */
type Place = (duration: Wrong) => EngineOptions

const IMPOSSIBLE = [Number.NaN, -1, Number.POSITIVE_INFINITY, '20 seconds', '-5m', '', '5', null] as const

const DURATIONS: Readonly<Record<string, Place>> = {
  'silence.remindAfter': (remindAfter) => ({ silence: { remindAfter } }),
  'silence.closeAfter': (closeAfter) => ({ silence: { closeAfter } }),
  'silence.agentAfter': (agentAfter) => ({ silence: { agentAfter } }),
  reopenWithin: (reopenWithin) => ({ reopenWithin }),
  'routing.target': (target) => ({ routing: { target } }),
  'routing.offerTimeout': (offerTimeout) => ({ routing: { offerTimeout } }),
  'routing.wrapUp': (wrapUp) => ({ routing: { wrapUp } }),
  'routing.relax[0].after': (after) => ({ routing: { relax: [{ after, drop: 'preferredSkills' }] } }),
  'routing.overflow.after': (after) => ({ routing: { overflow: { after, to: 'close' } } }),
  'admission.maxWait': (maxWait) => ({ admission: { maxWait } }),
  'plugins.loyalty.steps.order.timeout': (timeout) => ({ plugins: [plugin({ steps: () => [step({ timeout })] })] }),
  "plugins.loyalty.hooks['before:close'].timeout": (timeout) => ({
    plugins: [plugin({ hooks: { 'before:close': { timeout, handler: () => undefined } } })],
  }),
}

function step(about: object = {}): object {
  return { slot: 'preChat', id: 'order', ask: 'Which order?', reply: z.string(), accept: () => undefined, ...about }
}

describe('a duration', () => {
  for (const [path, place] of Object.entries(DURATIONS)) {
    test.each([...IMPOSSIBLE])(`P19: at ${path} cannot be %s`, (duration) => {
      // `null` stands for "not said" where an option may be left out
      if (duration === null && !path.startsWith('plugins.')) return
      expectRefused(() => createEngine(place(duration as Wrong)), { code: 'CONFIG_INVALID', path })
    })

    test(`P19: at ${path} may be longer than 2^31 ms`, () => {
      expect(() => createEngine(place(3_000_000_000 as Wrong))).not.toThrow()
      expect(() => createEngine(place('30d' as Wrong))).not.toThrow()
    })
  }

  test.each(['routing.target', 'routing.offerTimeout', "plugins.loyalty.hooks['before:close'].timeout"])(
    'at %s cannot be 0',
    (path) => {
      expectRefused(() => createEngine(DURATIONS[path]?.(0 as Wrong)), { code: 'CONFIG_INVALID', path })
    },
  )

  test('P19: of 30 days lets a silent customer be until they are over', async () => {
    await using sim = simulate({ silence: { remindAfter: '30d', closeAfter: '60d' } })
    const kim = sim.customer('kim')
    await kim.says('hello')
    await kim.sees(/few words/)
    await sim.advance(30 * 86_400_000 - 1)
    await kim.seesNothingNew()
    await sim.advance(1)
    await kim.sees(/still there/)
    await sim.advance(30 * 86_400_000 - 1)
    await kim.isIn('helping')
    await sim.advance(1)
    await kim.isIn('closed')
  })

  test('P19: of 30 days lets a step wait until they are over', async () => {
    const order = plugin({ steps: () => [step({ timeout: '30d' })] })
    await using sim = simulate({ plugins: [order], silence: { remindAfter: '90d', closeAfter: '90d' } })
    const kim = sim.customer('kim')
    await kim.sees('Which order?')
    await sim.advance(30 * 86_400_000 - 1)
    await kim.isIn('greeting')
    await sim.advance(1)
    await kim.isIn('helping')
  })

  test('P19: of 30 days lets a plugin sleep until they are over', async () => {
    const woken: number[] = []
    const sleeper = plugin({
      timers: { wake: (ctx: { now: number }) => woken.push(ctx.now) },
      hooks: { 'before:greet': (ctx: { schedule(timer: string, after: string): void }) => ctx.schedule('wake', '30d') },
    })
    await using sim = simulate({ plugins: [sleeper], silence: { remindAfter: '90d', closeAfter: '90d' } })
    await sim.customer('kim').says('hello')
    const due = sim.now + 30 * 86_400_000
    await sim.advance('29d')
    expect(woken).toEqual([])
    await sim.advance('2d')
    expect(woken).toEqual([due])
  })
})

describe('an option', () => {
  test.each([
    ['agnets', 'agents'],
    ['plugin', 'plugins'],
    ['reopenwithin', 'reopenWithin'],
    ['Silence', 'silence'],
  ])('called `%s` is refused, and `%s` suggested', (name, meant) => {
    expectRefused(() => createEngine({ [name]: [] }), {
      code: 'CONFIG_INVALID',
      path: name,
      hint: `Did you mean \`${meant}\`?`,
    })
  })

  test('that is like no other is refused with the list of all', () => {
    expectRefused(() => createEngine({ xyzzy: 1 } as Wrong), {
      code: 'CONFIG_INVALID',
      path: 'xyzzy',
      hint: /agents.*log/,
    })
  })

  test('of the wordings that nobody says is refused, and the nearest suggested', () => {
    expectRefused(() => createEngine({ texts: { greting: 'Hi' } } as Wrong), {
      code: 'CONFIG_INVALID',
      path: 'texts.greting',
      hint: 'Did you mean `greeting`?',
    })
  })

  test.each([
    ['agentPolicy', 'leastLoded', /leastLoaded/],
    ['agentPolicy', 'best', /longestIdle/],
    ['queuePolicy', 'FIFO', /fifo/],
    ['queuePolicy', 'lifo', /fifo/],
  ])('naming an unknown %s, `%s`, is refused with those there are', (option, name, hint) => {
    expectRefused(() => createEngine({ routing: { [option]: name } }), {
      code: 'CONFIG_INVALID',
      path: `routing.${option}`,
      hint,
    })
  })

  const HOURS = { timeZone: 'UTC', week: { mon: ['09:00-17:00'] } }
  const channel = { name: 'email', deliver: () => Promise.resolve('sent' as const) }
  const misspelt: readonly (readonly [string, object, string])[] = [
    ['routing.offertimeout', { routing: { offertimeout: '1m' } }, 'offerTimeout'],
    ['routing.overflow.aftr', { routing: { overflow: { aftr: '1m', to: 'close' } } }, 'after'],
    ['routing.overflow.to.skils', { routing: { overflow: { after: '1m', to: { skils: ['x'] } } } }, 'skills'],
    [
      'routing.relax[1].drpo',
      {
        routing: {
          relax: [
            { after: 0, drop: 'x' },
            { after: 0, drpo: 'x' },
          ],
        },
      },
      'drop',
    ],
    ['silence.closeafter', { silence: { closeafter: '1m' } }, 'closeAfter'],
    ['presence.agentgrace', { presence: { agentgrace: '1m' } }, 'agentGrace'],
    ['admission.maxqueue', { admission: { maxqueue: 1 } }, 'maxQueue'],
    ['admission.hours.closedon', { admission: { hours: { ...HOURS, closedon: ['2026-12-25'] } } }, 'closedOn'],
    [
      'admission.teamHours.tea.timezone',
      { admission: { teamHours: { tea: { ...HOURS, timezone: 'UTC' } } } },
      'timeZone',
    ],
    ['retention.close', { retention: { close: '90d' } }, 'closed'],
    ['nodes.leas', { nodes: { leas: '5s' } }, 'lease'],
    ['channels[0].pauze', { channels: [{ ...channel, pauze: '1m' }] }, 'pause'],
    ['agents[1].skils', { agents: [{ id: 'ana' }, { id: 'ben', skils: ['x'] }] }, 'skills'],
    ['agents[0].capcity', { agents: [{ id: 'ana', capcity: 2 }] }, 'capacity'],
  ]
  test.each(misspelt)('called `%s` is refused, and the right one suggested', (path, options, meant) => {
    const hint = `Did you mean \`${meant}\`?`
    expectRefused(() => createEngine(options), { code: 'CONFIG_INVALID', path, hint })
    expect(checkConfig(options)).toMatchObject([{ rule: 'invalid', path }])
  })

  test.each([
    ['routing.relax', { routing: { relax: { after: '1m', drop: 'x' } } }],
    ['routing.relax[0]', { routing: { relax: ['x'] } }],
    ['routing.overflow', { routing: { overflow: 'close' } }],
    ['admission.hours', { admission: { hours: '9-17' } }],
    ['admission.audience', { admission: { audience: 'vip' } }],
  ])('at `%s` of another kind is refused', (path, options) => {
    expectRefused(() => createEngine(options as Wrong), { code: 'CONFIG_INVALID', path })
  })

  test.each([
    ['store.migrate', { store: {} }, /memoryStore/],
    ['store.open', { store: { migrate: () => Promise.resolve() } }, /memoryStore/],
    ['log.debug', { log: {} }, /pino/],
    ['log.error', { log: { debug() {}, info() {}, warn() {}, error: 'stderr' } }, /pino/],
  ])('without `%s` is refused', (path, options, hint) => {
    expectRefused(() => createEngine(options as Wrong), { code: 'CONFIG_INVALID', path, hint })
  })

  test('may be a channel of a class, with fields of its own', () => {
    class Letters {
      readonly name = 'letters'
      readonly stamps = 3
      deliver = () => Promise.resolve('sent' as const)
    }
    expect(() => createEngine({ channels: [new Letters()] })).not.toThrow()
  })

  const wrong: readonly (readonly [string, object, string])[] = [
    ['overflow goes nowhere', { routing: { overflow: { after: '5m', to: 'voicemail' } } }, 'routing.overflow.to'],
    ['a relaxation drops nothing', { routing: { relax: [{ after: '5m' }] } }, 'routing.relax[0].drop'],
    ['the queue is limited to a fraction', { admission: { maxQueue: 1.5 } }, 'admission.maxQueue'],
    ['the queue is limited to less than nothing', { admission: { maxQueue: -1 } }, 'admission.maxQueue'],
  ]
  test.each(wrong)('is refused when %s', (_what, options, path) => {
    expectRefused(() => createEngine(options as EngineOptions), { code: 'CONFIG_INVALID', path })
  })
})

describe('an agent', () => {
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['is no object', null, 'id'],
    ['is only a name', 'ana', 'id'],
    ['has no id', {}, 'id'],
    ['has an empty id', { id: '' }, 'id'],
    ['has an id that is no string', { id: 7 }, 'id'],
    ['has an id with a line break', { id: 'ana\n' }, 'id'],
    ['has an id with a lone surrogate', { id: 'ana\uD800' }, 'id'],
    ['has an id of 129 characters', { id: 'x'.repeat(129) }, 'id'],
    ['has less than no capacity', { id: 'ana', capacity: -1 }, 'capacity'],
    ['has a capacity that is no number', { id: 'ana', capacity: '3' }, 'capacity'],
    ['has a capacity of NaN', { id: 'ana', capacity: Number.NaN }, 'capacity'],
    ['has a capacity without end', { id: 'ana', capacity: Number.POSITIVE_INFINITY }, 'capacity'],
    ['has a proficiency of 0', { id: 'ana', skills: { billing: 0 } }, 'skills.billing'],
    ['has a proficiency of 6', { id: 'ana', skills: { billing: 6 } }, 'skills.billing'],
    ['has a proficiency of 2.5', { id: 'ana', skills: { billing: 2.5 } }, 'skills.billing'],
    ['has a proficiency in words', { id: 'ana', skills: { billing: 'good' } }, 'skills.billing'],
  ]
  test.each(wrong)('who %s is refused, in the options and later', async (_what, agent, at) => {
    const agents = [{ id: 'ben' }, agent] as Wrong
    const path = typeof agent === 'object' && agent !== null ? `agents[1].${at}` : 'agents[1]'
    expectRefused(() => createEngine({ agents }), { code: 'CONFIG_INVALID', path })
    await using sim = simulate({})
    await sim.advance(0)
    const later = await sim.engine.saveAgent(agent as Wrong).catch((error: unknown) => error)
    expect(later).toMatchObject({ code: 'CONFIG_INVALID', path: `agent.${at}` })
  })

  test('whose id another has is refused', () => {
    expectRefused(() => createEngine({ agents: [{ id: 'ana' }, { id: 'ben' }, { id: 'ana' }] }), {
      code: 'CONFIG_INVALID',
      path: 'agents[2].id',
      message: /`ana`/,
    })
  })

  test.each([
    ['a list', ['billing', 'biling']],
    ['levels', { biling: 3 }],
  ])('with a skill nobody declared, in %s, is refused with those declared', (_how, skills) => {
    expectRefused(() => createEngine({ skills: ['billing', 'shipping'], agents: [{ id: 'ana', skills }] } as Wrong), {
      code: 'SKILL_UNKNOWN',
      path: 'agents[0].skills',
      message: /`biling`/,
      hint: /billing, shipping/,
    })
  })

  test('with a field that does not exist is refused when saved', async () => {
    await using sim = simulate({})
    await sim.advance(0)
    const later = await sim.engine.saveAgent({ id: 'ana', skils: ['x'] } as Wrong).catch((error: unknown) => error)
    expect(later).toMatchObject({ code: 'CONFIG_INVALID', path: 'agent.skils', hint: 'Did you mean `skills`?' })
  })

  test('may have any skill when none were declared', () => {
    expect(() => createEngine({ agents: [{ id: 'ana', skills: ['whatever'] }] })).not.toThrow()
  })
})

describe('a skill nobody declared', () => {
  const options = { skills: ['billing'], agents: [{ id: 'ana', skills: ['billing'] }, { id: 'ben' }] } as const

  test('is refused when a conversation is opened, asks for an agent, or is passed on', async () => {
    await using sim = simulate({ ...options })
    const kim = sim.customer('kim')
    await kim.says('a person, please')
    await sim.agent('ben').accepts(kim)
    const { engine } = sim
    const id = kim.conversationId
    const before = await engine.conversation(id).view()
    const deeds: readonly (() => Promise<unknown>)[] = [
      () => engine.openConversation({ customer: { id: 'lou' }, skills: ['biling'] as Wrong }),
      () => engine.conversation(id).requestAgent({ skills: ['biling'] }),
      () => engine.agent('ben').transfer(id, { skills: ['biling'] }, { note: 'for the others' }),
      () => engine.saveAgent({ id: 'zoe', skills: ['biling'] as Wrong }),
    ]
    for (const deed of deeds) {
      const error = await deed().catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'SKILL_UNKNOWN', retryable: false })
      expect((error as MaitredError).path).toMatch(/skills$/)
      expect((error as MaitredError).hint).toMatch(/billing/)
    }
    await sim.advance(0)
    expect(await engine.conversations({ customerId: 'lou' })).toEqual([])
    expect(await engine.conversation(id).view()).toEqual(before)
  })

  test.each(['skills', 'preferredSkills'] as const)(
    'is reported when a plugin asks for it in `%s`, and what was asked for before holds',
    async (name) => {
      const requirements = { handler: (needs: Requirements) => ({ ...needs, [name]: ['biling'] }) }
      const guide = plugin({ hooks: { 'route:requirements': requirements } })
      const next = plugin({
        name: 'next',
        hooks: { 'route:requirements': (needs: Requirements) => ({ ...needs, priority: 2 }) },
      })
      await using sim = simulate({ ...options, plugins: [guide, next] })
      const kim = sim.customer('kim')
      await kim.says('a person, please')
      await sim.agent('ben').isOffered(kim)
      expect((await sim.engine.conversation(kim.conversationId).view()).requirements).toEqual({
        skills: [],
        priority: 2,
      })
      expect(sim.pluginFailures).toMatchObject([
        { plugin: 'loyalty', hook: 'route:requirements', why: 'invalid', error: { code: 'SKILL_UNKNOWN' } },
      ])
    },
  )

  test('is one like any other when none were declared', async () => {
    await using sim = simulate({ agents: [{ id: 'ana', skills: ['biling'] }] })
    const ana = sim.agent('ana')
    await sim.advance(0)
    const kim = await sim.engine.openConversation({ customer: { id: 'kim' }, skills: ['biling'] })
    await kim.requestAgent()
    await sim.advance(0)
    expect(ana.load).toBe(1)
  })
})

describe('a plugin', () => {
  test.each(['', 'Loyalty', 'loyalty_points', '-loyalty', 'loyalty-', 'a--b', '7up', 'x'.repeat(65), 'löyalty', 7])(
    'called `%s` is refused',
    (name) => {
      expectRefused(engineWith(plugin({ name })), {
        code: 'CONFIG_INVALID',
        path: 'plugins[0].name',
        hint: /opening-hours/,
      })
    },
  )

  test.each(['a', 'csat', 'opening-hours', 'level-2', 'x'.repeat(64)])('may be called `%s`', (name) => {
    expect(engineWith(plugin({ name }))).not.toThrow()
  })

  test('P35: whose name another has is refused', () => {
    expectRefused(engineWith(plugin(), plugin({ name: 'other' }), plugin()), {
      code: 'PLUGIN_DUPLICATE',
      path: 'plugins[2]',
      message: /`loyalty`/,
    })
  })

  test('P35: that needs one which is not there is refused, and takes it in any place', () => {
    const crm = definePlugin({ name: 'crm', version: '1.0.0' })
    const needy = plugin({ requires: [crm] })
    expectRefused(engineWith(needy), {
      code: 'PLUGIN_MISSING',
      path: 'plugins.loyalty.requires',
      message: /`crm`/,
      hint: /plugins/,
    })
    expectRefused(engineWith(plugin({ requires: [{ name: 'crm' }] })), {
      code: 'PLUGIN_MISSING',
      path: 'plugins.loyalty.requires',
    })
    expect(engineWith(needy, crm())).not.toThrow()
  })

  const strangers: readonly (readonly [string, unknown, RegExp])[] = [
    ['the factory that was not called', definePlugin({ name: 'loyalty', version: '1.0.0' }), /\[myPlugin\(\)\]/],
    ['a plain object', { name: 'loyalty', version: '1.0.0' }, /definePlugin/],
    ['a name', 'loyalty', /definePlugin/],
    ['nothing', undefined, /definePlugin/],
    ['null', null, /definePlugin/],
  ]
  test.each(strangers)('that is %s is refused', (_what, stranger, hint) => {
    expectRefused(engineWith(plugin({ name: 'first' }), stranger), { code: 'CONFIG_INVALID', path: 'plugins[1]', hint })
  })

  test('whose configuration does not fit is refused where it is written', () => {
    const crm = definePlugin({
      name: 'crm',
      version: '1.0.0',
      config: z.object({ url: z.url(), retries: z.number().optional() }),
    })
    for (const config of [undefined, {}, { url: 'no address' }, { url: 'https://example.org', retries: 'many' }])
      expectRefused(() => crm(config as Wrong), { code: 'CONFIG_INVALID', path: 'plugins.crm', hint: /`crm`/ })
    expect(() => crm({ url: 'https://example.org' })).not.toThrow()
  })

  test('whose state does not accept `{}` is refused where it is defined', () => {
    const define = (state: z.ZodType) => () => definePlugin({ name: 'loyalty', version: '1.0.0', state } as Wrong)
    const refused = { code: 'CONFIG_INVALID', path: 'plugins.loyalty.state', hint: /default/, message: /tier/ } as const
    expectRefused(define(z.object({ tier: z.string() })), refused)
    expect(define(z.object({ tier: z.string().default('none') }))).not.toThrow()
    const slow = z.object({}).refine(() => Promise.resolve(true), 'tier')
    expect(() => define(slow)()).toThrow(/./)
  })

  const misshapen: readonly (readonly [string, object, string, RegExp])[] = [
    ['a misspelt part', { hook: {} }, 'plugins.loyalty.hook', /Did you mean `hooks`/],
    ['steps in a list', { steps: [] }, 'plugins.loyalty.steps', /./],
    ['hooks in a list', { hooks: [] }, 'plugins.loyalty.hooks', /./],
    ['a timer that is no function', { timers: { wake: 3 } }, 'plugins.loyalty.timers.wake', /./],
    ['a migration that is no function', { migrations: [3] }, 'plugins.loyalty.migrations[0]', /./],
    ['one migration without a list', { migrations: () => ({}) }, 'plugins.loyalty.migrations', /./],
    ['a setup that is no function', { setup: {} }, 'plugins.loyalty.setup', /./],
    ['one requirement without a list', { requires: () => undefined }, 'plugins.loyalty.requires', /./],
    ['a state that is no schema', { state: { tier: 'none' } }, 'plugins.loyalty.state', /z\.object/],
    ['records that are no schema', { records: { total: 3 } }, 'plugins.loyalty.records', /z\.object/],
    ['a configuration that is no schema', { config: { url: 'x' } }, 'plugins.loyalty.config', /z\.object/],
  ]
  test.each(misshapen)('with %s is refused where it is defined', (_what, about, path, hint) => {
    expectRefused(() => plugin(about), { code: 'CONFIG_INVALID', path, hint })
  })

  test('that is nothing at all is refused where it is defined', () => {
    expectRefused(() => definePlugin(undefined as Wrong), { code: 'CONFIG_INVALID', path: 'plugins.unnamed' })
  })

  test('whose setup returns a promise is refused by name, whatever comes of the promise', async () => {
    const rejections: unknown[] = []
    const note = (error: unknown): void => void rejections.push(error)
    process.on('unhandledRejection', note)
    for (const setup of [() => Promise.resolve({}), () => Promise.reject(new Error('too late'))]) {
      expectRefused(engineWith(plugin({ setup })), {
        code: 'CONFIG_INVALID',
        path: 'plugins.loyalty.setup',
        message: /`loyalty` has returned a promise/,
      })
    }
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(rejections).toEqual([])
  })

  test('whose setup throws is refused by name, with the cause', () => {
    const cause = new Error('no key in the environment')
    const broken = plugin({
      setup: () => {
        throw cause
      },
    })
    const error = thrownBy(engineWith(broken))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', path: 'plugins.loyalty', cause })
    expect(error.message).toMatch(/`loyalty`.*setup/)
  })
})

describe('a hook', () => {
  test.each([
    ['before:enqeue', 'before:enqueue'],
    ['after:closed', 'after:close'],
    ['beforeEnqueue', 'before:enqueue'],
    ['Before:Close', 'before:close'],
    ['message:inn', 'message:in'],
    ['bot:anwser', 'bot:answer'],
    ['before:transfert', 'before:transfer'],
    ['customer:contxt', 'customer:context'],
  ])('called `%s` is refused, and `%s` suggested', (name, meant) => {
    expect(nearest(name, HOOK_NAMES)).toBe(meant)
    expectRefused(engineWith(plugin({ hooks: { [name]: () => undefined } })), {
      code: 'CONFIG_INVALID',
      path: `plugins.loyalty.hooks['${name}']`,
      message: `\`${name}\``,
      hint: `Did you mean \`${meant}\`?`,
    })
  })

  test.each(['xyzzy', 'constructor', '__proto__x', ''])('called `%s` is refused with the form of a name', (name) => {
    expectRefused(engineWith(plugin({ hooks: { [name]: () => undefined } })), {
      code: 'CONFIG_INVALID',
      path: `plugins.loyalty.hooks['${name}']`,
      hint: /before/,
    })
  })

  test.each([...HOOK_NAMES])('may be called `%s`', (name) => {
    expect(engineWith(plugin({ hooks: { [name]: () => undefined } }))).not.toThrow()
  })

  const wrong: readonly (readonly [string, unknown])[] = [
    ['a text', 'veto'],
    ['null', null],
    ['undefined', undefined],
    ['an object without a handler', { order: 'pre' }],
    ['an object whose handler is no function', { handler: 'veto' }],
    ['an unknown order', { order: 'first', handler: () => undefined }],
    ['an unknown answer to failure', { onFailure: 'ignore', handler: () => undefined }],
  ]
  test.each(wrong)('that is %s is refused', (_what, hook) => {
    expectRefused(engineWith(plugin({ hooks: { 'before:close': hook } })), {
      code: 'CONFIG_INVALID',
      path: "plugins.loyalty.hooks['before:close']",
      hint: /handler/,
    })
  })

  test.each([
    ['onFail', 'handler, order, timeout, onFailure'],
    ['onfailure', 'onFailure'],
    ['oder', 'order'],
    ['timeuot', 'timeout'],
  ])('with a misspelt `%s` is refused, and `%s` named: it would let pass what it was to stop', (name, meant) => {
    const hook = { [name]: 'veto', handler: () => undefined }
    expectRefused(engineWith(plugin({ hooks: { 'before:transfer': hook } })), {
      code: 'CONFIG_INVALID',
      path: `plugins.loyalty.hooks['before:transfer'].${name}`,
      hint: meant,
    })
  })

  test('may name a transition that a fact makes, to look at it', () => {
    for (const name of ['abandon', 'expire', 'block', 'rate'] satisfies readonly TransitionName[])
      expect(engineWith(plugin({ hooks: { [`before:${name}`]: () => undefined } }))).not.toThrow()
  })
})

describe('a step', () => {
  const wrong: readonly (readonly [string, object, string])[] = [
    ['without an id', { id: undefined }, 'steps.undefined'],
    ['with an empty id', { id: '' }, 'steps.'],
    ['with a blank in its id', { id: 'order number' }, 'steps.order number'],
    ['with a dot in its id', { id: 'order.number' }, 'steps.order.number'],
    ['with an id that begins with a digit', { id: '1st' }, 'steps.1st'],
    ['with an id of 65 characters', { id: 'x'.repeat(65) }, `steps.${'x'.repeat(65)}`],
    ['in a slot that does not exist', { slot: 'greeting' }, 'steps'],
    ['in no slot', { slot: undefined }, 'steps'],
    ['with no attempt', { attempts: 0 }, 'steps.order.attempts'],
    ['with half an attempt', { attempts: 1.5 }, 'steps.order.attempts'],
    ['with endless attempts', { attempts: Number.POSITIVE_INFINITY }, 'steps.order.attempts'],
    ['without a question', { ask: undefined }, 'steps.order.ask'],
    ['without a schema for the reply', { reply: undefined }, 'steps.order.reply'],
    ['with a reply that is no schema', { reply: 'text' }, 'steps.order.reply'],
    ['that accepts nothing', { accept: undefined }, 'steps.order.accept'],
    ['with choices that are only labels', { choices: ['yes', 'no'] }, 'steps.order.choices'],
    ['with one choice that is no list', { choices: { id: 'yes', label: 'Yes' } }, 'steps.order.choices'],
    ['that asks again by a function', { again: () => 'Again?' }, 'steps.order.again'],
    ['with a condition that is none', { when: true }, 'steps.order.when'],
    ['with a misspelt part', { attempt: 3 }, 'steps.order.attempt'],
  ]
  test.each(wrong)('%s is refused', (_what, about, at) => {
    expectRefused(engineWith(plugin({ steps: () => [step(about)] })), {
      code: 'CONFIG_INVALID',
      path: `plugins.loyalty.${at}`,
    })
  })

  test.each([
    ['none is declared but one', () => step()],
    ['what is declared is no step', () => ['order']],
    [
      'declaring them throws',
      () => {
        throw new RangeError('no')
      },
    ],
  ])('is refused when %s', (_what, steps) => {
    expectRefused(engineWith(plugin({ steps })), { code: 'CONFIG_INVALID', path: 'plugins.loyalty.steps' })
  })

  test('whose id another has in the same slot is refused, with both plugins named', () => {
    const other = plugin({ name: 'other', steps: () => [step()] })
    expectRefused(engineWith(plugin({ steps: () => [step()] }), other), {
      code: 'CONFIG_INVALID',
      path: 'plugins.other.steps',
      message: /`loyalty`.*`other`/,
    })
    expectRefused(engineWith(plugin({ steps: () => [step(), step()] })), {
      code: 'CONFIG_INVALID',
      path: 'plugins.loyalty.steps',
    })
    expectRefused(engineWith(plugin({ steps: () => [step({ slot: 'closing', id: 'rating' })] })), {
      code: 'CONFIG_INVALID',
      path: 'plugins.loyalty.steps',
      message: /`maitred`/,
    })
    expect(engineWith(plugin({ steps: () => [step(), step({ slot: 'closing' })] }))).not.toThrow()
  })
})
