import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { HOOK_NAMES } from '../../src/core/hooks/hook-table.ts'
import { definePlugin, type HookContext, isMaitredError, type Plugin } from '../../src/index.ts'
import { isContext, passOn, tourOf, UNCALLED } from './led-past.ts'
import { openStage, type Stage, TOURS } from './tours.ts'

const HOOKS = HOOK_NAMES.filter((hook) => !UNCALLED.includes(hook))

/** As far as the plugin lets it go; then whatever time brings. The invariants are looked at after every verb. */
async function leadToEnd(hook: string, plugin: Plugin): Promise<Stage> {
  const stage = await openStage([plugin])
  await TOURS[tourOf(hook)](stage).catch(() => undefined)
  await stage.does((talk) => talk.say('Is anybody there?')).catch(() => undefined) // it may be over
  await stage.waits('4d')
  return stage
}

async function isOver(stage: Stage): Promise<void> {
  expect((await stage.talk.view()).phase).toBe('closed')
  const agents = await stage.store.agents()
  expect(agents.map(({ units }) => units)).toEqual(agents.map(() => 0))
  expect(await stage.store.waiting()).toEqual([])
  expect(await stage.store.health()).toEqual({ ok: true, outboxCount: 0 })
}

/** Says, tells, remembers and wakes at every opportunity, and at all that comes of it. */
function restless(hook: string): Plugin {
  const act = (ctx: HookContext): void => {
    ctx.say('And another thing.')
    ctx.emit?.('thing', {}) // not after the commit
    ctx.setState?.({ thingCount: Number((ctx.state as { thingCount?: number }).thingCount ?? 0) + 1 })
    ctx.schedule?.('wake', 0)
  }
  return definePlugin({
    name: 'restless',
    version: '1.0.0',
    state: z.object({ thingCount: z.number().default(0) }),
    timers: { wake: (ctx) => act(ctx as unknown as HookContext) },
    hooks: {
      [hook]: (...args: readonly unknown[]) => {
        const ctx = args.at(-1)
        if (isContext(ctx)) act(ctx as HookContext)
        return passOn(...args)
      },
    },
  })()
}

/** Says no wherever a plugin can. */
function contrary(hook: string): Plugin {
  const ways: Readonly<Record<string, unknown>> = {
    'message:in': null,
    'message:out': null,
    'knowledge:rank': [],
    'closing:steps': [],
    'bot:answer': undefined,
  }
  return definePlugin({
    name: 'contrary',
    version: '1.0.0',
    hooks: {
      [hook]: (...args: readonly unknown[]) => {
        const ctx = args.at(-1)
        if (hook.startsWith('before:')) (ctx as { veto(reason: string): void }).veto('no')
        return hook in ways ? ways[hook] : passOn(...args)
      },
    },
  })()
}

describe('P33: a plugin that sets itself off', () => {
  test.each(HOOKS)('in `%s` is stopped, and the conversation comes to its end', async (hook) => {
    const stage = await leadToEnd(hook, restless(hook))
    await isOver(stage)
    expect((await stage.words()).filter((words) => words.includes('another thing')).length).toBeLessThan(200)
    expect(stage.sim.pluginFailures.every(({ error }) => isMaitredError(error, 'PLUGIN_LOOP'))).toBe(true)
    if (!hook.startsWith('after:') && hook !== 'bot:answer' && hook !== 'desk:advice')
      expect(stage.sim.pluginFailures).not.toEqual([]) // its timer never rests
  })

  test('with a timer that sets itself anew at once is stopped at depth 8, and can be set again later', async () => {
    let count = 0
    const restless = definePlugin({
      name: 'restless',
      version: '1.0.0',
      timers: {
        wake: (ctx) => {
          count += 1
          ctx.schedule('wake', '10ms')
        },
      },
      hooks: { 'before:*': (ctx) => ctx.schedule('wake', 0) },
    })
    const stage = await openStage([restless()])
    await stage.waits('2m')
    expect(count).toBe(9)
    expect(stage.sim.pluginFailures).toMatchObject([
      { plugin: 'restless', hook: 'timers.wake', why: 'invalid', error: { code: 'PLUGIN_LOOP' } },
    ])
    await stage.does((talk) => talk.say('what is your name?'))
    await stage.waits('1s')
    expect(count).toBe(18)
  })

  test('with a timer that comes now and then may go on for ever', async () => {
    let count = 0
    const patient = definePlugin({
      name: 'patient',
      version: '1.0.0',
      timers: {
        wake: (ctx) => {
          count += 1
          ctx.schedule('wake', count % 2 === 0 ? '1h' : '500ms')
        },
      },
      hooks: { 'before:greet': (ctx) => ctx.schedule('wake', '1h') },
    })
    const stage = await openStage([patient()])
    await stage.waits('2d')
    expect(count).toBe(94)
    expect(stage.sim.pluginFailures).toEqual([])
  })
})

describe('a plugin that says no to everything', () => {
  test.each(HOOKS)(
    'in `%s` cannot keep a conversation from its end, nor a seat from being free again',
    async (hook) => {
      const stage = await leadToEnd(hook, contrary(hook))
      await isOver(stage)
      const wrote = (await stage.words()).filter((words) => words.startsWith('customer')).length
      if (hook !== 'message:in') expect(wrote).toBeGreaterThan(0) // what the customer writes is kept all the same
      for (const failure of stage.sim.pluginFailures)
        expect(failure).toMatchObject({
          plugin: 'contrary',
          hook,
          why: expect.stringMatching(/invalid|threw/) as string,
        })
    },
  )
})
