import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'libsql'
import pg from 'pg'
import { createEngine } from '../src/index.ts'
import { memoryStore, postgresStore, type SqliteHandle, sqliteStore, type Store } from '../src/stores/index.ts'
import { quantile } from './paired.ts'
import { goalOf, ratioOf, type Row, type Section, type Told } from './section.ts'

const URL = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test'
const GOAL = 0.6

/** Something that was asked of a driver, to be asked again. */
type Asked = () => unknown

interface Bench {
  readonly store: Store
  /** From now on what is asked is kept: what came before is asked again of an empty database of the same kind. */
  record(): Promise<void>
  /** What was asked since the last time, by conversation, to be asked of the other database. */
  take(): readonly (readonly Asked[])[]
  drop(): Promise<void>
}

interface Measured {
  readonly what: string
  readonly turnsPerSecond: readonly number[]
  readonly barePerSecond: readonly number[]
}

/** Turns of the engine beside the same statements issued bare through the driver, in turns of some milliseconds each. */
export const stores: Section = {
  name: 'stores',
  title: 'Turns per second on each store, beside the same statements issued bare',
  async run({ rounds }): Promise<Told> {
    const count = Math.min(rounds, 7)
    const rows: Row[] = [await memoryRow(count)]
    for (const durability of ['normal', 'full'] as const) {
      rows.push(
        toRow(
          await measure(`SQLite, ${durability}`, {
            rounds: count,
            callers: 1,
            turns: 1_000,
            open: () => Promise.resolve(openSqlite(durability)),
          }),
        ),
      )
    }
    const notes: string[] = []
    if (await isThere())
      for (const callers of [1, 8, 32])
        rows.push(
          toRow(
            await measure(`PostgreSQL, ${callers} ${callers === 1 ? 'caller' : 'callers'}`, {
              rounds: count,
              callers,
              turns: callers === 1 ? 400 : callers * 80,
              open: () => openPostgres(callers),
            }),
          ),
        )
    else notes.push(`PostgreSQL is left out: there is none at ${URL}. \`npm run pg\` starts one.`)
    return {
      base: 'the same statements with the same parameters, issued bare through the driver on a fresh database, by as many callers, in slices between the turns (wall time)',
      rows,
      notes: [...notes, 'A turn is one message of a customer in a live conversation: a load and one commit.'],
    }
  },
}

function toRow({ what, turnsPerSecond, barePerSecond }: Measured): Row {
  const ratios = turnsPerSecond.map((rate, round) => rate / (barePerSecond[round] ?? rate))
  const ratio = quantile(ratios, 0.5)
  return {
    what,
    figure: `${Math.round(quantile(turnsPerSecond, 0.5)).toLocaleString('en')} turns/s (bare ${Math.round(quantile(barePerSecond, 0.5)).toLocaleString('en')})`,
    ratio: ratioOf({ ratio, quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)] }),
    goal: goalOf(ratio, '>=', GOAL, 'x'),
  }
}

async function memoryRow(rounds: number): Promise<Row> {
  const rates: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const house = await openHouse(memoryStore(), 1)
    rates.push(3_000_000 / (await timeOf(() => house.talk(3_000))))
    await house.close()
  }
  return { what: 'memory', figure: `${Math.round(quantile(rates, 0.5)).toLocaleString('en')} turns/s` }
}

/** Slices of a round: so short that whatever else the machine does meets both sides alike. */
const SLICES = 20

