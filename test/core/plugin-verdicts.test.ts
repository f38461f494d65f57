import { describe, expect, test } from 'vitest'
import type { Commit } from '../../src/core/ports.ts'
import { TRANSITION_NAMES } from '../../src/core/transitions.ts'
import {
  definePlugin,
  isMaitredError,
  type Observation,
  type Plugin,
  type RedirectTarget,
  type TransitionName,
} from '../../src/index.ts'
import { openStage, type Stage, TOUR_OF, TOURS } from './tours.ts'

interface Judge {
  say(text: string): void
  veto(reason: string): void
  redirect(to: RedirectTarget, why: { reason: string; say?: string }): void
  readonly transition: TransitionName
}

/** A plugin that judges one transition, whatever its type says. */
function judging(name: string, transition: TransitionName | '*', judge: (ctx: Judge) => void): Plugin {
  return definePlugin({ name, version: '1.0.0', hooks: { [`before:${transition}`]: judge } })()
}

function once(judge: (ctx: Judge) => void): (ctx: Judge) => void {
  let isDone = false
  return (ctx) => {
    if (!isDone) judge(ctx)
    isDone = true
  }
}

const FACTS: readonly TransitionName[] = ['abandon', 'expire', 'block', 'rate']

/** The commit that records a veto, and the one before it. */
function vetoOf(stage: Stage): { readonly before: Commit | undefined; readonly veto: Commit } {
  const own = stage.commits.filter(({ id, row }) => id === stage.talk.id && row !== undefined)
  const index = own.findIndex(({ entries }) =>
    entries.some(({ author, text }) => author === 'system' && / vetoed /.test(text)),
  )
  const veto = own[index]
  if (veto === undefined) throw new Error('there is no veto')
  return { before: own[index - 1], veto }
}

