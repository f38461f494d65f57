import { type AnyObservation, definePlugin, type Observation } from 'maitred'
import { memoryStore } from 'maitred/stores'
import { simulate, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, ben, kim as kimCarter, seat, textsOf, viewOf } from './scene.ts'

const PERSON = 'a person, please'
const mail = { name: 'email', deliver: () => Promise.resolve('sent' as const) }

function watch<Name extends AnyObservation['type']>({ engine }: Simulation, name: Name): readonly Observation<Name>[] {
  const seen: Observation<Name>[] = []
  engine.on(name, (fact) => seen.push(fact))
  return seen
}

async function seatAll(sim: Simulation, agentId: string): Promise<readonly SimulatedCustomer[]> {
  const people = ['kim', 'lou', 'max'].map((id) => sim.customer(id))
  for (const person of people) await seat(person, sim.agent(agentId))
  return people
}

describe('an agent', () => {
  test('F36: who is away, drains, or is offline gets nothing new, and keeps what is open', async () => {
    await using sim = simulate({ agents: [ana] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(kim, sim.agent('ana'))
    for (const presence of ['away', 'draining', 'offline'] as const) {
      await sim.agent('ana').goes(presence)
      await lou.says(PERSON)
      await lou.isIn('async')
      await sim.agent('ana').isNotOffered(lou)
      await sim.agent('ana').says(kim, `I am ${presence}.`)
      await kim.sees(`I am ${presence}.`)
      expect(sim.agent('ana').load).toBe(1)
    }
    await sim.agent('ana').goes('online')
    await sim.agent('ana').isOffered(lou)
  })

  test('F37: who vanishes loses each conversation once, with its wait, when the grace is over', async () => {
    await using sim = simulate({ agents: [ana, ben], presence: { agentGrace: '1m' }, routing: { wrapUp: '30s' } })
    await sim.agent('ben').goes('away')
    const queuedAt = sim.now
    const people = await seatAll(sim, 'ana')
    await sim.advance('10s')
    await sim.agent('ana').goes('online', { lease: '45s' })
    const moved = watch(sim, 'conversation.moved')
    await sim.advance('104s')
    expect(sim.agent('ana').presence).toBe('offline')
    for (const person of people) await person.isIn('live')
    await sim.advance('1s')
    expect(moved.map(({ from, to, transition }) => [from, to, transition])).toEqual([
      ['live', 'waiting', 'transfer'],
      ['live', 'waiting', 'transfer'],
      ['live', 'waiting', 'transfer'],
    ])
    expect(sim.agent('ana').load).toBe(0)
    const accepted = watch(sim, 'offer.accepted')
    await sim.agent('ben').goes('online')
    for (const person of people) {
      await person.sees('I am passing you on to a colleague; your place is kept.')
      await sim.agent('ben').accepts(person)
    }
    expect(accepted.map(({ at, waitMs }) => at - waitMs)).toEqual([queuedAt, queuedAt, queuedAt])
    await sim.advance('5m')
    expect(moved).toHaveLength(6)
  })

  test('F37: who is back within the grace keeps everything', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    await sim.agent('ben').goes('away')
    const people = await seatAll(sim, 'ana')
    await sim.agent('ana').goes('offline')
    await sim.advance('59s')
    await sim.agent('ana').goes('online')
    await sim.agent('ben').goes('online')
    await sim.advance('2m')
    for (const person of people) {
      await person.seesNothingNew()
      expect((await viewOf(sim, person)).agentId).toBe('ana')
    }
  })

  test('F37: who is back later gets those again that nobody has taken, before anybody else, without being asked', async () => {
    await using sim = simulate({ agents: [ana, { ...ben, capacity: 1 }] })
    await sim.agent('ben').goes('away')
    const early = sim.customer('early')
    const people = await seatAll(sim, 'ana')
    await sim.agent('ana').goes('offline')
    await sim.advance('1m')
    await sim.agent('ben').goes('online')
    const [kim, ...others] = people as [SimulatedCustomer, ...SimulatedCustomer[]] // three
    await sim.agent('ben').accepts(kim)
    await early.says(PERSON)
    await early.isIn('waiting')
    await sim.agent('ana').goes('online')
    expect((await viewOf(sim, kim)).agentId).toBe('ben')
    for (const person of others) {
      expect(await viewOf(sim, person)).toMatchObject({ agentId: 'ana', phase: 'live' })
      await person.sees('Ana has joined the conversation.')
    }
    expect(sim.agent('ana').load).toBe(3)
    await sim.agent('ana').isOffered(early)
  })

  test('F37: who is back with fewer seats gets no more than there is room for', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    await sim.agent('ben').goes('away')
    const people = await seatAll(sim, 'ana')
    await sim.agent('ana').goes('offline')
    await sim.advance('1m')
    await sim.engine.saveAgent({ ...ana, capacity: 1 })
    await sim.agent('ana').goes('online')
    expect(sim.agent('ana').load).toBe(1)
    await people[0]?.isIn('live')
    await people[1]?.isIn('waiting')
  })

  test('F37: whose engine stops in the grace loses them when it is over all the same', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store })
    const kim = before.customer(kimCarter)
    await seat(kim, before.agent('ana'))
    const id = kim.conversationId
    await before.agent('ana').goes('offline')
    const startAt = new Date(before.now + 30_000).toISOString()
    await before[Symbol.asyncDispose]()
    await using sim = simulate({ store }, { startAt })
    await sim.advance('29s')
    expect((await sim.engine.conversation(id).view()).phase).toBe('live')
    await sim.advance('1s')
    expect((await sim.engine.conversation(id).view()).phase).toBe('waiting')
  })

  test('F37: who vanishes keeps those who have long been silent, until they say something', async () => {
    await using sim = simulate({ agents: [ana, ben], silence: { idleAfter: '5m', closeAfter: '1h' } })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').says(kim, 'What is its number?')
    await sim.advance('5m')
    await kim.sees('Are you still there?')
    await sim.agent('ana').goes('offline')
    await sim.advance('10m')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'live', agentId: 'ana' })
    await kim.seesNothingNew()
    await kim.says('It is 17.')
    await sim.agent('ben').accepts(kim)
    expect((await viewOf(sim, kim)).agentId).toBe('ben')
  })

  test('F37: cannot be held by a plugin once gone: nobody stays with an empty chair', async () => {
    const never = definePlugin({
      name: 'never',
      version: '1.0.0',
      hooks: { 'before:transfer': (ctx) => ctx.veto('never') },
    })()
    await using sim = simulate({ agents: [ana, ben], plugins: [never] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').goes('offline')
    await sim.advance('1m')
    await sim.agent('ben').isOffered(kim)
  })

  test('F36: whom nobody knows has no heartbeat: NOT_FOUND', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    await expect(sim.engine.agent('zoe').setPresence('online', { lease: '45s' })).rejects.toThrow('NOT_FOUND')
    await expect(sim.engine.agent('zoe').busy(1)).rejects.toThrow('NOT_FOUND')
  })

  test('P23: who is removed while holding three gives each back with its wait, and each customer is told once', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    await sim.agent('ben').goes('away')
    const queuedAt = sim.now
    const people = await seatAll(sim, 'ana')
    await sim.advance('10s')
    const accepted = watch(sim, 'offer.accepted')
    await sim.engine.removeAgent('ana')
    await sim.agent('ben').goes('online')
    for (const person of people) {
      await sim.agent('ben').accepts(person)
      const told = person.messages.filter(({ text }) => /passing you on/.test(text))
      expect(told).toHaveLength(1)
    }
    expect(accepted.map(({ at, waitMs }) => at - waitMs)).toEqual([queuedAt, queuedAt, queuedAt])
  })
})