async function measure(
  what: string,
  about: {
    readonly rounds: number
    readonly callers: number
    readonly turns: number
    open(): Promise<Bench>
  },
): Promise<Measured> {
  const { rounds, callers, turns, open } = about
  const turnsPerSecond: number[] = []
  const barePerSecond: number[] = []
  for (let round = 0; round < rounds + 1; round += 1) {
    const bench = await open()
    const house = await openHouse(bench.store, callers)
    await bench.record()
    let [engineMs, bareMs] = [0, 0]
    for (let slice = 0; slice <= SLICES; slice += 1) {
      const spentMs = await timeOf(() => house.talk(turns / callers / SLICES))
      const lanes = bench.take()
      const bareSpentMs = await timeOf(() => Promise.all(lanes.map(askAll)))
      if (slice === 0) continue // warms up
      engineMs += spentMs
      bareMs += bareSpentMs
    }
    await house.close()
    await bench.drop()
    if (round === 0) continue // warms up, too
    turnsPerSecond.push((turns * 1_000) / engineMs)
    barePerSecond.push((turns * 1_000) / bareMs)
  }
  return { what, turnsPerSecond, barePerSecond }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function askAll(lane: readonly Asked[]): Promise<void> {
  for (const ask of lane) await ask()
}

interface House {
  /** Each customer says so many things, one after the other. */
  talk(count: number): Promise<unknown>
  close(): Promise<void>
}

/** So many customers in live conversations. */
async function openHouse(store: Store, callers: number): Promise<House> {
  await store.migrate()
  const engine = createEngine({ store, agents: [{ id: 'ana', capacity: callers, autoAccept: true }] })
  await engine.start()
  await engine.agent('ana').setPresence('online')
  const customers = await Promise.all(
    Array.from({ length: callers }, (_, index) => engine.openConversation({ customer: { id: `kim${index}` } })),
  )
  for (const customer of customers) {
    await customer.requestAgent()
    while ((await customer.view()).phase !== 'live') await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return {
    talk: (count) =>
      Promise.all(
        customers.map(async (customer) => {
          for (let said = 0; said < count; said += 1) await customer.say('one more thing that came to my mind')
        }),
      ),
    close: () => engine.stop({ within: '1s' }),
  }
}

async function isThere(): Promise<boolean> {
  const client = new pg.Client({ connectionString: URL, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

interface Statement {
  readonly text: string
  readonly params: readonly unknown[]
}

async function openPostgres(callers: number): Promise<Bench> {
  const schema = `bench_${process.pid}_${Math.random().toString(36).slice(2)}`
  const bareSchema = `${schema}_bare`
  const pool = new pg.Pool({ connectionString: URL, max: Math.max(2, callers) })
  const barePool = new pg.Pool({ connectionString: URL, max: Math.max(2, callers) })
  let asked: Statement[] = [] // sorted afterwards: recording must cost the engine as little as can be
  const client = {
    query(text: string, params: unknown[] = []) {
      asked.push({ text, params })
      return pool.query<object>(text, params)
    },
  }
  const taken = (): readonly Statement[] => {
    const statements = asked.map(({ text, params }) => ({ text: text.replaceAll(schema, bareSchema), params }))
    asked = []
    return statements
  }
  return {
    store: postgresStore(client, { schema }),
    async record() {
      for (const { text, params } of taken()) await barePool.query(text, [...params])
    },
    take: () =>
      byConversation(taken()).map((lane) =>
        lane.map(
          ({ text, params }) =>
            () =>
              barePool.query<object>(text, [...params]),
        ),
      ),
    async drop() {
      await pool.query(`drop schema "${schema}" cascade; drop schema "${bareSchema}" cascade`)
      await pool.end()
      await barePool.end()
    },
  }
}

function byConversation(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  const lanes = new Map<string, Statement[]>()
  for (const statement of statements) {
    const id = idOf(statement)
    if (id === undefined) continue
    const lane = lanes.get(id) ?? []
    lane.push(statement)
    lanes.set(id, lane)
  }
  return [...lanes.values()]
}

/** The conversation that a statement is about; `undefined`: leases and looks of the node. */
function idOf({ text, params }: Statement): string | undefined {
  if (text.includes('select') && text.includes('.commit_conversation($1') && params.length > 0)
    return (JSON.parse(String(params[0])) as { readonly id: string }).id
  if (/from "\w+"\.(conversations|entries)/.test(text) && / (c\.)?(id|conversation_id) = \$2/.test(text))
    return String(params[1])
  return undefined
}

function openSqlite(durability: 'normal' | 'full'): Bench {
  const folder = mkdtempSync(path.join(tmpdir(), 'maitred-bench-'))
  const openFile = (name: string): SqliteHandle & { close(): unknown } => new Database(path.join(folder, name))
  const [handle, bare] = [openFile('engine.db'), openFile('bare.db')]
  let asked: ((to: SqliteHandle) => Asked)[] = []
  const to = prepared(bare)
  const taken = (): readonly Asked[] => {
    const lane = asked.map((ask) => ask(to))
    asked = []
    return lane
  }
  return {
    store: sqliteStore(
      recorded(handle, (ask) => void asked.push(ask)),
      { durability },
    ),
    record: () => askAll(taken()),
    take: () => [taken()],
    drop: () => {
      handle.close()
      bare.close()
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  }
}

type Method = 'run' | 'get' | 'all'
type Prepared = Record<Method, (...params: readonly unknown[]) => unknown>

/** The handle, with everything that is asked of it handed to `keep`. */
function recorded(handle: SqliteHandle, keep: (ask: (to: SqliteHandle) => Asked) => void): SqliteHandle {
  return {
    exec(sql) {
      keep((to) => () => to.exec(sql))
      return handle.exec(sql)
    },
    prepare(sql) {
      const statement = handle.prepare(sql) as Prepared // all drivers have these
      const method =
        (name: Method) =>
        (...params: readonly unknown[]) => {
          keep((to) => {
            const own = to.prepare(sql) as Prepared // as above
            return () => own[name](...params)
          })
          return statement[name](...params)
        }
      return { run: method('run'), get: method('get'), all: method('all') }
    },
  }
}

/** Each statement is prepared once, as whoever writes them by hand would do. */
function prepared(handle: SqliteHandle): SqliteHandle {
  const statements = new Map<string, unknown>()
  return {
    exec: (sql) => handle.exec(sql),
    prepare(sql) {
      const lazily =
        (name: Method) =>
        (...params: readonly unknown[]) => {
          const known = statements.get(sql) ?? handle.prepare(sql)
          statements.set(sql, known)
          return (known as Prepared)[name](...params) // as above
        }
      return { run: lazily('run'), get: lazily('get'), all: lazily('all') }
    },
  }
}
