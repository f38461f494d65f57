import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin, type Json, MaitredError } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { migrateState, simulate } from '../../src/testing/index.ts'

const KIB = 1_024

/** Puts one record before the customer is queued, and another thing beside it; and from outside. */
const keeper = (key: string, value: Json) =>
  definePlugin({
    name: 'keeper',
    version: '1.0.0',
    state: z.object({ count: z.number().default(0) }),
    setup: (host) => ({ put: (name: string, given: Json) => host.records.put(name, given) }),
    hooks: {
      'before:enqueue': (ctx) => {
        ctx.say('I take note of that.')
        ctx.setState({ count: 1 })
        ctx.records.put('first', 1)
        ctx.records.put(key, value)
      },
    },
  })

/** A text that is so many bytes long as JSON. */
const textOf = (byteCount: number): string => 'x'.repeat(byteCount - 2)

const cyclic: { self?: unknown } = {}
cyclic.self = cyclic

describe('a record of a plugin', () => {
  const wrongs: readonly (readonly [string, string, unknown, string])[] = [
    ['over 64 KiB', 'notes', textOf(64 * KIB + 1), 'MESSAGE_TOO_LARGE'],
    ['over 64 KiB in bytes, though not in characters', 'notes', 'é'.repeat(33 * KIB), 'MESSAGE_TOO_LARGE'],
    ['under a key of more than 256 characters', 'k'.repeat(257), 1, 'CONFIG_INVALID'],
    ['under an empty key', '', 1, 'CONFIG_INVALID'],
    ['under a key that is no text', 7 as never, 1, 'CONFIG_INVALID'],
    ['that is no JSON', 'notes', () => 1, 'CONFIG_INVALID'],
    ['that refers to itself', 'notes', cyclic, 'CONFIG_INVALID'],
    ['that holds a number without a form', 'notes', { count: 1n }, 'CONFIG_INVALID'],
  ]

  test.each(wrongs)('%s is refused in a hook, and nothing is half written', async (_what, key, value, code) => {
    const plugin = keeper(key, value as Json)
    const store = memoryStore()
    await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [plugin()], store })
    const kim = sim.customer('kim')
    await kim.says('a person, please')
    await sim.agent('ana').isOffered(kim) // the conversation goes on
    const error = { code, path: 'plugins.keeper.records' }
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'keeper', hook: 'before:enqueue', why: 'threw', error }])
    expect((sim.pluginFailures[0]?.error as MaitredError).hint).not.toBe('')
    const tenant = await store.open('')
    expect(await tenant.record('keeper', 'first')).toBeUndefined()
    expect(await tenant.record('keeper', key)).toBeUndefined()
    expect((await tenant.load(kim.conversationId)).row?.snapshot.plugins).toEqual({})
    expect(kim.messages.map(({ text }) => text)).not.toContain('I take note of that.')
  })

  test.each(wrongs)('%s is refused outside of a turn, with a rejection', async (_what, key, value, code) => {
    const plugin = keeper('unused', 1)
    const store = memoryStore()
    await using sim = simulate({ plugins: [plugin()], store })
    await sim.advance(0)
    const refused = expect.objectContaining({ code, path: 'plugins.keeper.records' }) as Error
    await expect(sim.engine.plugin(plugin).put(key, value as Json)).rejects.toEqual(refused)
    expect(await (await store.open('')).record('keeper', key)).toBeUndefined()
  })

  test('of 64 KiB, under a key of 256 characters, is kept', async () => {
    const plugin = keeper('unused', 1)
    const store = memoryStore()
    await using sim = simulate({ plugins: [plugin()], store })
    await sim.advance(0)
    const [key, value] = ['k'.repeat(256), textOf(64 * KIB)]
    await sim.engine.plugin(plugin).put(key, value)
    expect(await (await store.open('')).record('keeper', key)).toEqual({ value, version: 1 })
  })

  test('is kept as JSON, whatever the store', async () => {
    const plugin = keeper('unused', 1)
    const store = memoryStore()
    await using sim = simulate({ plugins: [plugin()], store })
    await sim.advance(0)
    await sim.engine.plugin(plugin).put('when', { at: new Date(0), gone: undefined } as never)
    expect(await (await store.open('')).record('keeper', 'when')).toEqual({
      value: { at: '1970-01-01T00:00:00.000Z' },
      version: 1,
    })
  })
})

