import { type DeskUpdate, definePlugin, type Plugin, type Update } from 'maitred'
import { type Simulation, simulate } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, answering, ben, heardBy, kim as kimCarter, moment, promised, seat, viewOf } from './scene.ts'

/** A stream that gives its parts one by one, when it is told to. */
function tap(): {
  readonly stream: AsyncIterable<string>
  give(part: string): Promise<void>
  end(): Promise<void>
  isClosed(): boolean
} {
  let waiting = promised<string | undefined>()
  let closed = false
  async function* pour(): AsyncGenerator<string> {
    try {
      for (;;) {
        const part = await waiting.promise
        if (part === undefined) return
        waiting = promised()
        yield part
      }
    } finally {
      closed = true
    }
  }
  const give = async (part: string | undefined): Promise<void> => {
    waiting.keep(part)
    await moment()
  }
  return { stream: pour(), give, end: () => give(undefined), isClosed: () => closed }
}

async function follow(sim: Simulation, id: string): Promise<readonly Update[]> {
  const seen: Update[] = []
  const read = async (): Promise<void> => {
    for await (const update of sim.engine.conversation(id).follow()) seen.push(update)
  }
  void read()
  await moment()
  return seen
}

/** What comes and goes, with the messages it became. */
function told(updates: readonly (Update | DeskUpdate)[]): readonly string[] {
  return updates.flatMap((update) => {
    if (update.type === 'typing') return [`${update.author} types`]
    if (update.type === 'partial') return [`… ${update.text}`]
    return update.type === 'message' && update.message.author === 'bot' ? [update.message.text] : []
  })
}

const hidden: Plugin = definePlugin({
  name: 'hidden',
  version: '1.0.0',
  hooks: { 'message:out': (message) => ({ ...message, text: message.text.replaceAll(/\d/g, '#') }) },
})()

describe('an answer that comes in parts', () => {
  test('F12: is seen growing, and becomes one message', async () => {
    const { stream, give, end } = tap()
    await using sim = simulate({ plugins: [answering(() => ({ text: stream }))] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    const seen = await follow(sim, kim.conversationId)
    void sim.engine.conversation(kim.conversationId).say('Where is order A-17?')
    await moment()
    await give('Order A-17')
    await give(' is on its way.')
    await end()
    expect(told(seen).slice(1)).toEqual([
      'bot types',
      '… Order A-17',
      '… Order A-17 is on its way.',
      'Order A-17 is on its way.',
    ])
    await kim.sees('Order A-17 is on its way.')
    expect(JSON.stringify((await viewOf(sim, kim)).transcript)).not.toContain('…')
  })

  test('is not shown before it is whole while a plugin has to see what goes out', async () => {
    const { stream, give, end } = tap()
    await using sim = simulate({ plugins: [answering(() => ({ text: stream })), hidden] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    const seen = await follow(sim, kim.conversationId)
    void sim.engine.conversation(kim.conversationId).say('Which card did I pay with?')
    await moment()
    await give('The one that ends in 42')
    await give('42.')
    await end()
    expect(told(seen).slice(1)).toEqual(['bot types', 'The one that ends in ####.'])
  })

  test('F09: is cut off as soon as a person is wanted, and nothing of it is said', async () => {
    const { stream, give, isClosed } = tap()
    await using sim = simulate({ agents: [ana], plugins: [answering(() => ({ text: stream }))] })
    const kim = sim.customer(kimCarter)
    sim.agent('ana')
    await kim.isIn('helping')
    const seen = await follow(sim, kim.conversationId)
    void sim.engine.conversation(kim.conversationId).say('Where is order A-17?')
    await moment()
    await give('Order A-17')
    void sim.engine.conversation(kim.conversationId).requestAgent()
    await moment()
    await give(' is on its way.')
    expect(isClosed()).toBe(true)
    expect(told(seen).filter((line) => line.startsWith('…'))).toEqual(['… Order A-17'])
    await sim.agent('ana').accepts(kim)
    await kim.isIn('live')
    expect(heardBy(kim).join()).not.toContain('A-17')
    expect(sim.pluginFailures).toEqual([])
  })

  test('gives way to a second question', async () => {
    const taps = [tap(), tap()]
    let count = 0
    await using sim = simulate({ plugins: [answering(() => ({ text: taps[count++]?.stream ?? 'nothing' }))] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    const conversation = sim.engine.conversation(kim.conversationId)
    void conversation.say('Where is order A-17?')
    await moment()
    void conversation.say('I mean, where is order B-18?')
    await moment()
    await taps[0]?.give('A-17 is on its way.')
    expect(taps.map((one) => one.isClosed())).toEqual([true, false])
    await taps[1]?.give('B-18 is here.')
    await taps[1]?.end()
    await kim.sees('B-18 is here.')
    expect(heardBy(kim).join()).not.toContain('A-17')
  })

  test('that never ends is cut, said as far as it came, and reported', async () => {
    async function* endless(): AsyncGenerator<string> {
      for (;;) yield 'and so on '
    }
    await using sim = simulate({ plugins: [answering(() => ({ text: endless() }))] })
    const kim = sim.customer(kimCarter)
    await kim.says('Tell me everything.')
    expect(heardBy(kim).at(-1)).toMatch(/^(and so on )+/)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'answers', hook: 'bot:answer', why: 'invalid' }])
  })
})

describe('who types', () => {
  test('is shown only as long as it is their conversation', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const seen = await follow(sim, kim.conversationId)
    sim.engine.agent('ben').typing(kim.conversationId)
    await moment()
    sim.engine.agent('ana').typing(kim.conversationId)
    await moment()
    expect(told(seen).filter((line) => line.endsWith('types'))).toEqual(['agent types'])
  })
})

describe('advice before sending', () => {
  const polite = definePlugin({
    name: 'polite',
    version: '1.0.0',
    hooks: {
      'desk:advice': ({ draft, hints }, ctx) => {
        ctx.say('never said')
        return draft.includes('!')
          ? { draft: draft.replaceAll('!', '.'), hints: [...hints, 'calm down'] }
          : { draft, hints }
      },
    },
  })()

  test('gives hints and a better draft, and sends nothing', async () => {
    await using sim = simulate({ agents: [ana], plugins: [polite] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const before = await viewOf(sim, kim)
    const desk = sim.engine.agent('ana')
    expect(await desk.advise(kim.conversationId, 'Read the page!')).toEqual({
      draft: 'Read the page.',
      hints: ['calm down'],
    })
    expect(await viewOf(sim, kim)).toEqual(before)
    await desk.say(kim.conversationId, 'Read the page!')
    await kim.sees('Read the page!') // advice, never a block
  })

  test('is for the agent who has the conversation', async () => {
    await using sim = simulate({ agents: [ana, ben], plugins: [polite] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    expect(await sim.engine.agent('ben').advise(kim.conversationId, 'Hey!')).toEqual({ draft: 'Hey!', hints: [] })
  })

  test('refuses what is no text, and a conversation that does not exist', async () => {
    await using sim = simulate({ agents: [ana], plugins: [polite] })
    const desk = sim.engine.agent('ana')
    await expect(desk.advise('nowhere', 'Hello')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(desk.advise('nowhere', 7 as never)).rejects.toMatchObject({ code: 'EVENT_INVALID', path: 'draft' })
    await expect(desk.advise('nowhere', ' ')).rejects.toMatchObject({ code: 'MESSAGE_EMPTY' })
  })
})
