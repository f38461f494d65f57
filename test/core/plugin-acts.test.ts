import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { assemble } from '../../src/assemble.ts'
import { HOOK_NAMES } from '../../src/core/hooks/hook-table.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import { definePlugin, type HookContext, type Plugin } from '../../src/index.ts'
import { createVirtualClock } from '../../src/testing/index.ts'
import { openStage, type Stage, TOURS } from './tours.ts'

type AnyContext = HookContext<{ config: unknown; state: { count: number }; api: unknown }>

const countState = z.object({ count: z.number().int().default(0) })

/** A plugin with a state, a timer and one hook. */
function actor(hook: string, act: (ctx: AnyContext) => unknown): Plugin {
  return definePlugin({
    name: 'actor',
    version: '1.0.0',
    state: countState,
    timers: { wake: (ctx) => ctx.say('I am awake.') },
    hooks: {
      [hook]: (...args: readonly unknown[]) => {
        const [first, second] = args
        const acted = act((second ?? first) as AnyContext)
        const handedOn = typeof first === 'string' ? { text: 'Here you are.' } : first // a question is answered
        const passedOn = second === undefined ? undefined : handedOn
        return acted instanceof Promise ? acted.then(() => passedOn) : passedOn
      },
    },
  })()
}

function actAll(ctx: AnyContext): void {
  ctx.say('I am here.')
  ctx.setState({ count: ctx.state.count + 1 })
  ctx.schedule('wake', '1m')
  ctx.emit('acted', { count: ctx.state.count })
  ctx.records.put('acted', true)
}

async function tracesOf(stage: Stage): Promise<object> {
  const row = (await stage.store.load(stage.talk.id)).row
  return {
    said: (await stage.words()).filter((words) => words === 'bot: I am here.').length,
    state: row?.snapshot.plugins['actor']?.state,
    isScheduled: row?.snapshot.timers['plugin/actor/wake'] !== undefined,
    record: (await stage.store.record('actor', 'acted'))?.value,
  }
}

/** Led to a point at which the hook has been called once. */
async function lead(hook: string, act: (ctx: AnyContext) => unknown): Promise<{ stage: Stage; emitted: unknown[] }> {
  let [isOpen, isDone] = [false, false]
  const plugin = actor(hook, (ctx) => {
    if (isDone || !isOpen) return undefined
    isDone = true
    return act(ctx)
  })
  const emitted: unknown[] = []
  const stage = await openStage([plugin])
  stage.sim.engine.on('plugin.emitted', ({ name, data }) => emitted.push([name, data]))
  isOpen = true
  await stage.does((talk) => talk.identify({ id: 'kim', name: 'Kim' }))
  await stage.does((talk) => talk.say('where is my parcel?'))
  await stage.does((talk) => talk.say('a person, please'))
  await stage.agentDoes('accept')
  await stage.agentDoes('close')
  return { stage, emitted }
}

const ACTING = [
  'message:in',
  'message:out',
  'customer:context',
  'route:requirements',
  'knowledge:rank',
  'closing:steps',
  'bot:answer',
  'before:search',
  'before:accept',
]