describe('a silent agent', () => {
  test('F40: is reminded, and the customer told; then it goes to somebody else', async () => {
    await using sim = simulate({ agents: [ana, ben], silence: { agentRemindAfter: '2m', agentAfter: '5m' } })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').says(kim, 'Hello!')
    await kim.sees('Hello!')
    await kim.says('My parcel is lost.')
    await sim.advance('119s')
    await kim.seesNothingNew()
    await sim.advance('1s')
    await kim.sees('Ana will be with you in a moment.')
    const reminder = (await viewOf(sim, kim)).transcript.find(({ internal }) => internal === true)
    expect(reminder).toMatchObject({
      author: 'system',
      text: 'The customer has been waiting for an answer for 2 minutes.',
    })
    await sim.advance('179s')
    await kim.seesNothingNew()
    await sim.advance('1s')
    await kim.sees(/passing you on/)
    await sim.agent('ben').isOffered(kim)
  })

  test('F40: is not helped by a customer who asks again and again', async () => {
    await using sim = simulate({ agents: [ana, ben], silence: { agentAfter: '5m' } })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    for (const text of ['hello?', 'hello??', 'hello???', 'anybody?', '...']) {
      await kim.isIn('live')
      await kim.says(text)
      await sim.advance('1m')
    }
    await sim.agent('ben').isOffered(kim)
  })

  test('F40: who answers in time is asked again only when the next word stays without an answer', async () => {
    await using sim = simulate({ agents: [ana], silence: { agentRemindAfter: '2m', agentAfter: '5m' } })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    await sim.advance('2m')
    await kim.sees(/with you in a moment/)
    await sim.agent('ana').says(kim, 'Here I am.')
    await kim.says('My parcel is lost.')
    await sim.advance('119s')
    await kim.sees('Here I am.')
    await kim.seesNothingNew()
    await sim.advance('1s')
    await kim.sees(/with you in a moment/)
  })

  test('F40: who lets a message lie gives it back to those who may answer it, and it ends in its own time', async () => {
    await using sim = simulate({ agents: [{ ...ana, autoAccept: true }], channels: [mail] })
    await sim.agent('ana').goes('offline')
    const kim = sim.customer({ ...kimCarter, email: 'kim@example.org' })
    await kim.says(PERSON)
    await kim.isIn('async')
    const openedAt = sim.now
    await sim.agent('ana').goes('online')
    await kim.isIn('live')
    await sim.agent('ana').goes('away')
    await sim.advance('599s')
    expect(sim.agent('ana').load).toBe(1)
    await sim.advance('1s')
    await kim.isIn('async')
    expect(sim.agent('ana').load).toBe(0)
    await sim.agent('ana').goes('online')
    const closed = watch(sim, 'conversation.closed')
    await sim.advance('73h')
    expect(closed.map(({ at }) => at <= openedAt + 73 * 3_600_000)).toEqual([true])
    expect(textsOf(kim.messages).filter((text) => /Write down what/.test(text))).toHaveLength(1)
  })
})

