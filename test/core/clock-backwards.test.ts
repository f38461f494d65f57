import type { AnyObservation, Engine } from 'maitred'
import { createVirtualClock } from 'maitred/testing'
import { expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import type { Clock } from '../../src/core/ports.ts'
import { findViolations, readStore } from '../../src/testing/index.ts'

const HOUR = 3_600_000

/** A clock that somebody sets: its alarms keep the distance they had. */
function adjustable() {
  const virtual = createVirtualClock(Date.parse('2026-01-05T09:00:00Z'))
  let offset = 0
  const clock: Clock = {
    ...virtual,
    now: () => virtual.now() + offset,
    at: (at, callback) => virtual.at(at - offset, callback),
  }
  const quiet = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    clock,
    quiet,
    setBack: (ms: number) => {
      offset -= ms
    },
    async pass(ms: number): Promise<void> {
      const until = virtual.now() + ms
      while (virtual.fireNext(until)) await quiet()
      virtual.moveTo(until)
      await quiet()
    },
  }
}

async function talking(engine: Engine, id: string, agentId: string) {
  const talk = await engine.openConversation({ customer: { id } })
  await talk.say('a person, please')
  await engine.agent(agentId).accept(talk.id)
  await engine.agent(agentId).say(talk.id, 'Hello!')
  return talk
}

test('P28: a clock that goes back an hour leaves the order of words, no wait below nothing, and nobody stuck', async () => {
  const { clock, pass, quiet, setBack } = adjustable()
  const store = memoryStore()
  let idCount = 0
  await using engine = assemble(
    { agents: [{ id: 'ana' }, { id: 'ben' }], routing: { wrapUp: '30s' }, store },
    { clock, seed: 1, createId: () => `c${(idCount += 1)}` },
  )
  const seen: AnyObservation[] = []
  engine.on('*', (fact) => seen.push(fact))
  await engine.start()
  await engine.agent('ana').setPresence('online', { lease: '45s' })
  await engine.agent('ben').setPresence('online')
  const kim = await talking(engine, 'kim', 'ana')
  const lou = await engine.openConversation({ customer: { id: 'lou' } })
  await lou.present({ lease: '45s' })
  await lou.say('a person, please')
  await engine.agent('ana').decline(lou.id)
  await engine.agent('ben').decline(lou.id)
  setBack(HOUR)
  await engine.agent('ana').setPresence('online', { lease: '45s' })
  await kim.say('Where is my parcel?')
  await engine.agent('ana').say(kim.id, 'On its way.')
  const max = await talking(engine, 'max', 'ana')
  await engine.agent('ana').close(max.id)
  await quiet()
  const { transcript } = await kim.view()
  expect(transcript.map(({ seq }) => seq)).toEqual(transcript.map((_, index) => index + 1))
  expect(transcript.slice(-2).map(({ text }) => text)).toEqual(['Where is my parcel?', 'On its way.'])
  await pass(5 * 24 * HOUR)
  const tenant = await store.open('')
  const content = await readStore(tenant)
  expect(content.conversations.map(({ snapshot }) => snapshot.path)).toEqual(['closed', 'closed', 'closed'])
  expect(content.agents.map(({ units }) => units)).toEqual([0, 0])
  expect(content.agents[0]?.presence).toBe('offline')
  expect(findViolations(content)).toEqual([])
  for (const fact of seen) {
    if (fact.type === 'offer.accepted') expect(fact.waitMs).toBeGreaterThanOrEqual(0)
    if (fact.type === 'conversation.closed') expect(fact.durationMs).toBeGreaterThanOrEqual(0)
  }
  expect(seen.filter(({ type }) => type === 'conversation.closed')).toHaveLength(3)
})