describe('what a hook asks for', () => {
  test.each(ACTING)('in `%s` is kept with the turn', async (hook) => {
    const { stage, emitted } = await lead(hook, actAll)
    expect(stage.sim.pluginFailures).toEqual([])
    expect(await tracesOf(stage)).toEqual({ said: 1, state: { count: 1 }, isScheduled: true, record: true })
    expect(emitted).toEqual([['acted', { count: 1 }]])
  })

  test.each(ACTING)('in `%s` is dropped when it throws', async (hook) => {
    const { stage, emitted } = await lead(hook, (ctx) => {
      actAll(ctx)
      throw new Error('a fault on purpose')
    })
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'actor', hook, why: 'threw' }])
    expect(await tracesOf(stage)).toEqual(NO_TRACES)
    expect(emitted).toEqual([])
  })

  test.each(ACTING)('in `%s` is dropped when it rejects', async (hook) => {
    const { stage, emitted } = await lead(hook, (ctx) => {
      actAll(ctx)
      return Promise.reject(new Error('a fault on purpose'))
    })
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'actor', hook, why: 'threw' }])
    expect(await tracesOf(stage)).toEqual(NO_TRACES)
    expect(emitted).toEqual([])
  })

  test('is kept when another plugin fails beside it, before or after', async () => {
    const faulty = (name: string) =>
      definePlugin({
        name,
        version: '1.0.0',
        hooks: {
          'before:enqueue': (ctx) => {
            ctx.say('Half a word')
            throw new Error('a fault on purpose')
          },
        },
      })()
    const stage = await openStage([faulty('first'), actor('before:enqueue', actAll), faulty('last')])
    await stage.does((talk) => talk.say('a person, please'))
    expect(await tracesOf(stage)).toEqual({ said: 1, state: { count: 1 }, isScheduled: true, record: true })
    expect(await stage.words()).not.toContain('bot: Half a word')
    expect(stage.sim.pluginFailures.map(({ plugin }) => plugin)).toEqual(['first', 'last'])
  })

  test('after its time was up is dropped, and its veto too', async () => {
    const clock = createVirtualClock(0)
    const store = memoryStore()
    const gates = { late: openGate(), other: openGate() }
    const late = actor('before:requestAgent', async (ctx) => {
      await gates.late.opened
      actAll(ctx)
      ;(ctx as unknown as { veto(reason: string): void }).veto('too late')
    })
    const other = definePlugin({
      name: 'other',
      version: '1.0.0',
      hooks: { 'before:requestAgent': () => gates.other.opened },
    })
    const engine = assemble({ store, plugins: [late, other()] }, { clock, seed: 1, createId: () => 'c1' })
    const failures: unknown[] = []
    engine.on('plugin.failed', ({ plugin, why }) => failures.push([plugin, why]))
    await engine.start()
    const talk = await engine.openConversation({ customer: { id: 'kim' } })
    const asked = engine.dispatch({ type: 'agent.requested', conversationId: talk.id })
    await settled()
    while (clock.fireNext(2_000)) await settled()
    expect(failures).toEqual([['actor', 'timedOut']])
    gates.late.open()
    await settled()
    gates.other.open()
    expect(await asked).toMatchObject({ ok: true })
    const view = await talk.view()
    expect(view.transcript.map(({ text }) => text)).not.toContain('I am here.')
    const row = (await (await store.open('')).load('c1')).row
    expect(row?.snapshot.plugins).toEqual({})
    expect(Object.keys(row?.snapshot.timers ?? {})).not.toContain('plugin/actor/wake')
    await engine.stop({ within: 0 })
  })
})

const NO_TRACES = { said: 0, state: undefined, isScheduled: false, record: undefined }

describe('a plugin that asks for what cannot be', () => {
  const wrongs: readonly (readonly [string, (ctx: AnyContext) => void])[] = [
    ['a state of the wrong kind', (ctx) => ctx.setState({ count: 'many' } as never)],
    ['a state that is no number', (ctx) => ctx.setState({ count: Number.NaN })],
    ['a timer it has not', (ctx) => ctx.schedule('sleep', '1m')],
    ['a timer called like a built-in', (ctx) => ctx.schedule('constructor', '1m')],
    ['an impossible delay', (ctx) => ctx.schedule('wake', Number.NaN)],
    ['a delay before now', (ctx) => ctx.schedule('wake', -1)],
    ['a delay in words', (ctx) => ctx.schedule('wake', 'soon' as never)],
    ['words that are none', (ctx) => ctx.say(7 as never)],
    ['words that are empty', (ctx) => ctx.say(' ')],
    ['data that is no JSON', (ctx) => ctx.emit('acted', (() => 1) as never)],
    ['a record that is no JSON', (ctx) => ctx.records.put('acted', (() => 1) as never)],
    ['a plugin that is not installed', (ctx) => ctx.plugin(definePlugin({ name: 'crm', version: '1.0.0' }))],
    ['another conversation', (ctx) => Object.assign(ctx.conversation, { id: 'c2' })],
    ['another state, by hand', (ctx) => Object.assign(ctx.state, { count: 7 })],
  ]

  test.each(wrongs)('(%s) is told at once, reported, and changes nothing', async (_what, act) => {
    let thrown: unknown
    const { stage, emitted } = await lead('before:requestAgent', (ctx) => {
      ctx.setState({ count: 5 })
      try {
        act(ctx)
      } catch (error) {
        thrown = error
        throw error
      }
    })
    expect(thrown).toBeInstanceOf(Error)
    expect(stage.sim.pluginFailures).toMatchObject([
      { plugin: 'actor', hook: 'before:requestAgent', why: 'threw', error: thrown },
    ])
    expect(await tracesOf(stage)).toEqual(NO_TRACES)
    expect(emitted).toEqual([])
    expect((await stage.talk.view()).phase).toBe('closing')
  })

  test('may catch what it is told, and go on', async () => {
    const { stage } = await lead('before:requestAgent', (ctx) => {
      expect(() => ctx.setState({ count: 'many' } as never)).toThrow(/count/)
      expect(() => ctx.schedule('sleep', '1m')).toThrow(/timers/)
      actAll(ctx)
    })
    expect(stage.sim.pluginFailures).toEqual([])
    expect(await tracesOf(stage)).toEqual({ said: 1, state: { count: 1 }, isScheduled: true, record: true })
  })
})

