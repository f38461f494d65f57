import { createRequire } from 'node:module'
import pg from 'pg'
import type Libsql from 'libsql'
import { createEngine, isMaitredError, type Engine, type Receipt, type Store } from '../src/index.ts'
import { postgresStore, type SqlClient, sqliteStore } from '../src/stores/index.ts'
import { type Ask, createChance, type FromNode, type NodeAbout, pause, type Told } from './chaos/protocol.ts'

// One node of the cluster that chaos.ts breaks. It is asked over the channel between the processes.

const about = JSON.parse(process.argv[2] ?? '{}') as NodeAbout // written by chaos.ts
const chance = createChance(about.seed)
const STALLED = 0.01
const CUT = 0.01

/** A pool whose connections stall, and are cut when a commit has been made and its answer is on the way. */
function troubled(pool: pg.Pool): SqlClient {
  return {
    async query(text, params) {
      const connection = await pool.connect()
      let broken: Error | undefined
      try {
        if (chance() < STALLED) await pause(50 + 350 * chance())
        const answer = await connection.query<object>(text, params)
        if (!text.includes('commit_conversation') || chance() >= CUT) return answer
        throw new Error('the connection was cut')
      } catch (error) {
        broken = error instanceof Error ? error : new Error(String(error))
        throw broken
      } finally {
        connection.release(broken)
      }
    },
  }
}

function openStore(): Store {
  if (about.store === 'postgres') {
    const pool = new pg.Pool({ connectionString: about.url, max: 8 })
    pool.on('error', () => undefined)
    return postgresStore(troubled(pool), { schema: about.schema })
  }
  const Database = createRequire(import.meta.url)('libsql') as typeof Libsql // loaded only by whom it is for
  return sqliteStore(new Database(about.url), { durability: 'normal' })
}

async function act(engine: Engine, ask: Ask): Promise<Told> {
  switch (ask.do) {
    case 'open':
      return { ok: true, id: (await engine.openConversation({ customer: { id: ask.customerId }, key: ask.key })).id }
    case 'say':
      return toTold(await engine.conversation(ask.conversationId).say(ask.text, { key: ask.key }))
    case 'requestAgent':
      return toTold(await engine.conversation(ask.conversationId).requestAgent({ key: ask.key }))
    case 'leave':
      return toTold(await engine.conversation(ask.conversationId).leave({ key: ask.key }))
    case 'online':
      await engine.agent(ask.agentId).setPresence('online', { lease: '20s' })
      return { ok: true }
    case 'follow':
      void follow(engine, ask.agentId)
      return { ok: true }
    case 'accept':
      return toTold(await engine.agent(ask.agentId).accept(ask.conversationId, { key: ask.key }))
    case 'answer':
      return toTold(await engine.agent(ask.agentId).say(ask.conversationId, ask.text, { key: ask.key }))
    case 'close':
      return toTold(await engine.agent(ask.agentId).close(ask.conversationId, { key: ask.key }))
    case 'stop':
      await engine.stop()
      return { ok: true }
  }
}

async function follow(engine: Engine, agentId: string): Promise<void> {
  try {
    for await (const update of engine.agent(agentId).follow())
      if (update.type === 'offer') tell({ offered: agentId, conversationId: update.conversation.id })
  } catch {
    await pause(100)
    void follow(engine, agentId)
  }
}

function toTold(receipt: Receipt): Told {
  return { ok: receipt.ok, status: receipt.status, ...(receipt.status === 'refused' ? { code: receipt.code } : {}) }
}

function tell(message: FromNode): void {
  if (process.connected) process.send?.(message)
}

async function main(): Promise<void> {
  const engine = createEngine({
    store: openStore(),
    agents: about.agentIds.map((id) => ({ id, capacity: 3 })),
    routing: { wrapUp: '100ms', offerTimeout: '3s' },
    nodes: { lease: about.lease, poll: Math.min(250, about.lease / 4) },
  })
  for (;;) {
    try {
      await engine.start()
      break
    } catch {
      await pause(100)
    }
  }
  process.on('message', (message) => {
    const { n, ask } = message as { readonly n: number; readonly ask: Ask } // sent by chaos.ts
    act(engine, ask).then(
      (told) => {
        tell({ reply: n, told })
        if (ask.do === 'stop') process.exit()
      },
      (error: unknown) => tell({ reply: n, error: isMaitredError(error) ? error.code : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
  tell({ ready: true })
}

await main()