describe('a customer whose connection is watched', () => {
  const busy = async (sim: Simulation, person: SimulatedCustomer): Promise<void> => {
    await seat(sim.customer('first'), sim.agent('ana'))
    await person.connects()
    await person.says(PERSON)
    await person.sees(/number 1/)
  }
  const agents = [{ ...ana, capacity: 1 }]

  test('F27: is gone when it is lost, and out of the queue when the grace is over', async () => {
    await using sim = simulate({ agents })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await busy(sim, kim)
    await lou.says(PERSON)
    await kim.disconnects()
    await sim.advance('59s')
    await kim.isIn('waiting')
    await sim.advance('1s')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'abandoned' })
    expect((await viewOf(sim, lou)).queue?.position).toBe(1)
  })

  test('F27: is gone when the lease is not repeated', async () => {
    await using sim = simulate({ agents })
    const kim = sim.customer(kimCarter)
    await busy(sim, kim)
    for (const _beat of [1, 2, 3, 4]) {
      await sim.advance('30s')
      await kim.connects('45s')
    }
    await sim.advance('104s')
    await kim.isIn('waiting')
    await sim.advance('1s')
    await kim.isIn('closed')
  })

  test('F27: keeps the place when they are back within the grace', async () => {
    await using sim = simulate({ agents })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await busy(sim, kim)
    await lou.says(PERSON)
    await kim.disconnects()
    await sim.advance('50s')
    await kim.connects('10m')
    await sim.advance('5m')
    expect((await viewOf(sim, kim)).queue?.position).toBe(1)
    await kim.disconnects()
    await sim.advance('50s')
    await kim.says('I am still here')
    await sim.advance('5m')
    await kim.isIn('waiting')
  })

  test('F27: is answered by another channel where there is one, and takes nobody the place meanwhile', async () => {
    await using sim = simulate({ agents, channels: [mail] })
    const kim = sim.customer({ ...kimCarter, email: 'kim@example.org' })
    await busy(sim, kim)
    await kim.disconnects()
    await sim.advance('1m')
    await kim.isIn('async')
    await kim.sees(/answer as soon as somebody is there/)
    await sim.agent('ana').closes(sim.customer('first'))
    await sim.agent('ana').isOffered(kim)
  })

  test('F27: is in a live talk still when it breaks off: silence decides', async () => {
    await using sim = simulate({ agents, silence: { closeAfter: '10m' } })
    const kim = sim.customer(kimCarter)
    await kim.connects()
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').says(kim, 'What is its number?')
    await kim.disconnects()
    await sim.advance('9m')
    await kim.isIn('live')
    await sim.advance('1m')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', reason: 'silence' })
  })

  test('F27: whose heartbeats come by the thousand costs next to no turns', async () => {
    await using sim = simulate({ agents })
    const kim = sim.customer(kimCarter)
    await busy(sim, kim)
    const { revision } = await viewOf(sim, kim)
    for (let beat = 0; beat < 40; beat += 1) {
      await sim.advance('15s')
      await kim.connects('45s')
    }
    expect((await viewOf(sim, kim)).revision - revision).toBeLessThan(5)
  })

  test('F27: whose node dies is missed by the next one', async () => {
    const store = memoryStore()
    const before = simulate({ agents, store })
    const kim = before.customer(kimCarter)
    await busy(before, kim)
    const id = kim.conversationId
    const startAt = new Date(before.now + 60_000).toISOString()
    await before[Symbol.asyncDispose]()
    await using sim = simulate({ agents, store }, { startAt })
    await sim.advance('239s')
    expect((await sim.engine.conversation(id).view()).phase).toBe('waiting')
    await sim.advance('61s')
    expect((await sim.engine.conversation(id).view()).phase).toBe('closed')
  })

  test('F27: who has come to another node meanwhile is not gone', async () => {
    const store = memoryStore()
    await using one = simulate({ agents, store })
    const kim = one.customer(kimCarter)
    await busy(one, kim)
    await one.advance('10s')
    await using other = simulate({ agents, store }, { startAt: new Date(one.now).toISOString() })
    await other.advance(0)
    await other.engine.conversation(kim.conversationId).present({ lease: '45s' })
    await one.advance('40s')
    const { goneAt } = (await (await store.open('')).load(kim.conversationId)).row?.snapshot.context ?? { goneAt: -1 }
    expect(goneAt).toBeNull()
  })

  test('F27: whom nobody knows is NOT_FOUND, a lease that is none is refused, and a talk that is over takes no notice', async () => {
    await using sim = simulate({ agents })
    await sim.advance(0)
    await expect(sim.engine.conversation('none').present({ lease: '45s' })).rejects.toThrow('NOT_FOUND')
    await expect(sim.engine.conversation('none').present({ lease: 0 })).rejects.toThrow('NOT_FOUND')
    await expect(sim.engine.conversation('none').present({ lease: -1 })).rejects.toThrow('CONFIG_INVALID')
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    await kim.leaves()
    await kim.connects()
    await kim.disconnects()
    await sim.advance('5m')
    await kim.isIn('closed')
  })
})