describe('a record', () => {
  const counter = (read: 'fresh' | 'stale') => {
    let meddle: (() => Promise<unknown>) | undefined
    const plugin = definePlugin({
      name: 'counter',
      version: '1.0.0',
      hooks: {
        'before:requestAgent': async (ctx) => {
          const known = await ctx.records.get('total')
          const total = typeof known?.value === 'number' ? known.value : 0
          ctx.records.put('total', total + 1, { ifVersion: read === 'fresh' ? (known?.version ?? 0) : 7 })
          await meddle?.()
          meddle = undefined
        },
      },
    })
    return {
      plugin: plugin(),
      onFirstCall: (deed: () => Promise<unknown>) => (meddle = deed),
    }
  }

  test('that somebody else has changed meanwhile is read again, and nothing is lost', async () => {
    const { plugin, onFirstCall } = counter('fresh')
    const stage = await openStage([plugin])
    onFirstCall(async () => stage.store.putRecord({ plugin: 'counter', key: 'total', value: 10 }))
    await stage.does((talk) => talk.say('a person, please'))
    expect(stage.receipts).toMatchObject([{ ok: true, phase: 'waiting' }])
    expect(await stage.store.record('counter', 'total')).toEqual({ value: 11, version: 2 })
    const said = (await stage.words()).filter((words) => words.startsWith('customer'))
    expect(said).toEqual(['customer: a person, please'])
    expect(stage.sim.pluginFailures).toEqual([])
  })

  test('is updated in one go, several times in a turn, and again when somebody else was first', async () => {
    let meddle: (() => Promise<unknown>) | undefined
    const add = (value: unknown): number => (typeof value === 'number' ? value : 0) + 1
    const plugin = definePlugin({
      name: 'counter',
      version: '1.0.0',
      hooks: {
        'before:requestAgent': async (ctx) => {
          await ctx.records.update('total', add)
          await ctx.records.update('total', add)
          await meddle?.()
          meddle = undefined
        },
        'before:enqueue': (ctx) => ctx.records.update('total', add),
      },
    })
    const stage = await openStage([plugin()])
    meddle = async () => stage.store.putRecord({ plugin: 'counter', key: 'total', value: 10 })
    await stage.does((talk) => talk.say('a person, please'))
    expect(await stage.store.record('counter', 'total')).toEqual({ value: 13, version: 2 })
    expect(stage.sim.pluginFailures).toEqual([])
  })

  test('that is put at a version it never has is reported, and loses no message', async () => {
    const { plugin } = counter('stale')
    const stage = await openStage([plugin])
    await stage.does((talk) => talk.say('a person, please'))
    expect(await stage.words()).toContain('customer: a person, please')
    expect((await stage.talk.view()).phase).toBe('waiting')
    expect(await stage.store.record('counter', 'total')).toBeUndefined()
    expect(stage.sim.pluginFailures).not.toEqual([])
    for (const failure of stage.sim.pluginFailures) expect(failure).toMatchObject({ plugin: 'counter', why: 'invalid' })
  })

  test('that somebody else has changed while a conversation opens does not keep it from opening', async () => {
    let isFirst = true
    const welcome = definePlugin({
      name: 'welcome',
      version: '1.0.0',
      hooks: {
        'before:greet': async (ctx) => {
          const known = await ctx.records.get('visits')
          ctx.records.put('visits', 1, { ifVersion: isFirst ? 7 : (known?.version ?? 0) })
          isFirst = false
        },
      },
    })
    const stage = await openStage([welcome()])
    expect((await stage.talk.view()).phase).toBe('helping')
    expect(await stage.store.record('welcome', 'visits')).toEqual({ value: 1, version: 1 })
  })

  test('is typed by the schema of its plugin, in a hook and outside', async () => {
    const tally = definePlugin({
      name: 'tally',
      version: '1.0.0',
      records: z.object({ total: z.number() }),
      setup: (host) => ({
        total: async (): Promise<number | undefined> => (await host.records.get('all'))?.value.total,
      }),
      hooks: {
        'before:requestAgent': (ctx) => ctx.records.update('all', (known) => ({ total: (known?.total ?? 0) + 1 })),
        'before:accept': async (ctx) => {
          const known = await ctx.records.get('all')
          const total: number = known?.value.total ?? 0
          // @ts-expect-error: a text is no number
          if (total < 0) ctx.records.put('all', { total: 'many' })
          ctx.say(`You are number ${total}.`)
        },
      },
    })
    const stage = await openStage([tally()])
    await stage.does((talk) => talk.say('a person, please'))
    await stage.agentDoes('accept')
    expect(await stage.sim.engine.plugin(tally).total()).toBe(1)
    expect((await stage.talk.view()).transcript.map(({ text }) => text)).toContain('You are number 1.')
  })

  test('that does not fit the schema of its plugin is refused, in a hook and outside', async () => {
    const notes = definePlugin({
      name: 'notes',
      version: '1.0.0',
      records: z.object({ text: z.string() }),
      setup: (host) => ({ put: (value: never) => host.records.put('note', value) }),
      hooks: {
        'before:requestAgent': (ctx) => ctx.records.put('note', { text: 7 as never }),
        'before:accept': (ctx) => ctx.records.put('note', { text: 'seven' }),
      },
    })
    const stage = await openStage([notes()])
    await stage.does((talk) => talk.say('a person, please'))
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'notes', hook: 'before:requestAgent', why: 'threw' }])
    expect(await stage.store.record('notes', 'note')).toBeUndefined()
    await stage.agentDoes('accept')
    expect(await stage.store.record('notes', 'note')).toMatchObject({ value: { text: 'seven' } })
    const { put } = stage.sim.engine.plugin(notes)
    await expect(put({ text: 7 } as never)).rejects.toThrow(/text/)
    expect(await stage.store.record('notes', 'note')).toMatchObject({ value: { text: 'seven' } })
  })
})

