import type { DeskUpdate } from 'maitred'
import { simulate, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, ben, kim as kimCarter, moment, seat, viewOf } from './scene.ts'

const PERSON = 'a person, please'
const cleo = { id: 'cleo', name: 'Cleo' } as const
const three = { agents: [ana, ben, cleo], routing: { offerTo: 2, offerTimeout: '20s' } } as const

function loads(sim: Simulation): readonly number[] {
  return ['ana', 'ben', 'cleo'].map((id) => sim.agent(id).load)
}

describe('an offer to several', () => {
  test('F38: is won by the first; the others are told that it is gone, and their seats are free', async () => {
    await using sim = simulate(three)
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').isOffered(kim)
    await sim.agent('ben').isOffered(kim)
    await sim.agent('cleo').isNotOffered(kim)
    expect(loads(sim)).toEqual([1, 1, 0])
    const seen: DeskUpdate[] = []
    const over = new AbortController()
    const following = (async () => {
      for await (const update of sim.engine.agent('ana').follow({ signal: over.signal })) seen.push(update)
    })()
    await moment()
    await sim.agent('ben').accepts(kim)
    await moment()
    over.abort()
    await following
    expect(seen.flatMap(({ type }) => (type.startsWith('offer') ? [type] : []))).toEqual(['offer', 'offerGone'])
    expect(await sim.engine.agent('ana').accept(kim.conversationId)).toMatchObject({
      status: 'refused',
      code: 'STALE_OFFER',
      hint: 'Somebody else was first.',
    })
    expect(loads(sim)).toEqual([0, 1, 0])
    expect((await viewOf(sim, kim)).agentId).toBe('ben')
  })

  test('F38: two who accept at once: one has it, the other is told', async () => {
    await using sim = simulate(three)
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    const { conversationId: id } = kim
    const receipts = await Promise.all([sim.engine.agent('ben').accept(id), sim.engine.agent('ana').accept(id)])
    expect(receipts.map((receipt) => (receipt.ok ? 'ok' : receipt.status === 'refused' && receipt.code))).toEqual([
      'ok',
      'STALE_OFFER',
    ])
    expect(loads(sim)).toEqual([0, 1, 0])
  })

  test('F38: goes to the next one for each who declines, and to none of them again', async () => {
    await using sim = simulate(three)
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').declines(kim)
    await sim.agent('ben').isOffered(kim)
    await sim.agent('cleo').isOffered(kim)
    await sim.agent('ben').declines(kim)
    await sim.agent('cleo').declines(kim)
    await kim.isIn('waiting')
    expect(loads(sim)).toEqual([0, 0, 0])
    await sim.advance('5m')
    expect(loads(sim)).toEqual([0, 0, 0])
  })

  test('F39: that is missed sends those away who missed it, and nobody else', async () => {
    await using sim = simulate(three)
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.advance('10s')
    await sim.agent('ana').declines(kim)
    await sim.agent('cleo').isOffered(kim)
    await sim.advance('10s')
    expect(['ana', 'ben', 'cleo'].map((id) => sim.agent(id).presence)).toEqual(['online', 'away', 'online'])
    await sim.agent('cleo').accepts(kim)
    await kim.isIn('live')
  })

  test('F33: never takes more seats than there are: each offer holds one', async () => {
    await using sim = simulate({
      agents: [ana, ben, cleo].map((agent) => ({ ...agent, capacity: 1 })),
      routing: { offerTo: 3 },
    })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await kim.says(PERSON)
    await lou.says(PERSON)
    expect(loads(sim)).toEqual([1, 1, 1])
    await sim.agent('ana').isNotOffered(lou)
    await sim.agent('cleo').accepts(kim)
    await sim.agent('ana').isOffered(lou)
    await sim.agent('ben').isOffered(lou)
    expect(loads(sim)).toEqual([1, 1, 1])
  })

  test('F38: is withdrawn from all when the customer leaves', async () => {
    await using sim = simulate(three)
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.leaves()
    expect(loads(sim)).toEqual([0, 0, 0])
  })

  test('F38: is taken at once where one of them accepts by itself', async () => {
    await using sim = simulate({ ...three, agents: [ana, { ...ben, autoAccept: true }] })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    expect((await viewOf(sim, kim)).agentId).toBe('ben')
    expect(loads(sim)).toEqual([0, 1, 0])
  })
})

describe('an offer', () => {
  test("F38: is accepted, declined, or runs out; accepting one that is over, or somebody else's, is STALE_OFFER", async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { offerTimeout: '20s' } })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    const { conversationId: id } = kim
    expect(await sim.engine.agent('ben').accept(id)).toMatchObject({ code: 'STALE_OFFER' })
    await sim.advance('20s')
    expect(await sim.engine.agent('ana').accept(id)).toMatchObject({ code: 'STALE_OFFER' })
    await sim.agent('ben').declines(kim)
    expect(await sim.engine.agent('ben').accept(id)).toMatchObject({ code: 'STALE_OFFER' })
    expect(await sim.engine.agent('ben').decline(id)).toMatchObject({ code: 'STALE_OFFER' })
    await sim.agent('ana').goes('online')
    await sim.agent('ana').accepts(kim)
    expect(await sim.engine.agent('ana').accept(id)).toMatchObject({ code: 'STALE_OFFER' })
    await expect(sim.engine.agent('zoe').accept(id)).rejects.toThrow('NOT_FOUND')
  })

  test('F38: that all have declined is made again after a time, where that is the rule', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { askAgainAfter: '3m' } })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').declines(kim)
    await sim.advance('10s')
    await sim.agent('ben').declines(kim)
    await sim.advance('179s')
    expect(loads(sim)).toEqual([0, 0, 0])
    await sim.advance('1s')
    await sim.agent('ana').isOffered(kim)
  })

  test('F38: that all have declined ends with a message, where nothing else is said', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { overflow: { after: '5m', to: 'async' } } })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').declines(kim)
    await sim.agent('ben').declines(kim)
    await sim.advance('299s')
    await kim.isIn('waiting')
    await sim.advance('1s')
    await kim.isIn('async')
    await sim.agent('ana').isOffered(kim)
  })

  test('F38: P37: whose agent goes offline goes to the next one, with the place it had', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1 },
        { ...ben, capacity: 1 },
      ],
    })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(sim.customer('first'), sim.agent('ana'))
    await kim.says(PERSON)
    await sim.agent('ben').isOffered(kim)
    await lou.says(PERSON)
    await sim.agent('ben').goes('offline')
    expect((await viewOf(sim, kim)).queue?.position).toBe(1)
    await sim.agent('ana').closes(sim.customer('first'))
    await sim.agent('ana').isOffered(kim)
  })
})