describe('a migration', () => {
  const plugin = definePlugin({
    name: 'notes',
    version: '2.0.0',
    state: z.object({ count: z.number().default(0) }),
    migrations: [
      (old) => ({ count: old['amount'] }),
      (old) => {
        if (old['count'] === undefined) throw new RangeError('there is no count')
        return old
      },
    ],
    setup: (host) => ({ countOf: async (id: string) => (await host.stateOf(id)).count }),
    hooks: { 'before:enqueue': (ctx) => ctx.say(`Counted ${ctx.state.count}.`) },
  })
  const broken = {
    code: 'SNAPSHOT_INVALID',
    path: 'plugins.notes.migrations[1]',
    hint: expect.stringContaining('migrateState') as string,
    message: expect.stringContaining('from version 1 threw `RangeError: there is no count`') as string,
  }

  test('that throws is named by `migrateState`', () => {
    const refused = expect.objectContaining(broken) as Error
    expect(() => migrateState(plugin(), { version: 0, state: {} })).toThrow(refused)
    expect(() => migrateState(plugin(), { version: 1, state: {} })).toThrow(refused)
    expect(migrateState(plugin(), { version: 0, state: { amount: 3 } })).toEqual({ count: 3 })
  })

  test('whose result does not fit the schema is named as the state', () => {
    const refused = expect.objectContaining({ code: 'SNAPSHOT_INVALID', path: 'plugins.notes.state' }) as Error
    expect(() => migrateState(plugin(), { version: 0, state: { amount: 'three' } })).toThrow(refused)
  })

  test('that throws in a conversation is reported, strands nobody, and rejects whoever asks for the state', async () => {
    const before = definePlugin({
      name: 'notes',
      version: '1.0.0',
      state: z.object({ total: z.number().default(0) }),
      hooks: { 'before:greet': (ctx) => ctx.setState({ total: 7 }) },
    })
    const store = memoryStore()
    await using old = simulate({ plugins: [before()], store })
    await old.customer('kim').says('hello')
    await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [plugin()], store })
    const kim = sim.customer('kim')
    await kim.says('a person, please')
    await kim.sees('Counted 0.') // as in a new conversation
    await sim.agent('ana').isOffered(kim)
    expect(sim.pluginFailures).not.toEqual([])
    for (const failure of sim.pluginFailures)
      expect(failure).toMatchObject({ plugin: 'notes', hook: 'state', why: 'invalid', error: broken })
    await expect(sim.engine.plugin(plugin).countOf(kim.conversationId)).rejects.toMatchObject(broken)
    const { row } = await (await store.open('')).load(kim.conversationId)
    expect(row?.snapshot.plugins).toEqual({ notes: { version: 0, state: { total: 7 } } }) // what was stored is left alone
  })
})

describe('a state that does not accept `{}`', () => {
  const schemas: Readonly<Record<string, unknown>> = {
    'because a field has no default': z.object({ count: z.number() }),
    'because it is no object': z.string(),
    'because it is never content': z.never(),
    'because it keeps one waiting': z.object({}).refine(() => Promise.resolve(true)),
    'because it throws': {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('a fault on purpose')
        },
      },
    },
  }

  test.each(Object.keys(schemas))('%s, is refused where the plugin is defined', (why) => {
    const refused = expect.objectContaining({
      code: 'CONFIG_INVALID',
      path: 'plugins.careless.state',
      hint: 'Give every field a default, or make it optional.',
    }) as Error
    expect(() => definePlugin({ name: 'careless', version: '1.0.0', state: schemas[why] as z.ZodType })).toThrow(
      refused,
    )
  })
})

test('a patch that does not fit the schema of the state is told to the plugin, with a path', async () => {
  const thrown: unknown[] = []
  const careless = definePlugin({
    name: 'careless',
    version: '1.0.0',
    state: z.object({ count: z.number().default(0) }),
    hooks: {
      'before:enqueue': (ctx) => {
        try {
          ctx.setState({ count: 'many' as never })
        } catch (error) {
          thrown.push(error)
        }
      },
    },
  })
  await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [careless()] })
  await sim.customer('kim').says('a person, please')
  expect(thrown).toMatchObject([{ code: 'CONFIG_INVALID', path: 'plugins.careless.state' }])
  expect(thrown[0]).toBeInstanceOf(MaitredError)
})
