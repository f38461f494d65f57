import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../src/core/engine/engine-api.ts'
import { definePlugin } from '../../../src/core/hooks/define-plugin.ts'
import type { Receipt } from '../../../src/core/receipts.ts'
import { memoryStore } from '../../../src/stores/index.ts'
import { findViolations, readStore, type Trouble } from '../../../src/testing/index.ts'
import { type Cluster, createCluster } from './cluster.ts'

type Fault = 'crashes before' | 'crashes after' | 'fails at' | 'loses the answer of'

/** What may be asked again of another node under the same key, until somebody answers. */
type Verb = (engine: Engine, id: string) => Promise<unknown>

const STEPS: readonly (readonly [string, Verb])[] = [
  ['says hello', (engine, id) => engine.conversation(id).say('hello', { key: 'k1' })],
  ['asks', (engine, id) => engine.conversation(id).say('where is my parcel?', { key: 'k2' })],
  ['asks for a person', (engine, id) => engine.conversation(id).requestAgent({ key: 'k3' })],
  ['is accepted', (engine, id) => engine.agent('ana').accept(id, { key: 'k4' })],
  ['is answered', (engine, id) => engine.agent('ana').say(id, 'let me look', { key: 'k5' })],
  ['is held', (engine, id) => engine.agent('ana').hold(id, { key: 'k6', backIn: '2m' })],
  ['waits', (engine, id) => engine.conversation(id).say('thanks', { key: 'k7' })],
  ['is answered again', (engine, id) => engine.agent('ana').say(id, 'it is on its way', { key: 'k8' })],
  ['is closed', (engine, id) => engine.agent('ana').close(id, { key: 'k9' })],
  ['says it is solved', (engine, id) => engine.conversation(id).choose('yes', { key: 'k10' })],
  ['leaves', (engine, id) => engine.conversation(id).leave({ key: 'k11' })],
]

/** Between two of these nothing has changed: a crash at one is a crash before the next call of another kind. */
const LOOKS = new Set(['changes', 'versions', 'nextDueAt', 'lease', 'now', 'outboxTake'])

/** Everything a conversation goes through, while the first node meets one fault at its n-th call of the store. */
async function play(fault: Fault, nth: number) {
  const store = memoryStore()
  const delivered: string[] = []
  const crm = definePlugin({
    name: 'crm',
    version: '1.0.0',
    hooks: { 'after:accept': (ctx) => void delivered.push(ctx.effectId) },
  })
  const cluster = createCluster(store, { agents: [{ id: 'ana' }], plugins: [crm()], nodes: { lease: '2s' } })
  const calls = { count: 0, isArmed: false }
  const isNow = (): boolean => calls.isArmed && (calls.count += 1) === nth
  const trouble: Trouble = {
    ...(fault === 'crashes before' && {
      before: (operation) => {
        if (!LOOKS.has(operation) && isNow()) cluster.kill(first)
        return calls.isArmed && cluster.isDead(first) ? new Promise<never>(() => {}) : undefined
      },
    }),
    ...(fault === 'crashes after' && {
      losesAnswer: () => {
        if (isNow()) cluster.kill(first)
        return cluster.isDead(first)
      },
    }),
    ...(fault === 'fails at' && { fails: isNow }),
    ...(fault === 'loses the answer of' && { losesAnswer: isNow }),
  }
  const first: Engine = await cluster.start({}, trouble)
  const second = await cluster.start()
  await second.agent('ana').setPresence('online')
  calls.isArmed = true
  const id = await open(cluster, [first, second])
  for (const [, verb] of STEPS) {
    await insist(cluster, [first, second], (engine) => verb(engine, id))
    await cluster.advance(5_000) // two leases, and the offer
  }
  await cluster.advance(120_000)
  const tenant = await store.open('')
  const { row } = await tenant.load(id)
  return {
    callCount: calls.count,
    path: row?.snapshot.path,
    texts: (await tenant.transcript(id, 0))
      .filter(({ author }) => author === 'customer' || author === 'agent')
      .map(({ text }) => text),
    violations: findViolations(await readStore(tenant)),
    accepted: new Set(delivered).size,
    outboxCount: (await tenant.health()).outboxCount,
    conversationCount: (await tenant.find({})).length,
  }
}

async function open(cluster: Cluster, engines: readonly Engine[]): Promise<string> {
  const conversation = await insist(cluster, engines, (engine) => engine.openConversation({ customer: { id: 'kim' } }))
  return (conversation as { readonly id: string }).id
}

/** Asks one node after the other, the same thing under the same key, until one answers. */
async function insist(
  cluster: Cluster,
  engines: readonly Engine[],
  ask: (engine: Engine) => Promise<unknown>,
): Promise<unknown> {
  for (let tries = 0; tries < 6; tries += 1) {
    const engine = engines[tries % engines.length] as Engine // within its length
    const outcome: { answer?: unknown } = {}
    ask(engine).then(
      (answer) => (outcome.answer = answer),
      () => undefined,
    )
    await cluster.advance(10)
    const { answer } = outcome
    if (answer !== undefined && isTaken(answer)) return answer
    await cluster.advance(1_500) // an offer may have to be found again first
  }
  throw new Error('nobody answers')
}

function isTaken(answer: unknown): boolean {
  const receipt = answer as Partial<Receipt>
  return receipt.status !== 'refused' || receipt.code === 'CLOSED' || receipt.code === 'NOT_NOW'
}

const SAID = ['hello', 'where is my parcel?', 'let me look', 'thanks', 'it is on its way', 'Yes']

describe('F65: a node that', () => {
  test.each(['crashes before', 'crashes after', 'fails at', 'loses the answer of'] as const)(
    '%s any call of the store loses nothing and doubles nothing (P42, P43, P44)',
    async (fault) => {
      const whole = await play(fault, Number.POSITIVE_INFINITY)
      expect(whole).toMatchObject({ path: 'closed', texts: SAID, violations: [], conversationCount: 1 })
      expect(whole.callCount).toBeGreaterThan(11)
      for (let nth = 1; nth <= whole.callCount; nth += 1) {
        const { callCount: _callCount, ...played } = await play(fault, nth)
        expect(played, `${fault} call ${nth}`).toEqual({
          path: 'closed',
          texts: SAID,
          violations: [],
          accepted: 1,
          outboxCount: 0,
          conversationCount: 1,
        })
      }
    },
    120_000,
  )
})
