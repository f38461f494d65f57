import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import type { Commit } from '../../src/core/ports.ts'
import { knowledgeBase } from '../../src/plugins/index.ts'
import { remoteStore } from '../../src/testing/remote-store.ts'
import { findViolations, readStore, simulate } from '../../src/testing/index.ts'

const articles = [{ id: 'refund', title: 'Where is my refund?', text: 'It takes five days.' }]

describe('an engine whose store is elsewhere', () => {
  test('goes through a whole conversation', async () => {
    await using sim = simulate({
      agents: [{ id: 'ana' }],
      plugins: [knowledgeBase({ articles })],
      store: remoteStore(memoryStore()),
    })
    const [kim, ana] = [sim.customer('kim'), sim.agent('ana')]
    await kim.says('Where is my refund?')
    await kim.sees(/five days/)
    await kim.chooses('no')
    await ana.accepts(kim)
    await ana.says(kim, 'Let me look.')
    await kim.sees('Let me look.')
    await ana.closes(kim)
    await kim.chooses('yes')
    await kim.chooses('5')
    await kim.isIn('closed')
  })

  test('gives the first result when the answer of a commit was lost and the command is sent again', async () => {
    let isLosing = false
    const store = remoteStore(memoryStore(), { losesAnswer: () => isLosing })
    await using sim = simulate({ agents: [{ id: 'ana' }], store })
    const kim = sim.customer('kim')
    await kim.says('hello')
    const handle = sim.engine.conversation(kim.conversationId)
    isLosing = true
    await expect(handle.say('a person, please', { key: 'k1' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryable: true,
    })
    isLosing = false
    expect(await handle.say('a person, please', { key: 'k1' })).toMatchObject({
      status: 'duplicate',
      transitions: ['requestAgent', 'enqueue'],
    })
    await sim.advance('1s')
    expect(kim.messages.filter(({ text }) => text === 'a person, please')).toHaveLength(1)
    await sim.agent('ana').isOffered(kim)
  })

  test('searches, offers and times out what it was owed, though the answer of the commit was lost', async () => {
    let isLosing = false
    const store = remoteStore(memoryStore(), { losesAnswer: () => isLosing })
    await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [knowledgeBase({ articles })], store })
    const kim = sim.customer('kim')
    await kim.says('hello')
    isLosing = true
    await sim.engine
      .conversation(kim.conversationId)
      .say('Where is my refund?')
      .catch(() => undefined)
    isLosing = false
    await sim.advance('1s')
    await kim.sees(/five days/)
    await sim.advance('3m')
    await kim.sees(/still there/i)
  })

  test('runs a turn again when somebody else was first, and hooks run again with it', async () => {
    let left = 3
    const store = remoteStore(memoryStore(), {
      conflicts: (commit) =>
        commit.turn?.walks.some(({ fact }) => fact.type === 'agent.requested') === true && left-- > 0,
    })
    await using sim = simulate({ agents: [{ id: 'ana' }], store })
    const kim = sim.customer('kim')
    await kim.says('hello')
    expect(await sim.engine.conversation(kim.conversationId).requestAgent()).toMatchObject({ status: 'applied' })
    await sim.agent('ana').isOffered(kim)
  })

  test('says so when it fails, changes nothing, and takes the same command later', async () => {
    let isDown = false
    const store = remoteStore(memoryStore(), { fails: () => isDown })
    await using sim = simulate({ agents: [{ id: 'ana' }], store })
    const kim = sim.customer('kim')
    await kim.says('hello')
    const before = await sim.engine.conversation(kim.conversationId).view()
    isDown = true
    await expect(sim.engine.conversation(kim.conversationId).say('anybody?', { key: 'k1' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    isDown = false
    expect(await sim.engine.conversation(kim.conversationId).view()).toEqual(before)
    expect(await sim.engine.conversation(kim.conversationId).say('anybody?', { key: 'k1' })).toMatchObject({
      status: 'applied',
    })
  })

  test('keeps its promises whichever commits fail, conflict or lose their answer, and time still closes everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('ok', 'ok', 'ok', 'fails', 'conflicts', 'lost'), { minLength: 1, maxLength: 30 }),
        async (luck) => {
          let turn = 0
          let isOver = false
          const is = (what: string) => (_commit: Commit) => !isOver && luck[turn % luck.length] === what
          const next = (judge: (commit: Commit) => boolean) => (commit: Commit) => {
            const verdict = judge(commit)
            if (verdict) turn += 1
            return verdict
          }
          const memory = memoryStore()
          const store = remoteStore(memory, {
            before: (operation) => {
              if (operation === 'commit') turn += 1
              return undefined
            },
            fails: next(is('fails')),
            conflicts: next(is('conflicts')),
            losesAnswer: next(is('lost')),
          })
          const sim = simulate({ agents: [{ id: 'ana', capacity: 2 }], plugins: [knowledgeBase({ articles })], store })
          const ids: string[] = []
          for (const who of ['kim', 'lou', 'max']) {
            const opened = await sim.engine.openConversation({ customer: { id: who } }).catch(() => undefined)
            if (opened === undefined) continue
            ids.push(opened.id)
            await opened.say('Where is my refund?').catch(() => undefined)
            await opened.requestAgent().catch(() => undefined)
            await sim.engine
              .agent('ana')
              .accept(opened.id)
              .catch(() => undefined)
          }
          for (const id of ids)
            await sim.engine
              .agent('ana')
              .close(id)
              .catch(() => undefined)
          isOver = true
          await sim.advance('10d')
          const content = await readStore(await memory.open(''))
          expect(findViolations(content)).toEqual([])
          expect(content.conversations.map(({ snapshot }) => snapshot.path)).toEqual(
            content.conversations.map(() => 'closed'),
          )
          await sim.engine.stop({ within: 0 })
        },
      ),
      { numRuns: 300 },
    )
  })
})
