import { fork } from 'node:child_process'
import pg from 'pg'
import { postgresStore } from '../../src/stores/index.ts'
import type { Commit } from '../../src/core/ports.ts'
import { commitOf, take, release } from '../../src/testing/store-cases/script.ts'
import { postgresPlace } from './place.ts'
import { createChance, pause } from './protocol.ts'

// 200 agents with 3 seats each, kept near full by 2 processes of 32 clients, and a look every 20 ms whether anybody holds more.

const AGENTS = 200
const SEATS = 3
const CLIENTS = 32
const PROCESSES = 2

interface ClaimsAbout {
  readonly url: string
  readonly schema: string
  readonly claims: number
  readonly seed: number
  readonly isNaive: boolean
}

export async function runClaims(claims: number) {
  const naive = await contend({ claims: Math.min(claims, 6_000), isNaive: true })
  const guarded = await contend({ claims, isNaive: false })
  return { ...guarded, naive }
}

async function contend({ claims, isNaive }: { readonly claims: number; readonly isNaive: boolean }) {
  const place = await postgresPlace()
  const tenant = await place.store.open('')
  for (let index = 0; index < AGENTS; index += 1) {
    await tenant.saveAgent({ id: `a${index}`, capacity: SEATS })
    await tenant.setPresence(`a${index}`, { presence: 'online', until: null, at: 0 })
  }
  const began = Date.now()
  let [over, samples] = [0, 0]
  const life = { isOver: false }
  const watching = (async () => {
    while (!life.isOver) {
      over += (await place.look()).over
      samples += 1
      await pause(20)
    }
  })()
  const counts = await Promise.all(
    Array.from({ length: PROCESSES }, (_, seed) =>
      claimElsewhere({ url: place.url, schema: place.schema, claims: Math.ceil(claims / PROCESSES), seed, isNaive }),
    ),
  )
  const seconds = (Date.now() - began) / 1_000
  life.isOver = true
  await watching
  await place.drop()
  const made = counts.reduce((sum, count) => sum + count, 0)
  return { claims: made, overCapacitySamples: over, samples, perSecond: Math.round(made / seconds) }
}

function claimElsewhere(about: ClaimsAbout): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(process.argv[1] ?? '', ['--claims', '0'], {
      env: { ...process.env, MAITRED_CLAIMS: JSON.stringify(about) },
    })
    child.on('message', (count) => resolve(count as number)) // sent below
    child.on('exit', (code) => {
      if (code !== 0) reject(new Error('a process that claims has failed'))
    })
  })
}

/** In a process of its own: so many claims by 32 clients, each releasing what it holds from time to time. */
async function claimHere({ url, schema, claims, seed, isNaive }: ClaimsAbout): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: CLIENTS })
  const tenant = await postgresStore(pool, { schema }).open('')
  let made = 0
  const claimNaively = async (agentId: string): Promise<boolean> => {
    const { rows } = await pool.query<{ units: number }>(`select units from "${schema}".agents where id = $1`, [
      agentId,
    ])
    if ((rows[0]?.units ?? SEATS) >= SEATS) return false
    await pool.query(`update "${schema}".agents set units = units + 1 where id = $1`, [agentId])
    return true
  }
  const commit = async (asked: Commit): Promise<boolean> => {
    for (;;) {
      const { status } = await tenant.commit(asked)
      if (status !== 'conflict') return status === 'ok'
    }
  }
  const client = async (number: number): Promise<void> => {
    const chance = createChance(seed * 1_000 + number)
    const held: { readonly id: string; readonly agentId: string }[] = []
    for (let count = 0; made < claims; count += 1) {
      const agentId = `a${Math.floor(chance() * AGENTS)}`
      const id = `c${seed}-${number}-${count}`
      const isMade = isNaive
        ? await claimNaively(agentId)
        : await commit(commitOf(id, { slots: [take(agentId, `h${id}`)] }))
      if (isMade) {
        made += 1
        held.push({ id, agentId })
      }
      if (held.length <= 8) continue
      const given = held.splice(Math.floor(chance() * held.length), 1)[0]
      if (given === undefined) continue
      if (isNaive) await pool.query(`update "${schema}".agents set units = units - 1 where id = $1`, [given.agentId])
      else await commit(commitOf(given.id, { expect: 1, slots: [release(given.agentId, `h${given.id}`)] }))
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  await pool.end()
  return made
}

if (process.env['MAITRED_CLAIMS'] !== undefined) {
  process.send?.(await claimHere(JSON.parse(process.env['MAITRED_CLAIMS']) as ClaimsAbout)) // written above
  process.exit()
}
