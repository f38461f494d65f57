import { definePlugin, type Plugin, type Slot } from 'maitred'
import { csat } from 'maitred/plugins'
import { memoryStore } from 'maitred/stores'
import { simulate, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EVERY_PLUGIN } from './every-plugin.ts'

type Deed = (sim: Simulation) => Promise<unknown>

const says =
  (text: string): Deed =>
  (sim) =>
    sim.customer('kim').says(text)

const byAna =
  (deed: 'accept' | 'close'): Deed =>
  async (sim) => {
    await sim.engine.agent('ana')[deed]((await sim.engine.conversations())[0]?.id ?? '')
    await sim.advance(0)
  }

const agents = [{ id: 'ana' }]

/** Tells a story, and goes on with it in another process that has other plugins. */
async function restarted(plugins: readonly Plugin[], story: readonly Deed[]): Promise<Simulation> {
  const store = memoryStore()
  const before = simulate({ agents, plugins, store })
  await before.advance(0)
  for (const deed of story) await deed(before).catch(() => undefined) // a plugin may forbid it
  await before[Symbol.asyncDispose]()
  const after = simulate({ agents, store }, { startAt: new Date(before.now).toISOString() })
  await after.advance(0)
  return after
}

async function closes(sim: Simulation): Promise<void> {
  await sim.advance('10d')
  const views = await sim.engine.conversations()
  expect(views.map(({ phase }) => phase)).toEqual(views.map(() => 'closed'))
  expect(sim.agent('ana').load).toBe(0)
  const { dueLagMs, outboxCount } = await sim.engine.health()
  expect([dueLagMs, outboxCount]).toEqual([0, 0])
}

const STORY: readonly Deed[] = [
  says('hello'),
  says('Where is my refund?'),
  says('no'),
  says('no'),
  says('a person, please'),
  says('hello'),
  byAna('accept'),
  says('hello'),
  byAna('close'),
  says('yes'),
  says('3'),
  says('It was slow.'),
]

describe('a plugin that is removed', () => {
  for (const [name, make] of Object.entries(EVERY_PLUGIN)) {
    test(`strands nobody, at whatever moment: ${name}`, async () => {
      for (let length = 1; length <= STORY.length; length += 1) {
        const sim = await restarted([make()], STORY.slice(0, length))
        await closes(sim)
        await sim[Symbol.asyncDispose]()
      }
    })
  }

  const WAY: Readonly<Record<Slot, readonly Deed[]>> = {
    preChat: [(sim) => sim.customer('kim').sees(/preChat/)],
    helping: [says('ask me'), (sim) => sim.customer('kim').sees(/helping/)],
    beforeQueue: [says('a person, please'), (sim) => sim.customer('kim').sees(/beforeQueue/)],
    closing: [
      says('a person, please'),
      byAna('accept'),
      byAna('close'),
      says('yes'),
      says('skip'),
      (sim) => sim.customer('kim').sees(/closing/),
    ],
  }

  /** Asks in one slot, or in none; wakes later. */
  const asking = (slot?: Slot): Plugin =>
    definePlugin({
      name: 'asking',
      version: '1.0.0',
      state: z.object({ reply: z.string().optional() }),
      steps: (step) =>
        slot === undefined
          ? []
          : [
              step({
                slot,
                id: 'ours',
                ask: `What do you say in ${slot}?`,
                reply: z.string().min(100),
                attempts: 9,
                timeout: '1d',
                accept: (reply, ctx) => ctx.setState({ reply }),
              }),
            ],
      timers: { wake: (ctx) => ctx.say('Good morning.') },
      hooks: {
        'before:*': (ctx) => ctx.schedule('wake', '1h'),
        'bot:answer': (question) => (question === 'ask me' ? { ask: 'ours' } : undefined),
      },
    })()

  test.each(Object.entries(WAY))(
    'while it asks in the slot %s, leaves a customer who is heard, and time closes',
    async (slot, way) => {
      await using sim = await restarted([asking(slot as Slot)], way)
      const [view] = await sim.engine.conversations()
      expect(view?.transcript.at(-1)?.text).toBe(`What do you say in ${slot}?`) // it was open
      const receipt = await sim.engine.conversation(view?.id ?? '').say('a person, please')
      expect(receipt).toMatchObject({ ok: true, phase: 'waiting' })
      await sim.advance(0)
      await sim.agent('ana').isOffered(await known(sim))
      await closes(sim)
    },
  )

  test.each(Object.entries(WAY))(
    'while it asks in the slot %s, is passed over when its time is up',
    async (slot, way) => {
      await using sim = await restarted([asking(slot as Slot)], way)
      await closes(sim)
    },
  )

  test('while its timer runs, is not heard of again, and its timer is gone', async () => {
    await using sim = await restarted([asking()], [says('hello')])
    const before = (await sim.engine.conversations())[0]?.transcript.length ?? 0
    await sim.advance('5m')
    await closes(sim)
    const texts = (await sim.engine.conversations())[0]?.transcript.slice(before).map(({ text }) => text)
    expect(texts).not.toContain('Good morning.')
  })

  test('while csat asks for points, or for a few words, is passed over', async () => {
    const rating = [says('a person, please'), byAna('accept'), byAna('close'), says('yes')]
    for (const more of [[], [says('3')]]) {
      await using sim = await restarted([csat({ scale: 10 })], [...rating, ...more])
      const [view] = await sim.engine.conversations()
      expect(view?.transcript.at(-1)?.text).toMatch(more.length === 0 ? /from 1 to 10/ : /tell us why/)
      expect((await sim.engine.conversation(view?.id ?? '').say('7')).ok).toBe(true)
      await closes(sim)
    }
  })
})

/** The customer of the process before, as this one knows them. */
async function known(sim: Simulation) {
  const kim = sim.customer('kim')
  await kim.returns() // the open conversation is found
  return kim
}