describe('a veto', () => {
  test.each(TRANSITION_NAMES.filter((name) => !FACTS.includes(name)))(
    'of `%s` leaves nothing but the message, the verdict and what the plugin said',
    async (transition) => {
      const told: Observation<'transition.vetoed'>[] = []
      const guard = judging(
        'guard',
        transition,
        once((ctx) => {
          ctx.say('Not now, please.')
          ctx.veto('too early')
        }),
      )
      const stage = await openStage([guard])
      stage.sim.engine.on('transition.vetoed', (fact) => told.push(fact))
      await TOURS[TOUR_OF[transition]](stage).catch((error: unknown) => {
        if (!isMaitredError(error, 'NOT_FOUND')) throw error // the choices of a step that was not asked
      })
      const { before, veto } = vetoOf(stage)
      const { path, context, timers, plugins } = veto.row?.snapshot ?? {}
      if (before === undefined) expect(path).toBe('greeting.new')
      else expect({ path, context, timers, plugins }).toEqual(pick(before))
      expect(veto).toMatchObject({ slots: [], records: [], outbox: [] })
      expect(veto.queueRow).toBeUndefined()
      if (before !== undefined) expect(veto.nextDueAt).toBe(before.nextDueAt)
      const said = veto.entries.map(({ author, text, internal }) => ({ author, text, internal }))
      expect(said.filter(({ author }) => author !== 'customer')).toEqual([
        { author: 'system', text: `guard vetoed ${transition}: too early`, internal: true },
        { author: 'bot', text: 'Not now, please.', internal: undefined },
      ])
      if (before !== undefined)
        expect(told).toMatchObject([{ conversationId: stage.talk.id, transition, by: 'guard', reason: 'too early' }])
      expect(stage.sim.pluginFailures).toEqual([])
      await stage.sim.advance('30m')
    },
  )

  test('keeps the message of the customer, and a second try goes through', async () => {
    const guard = judging(
      'guard',
      'requestAgent',
      once((ctx) => ctx.veto('too early')),
    )
    const stage = await openStage([guard])
    await stage.does((talk) => talk.say('a person, please'))
    await stage.does((talk) => talk.say('a person, please'))
    expect(stage.receipts).toMatchObject([
      { ok: false, status: 'vetoed', by: 'guard', transition: 'requestAgent', reason: 'too early' },
      { ok: true, transitions: ['requestAgent', 'enqueue'] },
    ])
    expect(stage.receipts[0]).not.toHaveProperty('revision')
    expect((await stage.words()).slice(1)).toEqual([
      'customer: a person, please',
      'system: guard vetoed requestAgent: too early',
      'customer: a person, please',
      expect.stringMatching(/^bot/),
    ])
  })

  test('is seen by colleagues, not by the customer', async () => {
    const stage = await openStage([judging('guard', 'requestAgent', (ctx) => ctx.veto('our secret'))])
    await stage.does((talk) => talk.say('a person, please'))
    const { transcript } = await stage.talk.view()
    expect(transcript.filter(({ internal }) => internal !== true).some(({ text }) => text.includes('secret'))).toBe(
      false,
    )
  })

  test('takes back the edges before it, and what other plugins have asked for', async () => {
    const emitted: unknown[] = []
    const helper = definePlugin({
      name: 'helper',
      version: '1.0.0',
      timers: { wake: () => undefined },
      hooks: {
        'before:requestAgent': (ctx) => {
          ctx.say('One moment.')
          ctx.emit('asked', 1)
          ctx.schedule('wake', '1m')
          ctx.records.put('count', 1)
        },
      },
    })
    const stage = await openStage([helper(), judging('guard', 'enqueue', (ctx) => ctx.veto('closed'))])
    stage.sim.engine.on('plugin.emitted', (fact) => emitted.push(fact))
    const { path, timers } = stage.commits.at(-1)?.row?.snapshot ?? {}
    await stage.does((talk) => talk.say('a person, please'))
    expect(stage.commits.at(-1)?.row?.snapshot).toMatchObject({ path, timers })
    expect(await stage.words()).not.toContain('bot: One moment.')
    expect(emitted).toEqual([])
    expect(await stage.store.record('helper', 'count')).toBeUndefined()
  })

  test('counts when it is called, even if the hook throws afterwards', async () => {
    const guard = judging('guard', 'requestAgent', (ctx) => {
      ctx.veto('too early')
      throw new Error('a fault on purpose')
    })
    const stage = await openStage([guard])
    await stage.does((talk) => talk.say('a person, please'))
    expect(stage.receipts).toMatchObject([{ status: 'vetoed', by: 'guard', reason: 'too early' }])
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'guard', why: 'threw' }])
  })

  test('that comes first counts, in the order of the hooks', async () => {
    const guard = (name: string, order?: 'pre' | 'post') =>
      definePlugin({
        name,
        version: '1.0.0',
        hooks: {
          'before:requestAgent': { ...(order === undefined ? {} : { order }), handler: (ctx) => ctx.veto(name) },
        },
      })()
    for (const [plugins, by] of [
      [[guard('late', 'post'), guard('plain'), guard('early', 'pre')], 'early'],
      [[guard('late', 'post'), guard('plain')], 'plain'],
      [[guard('one'), guard('other')], 'one'],
    ] as const) {
      const stage = await openStage(plugins)
      await stage.does((talk) => talk.say('a person, please'))
      expect(stage.receipts).toMatchObject([{ status: 'vetoed', by }])
    }
  })
})

describe('what has happened already', () => {
  const happened: readonly (readonly [string, TransitionName, (stage: Stage) => Promise<void>])[] = [
    ...FACTS.map((name) => [`\`${name}\``, name, TOURS[TOUR_OF[name]]] as const),
    ['the end by silence', 'close', (stage) => stage.waits('10m')],
    ['the end of the customer who left', 'close', (stage) => stage.does((talk) => talk.leave())],
    [
      'the overflow of the queue',
      'goAsync',
      async (stage) => {
        await stage.sim.engine.agent('ana').setPresence('draining')
        await stage.sim.engine.saveAgent({ id: 'ben', capacity: 0 })
        await stage.does((talk) => talk.say('a person, please'))
        await stage.waits('15m')
      },
    ],
  ]
  const verdicts: readonly (readonly [string, (ctx: Judge) => void])[] = [
    ['vetoed', (ctx) => ctx.veto('too late')],
    ['redirected', (ctx) => ctx.redirect('requestAgent', { reason: 'too late', say: 'Wait!' })],
  ]
  const cases = happened.flatMap(([what, name, way]) =>
    verdicts.map(([verb, verdict]) => ({ what, verb, name, way, verdict })),
  )

  test.each(cases)(
    '$what cannot be $verb: that is reported, and has no effect',
    async ({ name, way, verdict, verb }) => {
      const quiet = await openStage([])
      await way(quiet)
      const stage = await openStage([judging('guard', name, verdict)])
      await way(stage)
      expect(await stage.words()).toEqual(await quiet.words())
      expect(await stage.talk.view()).toEqual({ ...(await quiet.talk.view()) })
      expect(stage.sim.pluginFailures).not.toEqual([])
      for (const failure of stage.sim.pluginFailures) {
        expect(failure).toMatchObject({ plugin: 'guard', hook: `before:${name}`, why: 'invalid' })
        expect(String(failure.error)).toContain(verb)
      }
    },
  )
})

