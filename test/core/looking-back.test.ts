import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { simulate } from '../../src/testing/index.ts'
import { remoteStore } from '../../src/testing/remote-store.ts'

/** A store elsewhere that counts how often a whole transcript was asked for. */
function countingStore() {
  const asked: string[] = []
  const store = remoteStore(memoryStore(), {
    before: (operation) => {
      asked.push(operation)
      return undefined
    },
  })
  return { store, readCount: () => asked.filter((operation) => operation === 'transcript').length }
}

async function liveTalk(
  store: ReturnType<typeof remoteStore>,
  plugins: Parameters<typeof simulate>[0]['plugins'] = [],
) {
  const sim = simulate({ agents: [{ id: 'ana' }], store, plugins })
  const [kim, ana] = [sim.customer('kim'), sim.agent('ana')]
  await kim.says('a person, please')
  await ana.accepts(kim)
  await kim.says('first')
  return { sim, kim, ana, talk: sim.engine.conversation(kim.conversationId) }
}

describe('on a store that answers with promises, the transcript', () => {
  test('is not read for a message that nobody looks back from', async () => {
    const { store, readCount } = countingStore()
    const { sim, talk } = await liveTalk(store)
    await using _sim = sim
    const before = readCount()
    for (let count = 0; count < 10; count += 1) await talk.say('one more thing')
    expect(readCount() - before).toBe(0)
    expect((await talk.view()).transcript.filter(({ text }) => text === 'one more thing')).toHaveLength(10)
  })

  test('is whole for every hook, step and timer, each of which reads it at once', async () => {
    const seen: Record<string, readonly string[]> = {}
    const look =
      (name: string) => (ctx: { readonly conversation: { readonly transcript: readonly { text: string }[] } }) =>
        void (seen[name] = ctx.conversation.transcript.map(({ text }) => text))
    const curious = definePlugin({
      name: 'curious',
      version: '1.0.0',
      timers: { later: look('timer') },
      steps: (step) => [
        step({
          id: 'colour',
          slot: 'closing',
          reply: z.string(),
          when: (ctx) => {
            look('when')(ctx)
            return true
          },
          ask: (ctx) => {
            look('ask')(ctx)
            return 'Which colour?'
          },
          accept: (_reply, ctx) => look('accept')(ctx),
        }),
      ],
      hooks: {
        'before:hold': (ctx) => {
          look('before:hold')(ctx)
          ctx.schedule('later', '1m')
        },
        'after:hold': look('after:hold'),
        'before:close': look('before:close'),
        'after:close': look('after:close'),
        'message:in': (message, ctx) => {
          look('message:in')(ctx)
          return message
        },
        'closing:steps': (_ids, ctx) => {
          look('closing:steps')(ctx)
          return ['colour']
        },
      },
    })
    const { store } = countingStore()
    const { sim, kim, ana } = await liveTalk(store, [curious()])
    await using _sim = sim
    await ana.says(kim, 'hello Kim')
    await sim.engine.agent('ana').hold(kim.conversationId)
    await sim.advance('1m')
    await ana.says(kim, 'here I am again')
    await kim.says('thanks')
    await ana.closes(kim)
    await kim.says('blue')
    await kim.isIn('closed')
    await sim.advance('1s')
    const names = ['timer', 'when', 'ask', 'accept', 'before:hold', 'after:hold', 'before:close', 'after:close']
    for (const name of [...names, 'message:in', 'closing:steps'])
      expect(seen[name], name).toEqual(expect.arrayContaining(['a person, please', 'first', 'hello Kim']))
    for (const [name, texts] of Object.entries(seen))
      expect(
        texts.filter((text) => text === 'first'),
        name,
      ).toHaveLength(1)
  })
})