describe('the state of a plugin', () => {
  test('that is stored in a way it cannot read any more is reported, and begins anew', async () => {
    const stage = await openStage([actor('before:requestAgent', (ctx) => ctx.setState({ count: ctx.state.count + 1 }))])
    const { row } = await stage.store.load(stage.talk.id)
    if (row === undefined) throw new Error('there is no conversation')
    const plugins = { actor: { version: 0, state: { count: 'many' } } }
    await stage.store.commit({
      id: row.id,
      expect: row.version,
      at: stage.sim.now,
      row: { ...row, snapshot: { ...row.snapshot, plugins } },
      entries: [],
      nextDueAt: Math.min(...Object.values(row.snapshot.timers).map(({ dueAt }) => dueAt)),
      slots: [],
      records: [],
      outbox: [],
    })
    await stage.does((talk) => talk.say('a person, please'))
    expect(stage.sim.pluginFailures).not.toEqual([])
    for (const failure of stage.sim.pluginFailures)
      expect(failure).toMatchObject({ plugin: 'actor', hook: 'state', why: 'invalid' })
    expect((await stage.store.load(row.id)).row?.snapshot.plugins).toMatchObject({ actor: { state: { count: 1 } } })
  })

  test('of one plugin is out of reach of the others', async () => {
    const seen: unknown[] = []
    const spy = definePlugin({
      name: 'spy',
      version: '1.0.0',
      state: z.object({ secret: z.string().default('') }),
      hooks: { 'before:offer': (ctx) => void seen.push(ctx.state) },
    })
    const stage = await openStage([actor('before:requestAgent', (ctx) => ctx.setState({ count: 5 })), spy()])
    await TOURS.missed(stage)
    expect(seen[0]).toEqual({ secret: '' })
  })
})

test('every hook that acts is one of the table', () => {
  for (const hook of ACTING) expect(HOOK_NAMES).toContain(hook)
})

function openGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