describe('a redirect', () => {
  const ask = (text: string) => (stage: Stage) => stage.does((talk) => talk.say(text))
  const nobodyOnline = async (stage: Stage): Promise<void> => {
    for (const id of ['ana', 'ben']) await stage.sim.engine.agent(id).setPresence('away')
  }
  const ways: readonly {
    readonly from: TransitionName
    readonly to: RedirectTarget
    readonly way: (stage: Stage) => Promise<void>
    readonly path: string
    readonly transitions: readonly string[]
  }[] = [
    {
      from: 'requestAgent',
      to: 'search',
      way: async (stage) => {
        await ask('where is my parcel?')(stage)
        await ask('a person, please')(stage)
      },
      path: 'waiting.offered', // the article is known already: nothing is found, and a person is looked for after all
      transitions: ['search'],
    },
    {
      from: 'requestAgent',
      to: 'search',
      way: ask('a person, please'),
      path: 'helping.listening',
      transitions: ['answer'],
    },
    { from: 'miss', to: 'requestAgent', way: ask('blorp fnord'), path: 'waiting.offered', transitions: ['search'] },
    {
      from: 'goAsync',
      to: 'enqueue',
      way: async (stage) => {
        await nobodyOnline(stage)
        await ask('a person, please')(stage)
      },
      path: 'waiting.queued',
      transitions: ['requestAgent', 'enqueue'],
    },
    {
      from: 'enqueue',
      to: 'goAsync',
      way: ask('a person, please'),
      path: 'async.offered',
      transitions: ['requestAgent', 'goAsync'],
    },
    {
      from: 'requestAgent',
      to: 'startClosing',
      way: ask('a person, please'),
      path: 'closing.rating',
      transitions: ['startClosing', 'ask', 'ask', 'ask', 'ask'],
    },
    { from: 'requestAgent', to: 'close', way: ask('a person, please'), path: 'closed', transitions: ['close'] },
  ]

  test.each(ways)('of `$from` to `$to` leads to $path', async ({ from, to, way, path, transitions }) => {
    const say = 'This way, please.'
    const stage = await openStage([
      judging(
        'usher',
        from,
        once((ctx) => ctx.redirect(to, { reason: 'because', say })),
      ),
    ])
    await way(stage)
    expect(await stage.talk.view()).toMatchObject({ path })
    expect(await stage.words()).toContain('bot: This way, please.')
    expect(stage.receipts.at(-1)).toMatchObject({ ok: true, status: 'applied', transitions })
    if (from !== 'miss') expect(stage.receipts.at(-1)).toMatchObject({ redirectedBy: 'usher' })
    const { hooks } = await stage.sim.engine.explain(stage.talk.id)
    expect(hooks).toEqual([{ plugin: 'usher', hook: `before:${from}`, did: `redirected to ${to}: because` }])
    expect(stage.sim.pluginFailures).toEqual([])
  })

  test('gives the reason to whatever it ends', async () => {
    const stage = await openStage([
      judging('usher', 'requestAgent', (ctx) => ctx.redirect('close', { reason: 'banned' })),
    ])
    await ask('a person, please')(stage)
    expect(await stage.talk.view()).toMatchObject({ phase: 'closed', outcome: 'unresolved', reason: 'banned' })
  })

  test.each([
    ['accept', ['accept']],
    ['hold', ['accept', 'hold']],
    ['transfer', ['accept', 'transfer']],
    ['startClosing', ['accept', 'close']],
  ] as const)('of `%s` leaves no seat taken', async (transition, verbs) => {
    const usher = judging('usher', transition, (ctx) => ctx.redirect('goAsync', { reason: 'because' }))
    const stage = await openStage([usher], { routing: { wrapUp: '30s' } })
    await stage.does((talk) => talk.say('a person, please'))
    await stage.sim.engine.agent('ben').setPresence('draining')
    await stage.sim.engine.agent('ana').setPresence('draining')
    for (const verb of verbs) await stage.agentDoes(verb)
    expect(stage.receipts.at(-1)).toMatchObject({ redirectedBy: 'usher' })
    expect(await stage.talk.view()).toMatchObject({ phase: 'async' })
    await stage.waits('30s')
    for (const { units } of await stage.store.agents()) expect(units).toBe(0)
  })

  test('to nowhere is reported, and has no effect', async () => {
    const lost = judging('lost', 'requestAgent', (ctx) =>
      ctx.redirect('nowhere' as RedirectTarget, { reason: 'because' }),
    )
    const stage = await openStage([lost])
    await ask('a person, please')(stage)
    expect((await stage.talk.view()).phase).toBe('waiting')
    expect(stage.sim.pluginFailures).toMatchObject([{ plugin: 'lost', why: 'threw' }])
    expect(String(stage.sim.pluginFailures[0]?.error)).toContain("'goAsync'")
  })
})

describe('P33: plugins that answer one another', () => {
  const loops: readonly (readonly [string, readonly Plugin[], string])[] = [
    [
      'one sends it round',
      [judging('usher', 'enqueue', (ctx) => ctx.redirect('requestAgent', { reason: 'again' }))],
      'usher',
    ],
    [
      'one sends it where it is',
      [judging('usher', 'requestAgent', (ctx) => ctx.redirect('requestAgent', { reason: 'again' }))],
      'usher',
    ],
    [
      'two send it to and fro',
      [
        judging('here', 'enqueue', (ctx) => ctx.redirect('goAsync', { reason: 'here' })),
        judging('there', 'goAsync', (ctx) => ctx.redirect('enqueue', { reason: 'there' })),
      ],
      'here',
    ],
  ]

  test.each(loops)('are stopped at depth 8 when %s, and the one is named', async (_what, plugins, named) => {
    const stage = await openStage(plugins)
    await stage.does((talk) => talk.say('a person, please'))
    const [failure] = stage.sim.pluginFailures
    expect(failure).toMatchObject({ plugin: named, why: 'invalid', error: { code: 'PLUGIN_LOOP' } })
    expect(String(failure?.error)).toContain(`\`${named}\``)
    expect(stage.receipts).toMatchObject([{ ok: true, status: 'applied' }])
    const { hooks } = await stage.sim.engine.explain(stage.talk.id)
    expect(hooks.length).toBe(8)
    expect(await stage.words()).toContain('customer: a person, please')
    await stage.does((talk) => talk.say('hello?'))
    expect(await stage.words()).toContain('customer: hello?')
  })

  test('are heard once when what one says makes it speak again', async () => {
    const parrot = definePlugin({
      name: 'parrot',
      version: '1.0.0',
      hooks: {
        'message:out': (message, ctx) => {
          ctx.say(`${message.text} And another thing.`)
          return message
        },
      },
    })
    const stage = await openStage([parrot()])
    const before = (await stage.words()).length
    await stage.does((talk) => talk.say('what is your name?'))
    expect((await stage.talk.view()).path).toBe('helping.listening')
    expect((await stage.words()).slice(before)).toEqual([
      'customer: what is your name?',
      'bot: I am the bot.',
      'bot: I am the bot. And another thing.',
    ])
  })

  test('are stopped when a hook after the commit speaks, and speaking sets it off again', async () => {
    let count = 0
    const chatter = definePlugin({
      name: 'chatter',
      version: '1.0.0',
      hooks: {
        'after:*': (ctx) => {
          count += 1
          ctx.say('And another thing.')
        },
      },
    })
    const stage = await openStage([chatter()])
    await stage.does((talk) => talk.say('a person, please'))
    await stage.waits('10s')
    expect(count).toBeLessThan(20)
    expect((await stage.words()).filter((words) => words.includes('another')).length).toBeLessThan(20)
  })
})

function pick(commit: Commit): object {
  const { path, context, timers, plugins } = commit.row?.snapshot ?? {}
  return { path, context, timers, plugins }
}
