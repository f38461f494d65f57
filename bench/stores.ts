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
  /** What was asked from now on is kept, by conversation. */
  record(): void
  /** Asks everything that came before the recording again of an empty database. */
  prepareBare(): Promise<void>
  /** What was asked for each conversation while recording, on the prepared database. */
  lanes(): readonly (readonly Asked[])[]
  drop(): Promise<void>
}

interface Measured {
  readonly what: string
  readonly turnsPerSecond: readonly number[]
  readonly barePerSecond: readonly number[]
}

/** Turns of the engine beside the same statements issued bare through the driver, one after the other in each round. */
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
              turns: callers === 1 ? 300 : 1_200,
              open: () => openPostgres(callers),
            }),
          ),
        )
    else notes.push(`PostgreSQL is left out: there is none at ${URL}. \`npm run pg\` starts one.`)
    return {
      base: 'the same statements with the same parameters, issued bare through the driver on a fresh database, by as many callers (wall time)',
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
  for (let round = 0; round < rounds; round += 1) rates.push(await talk(memoryStore(), { callers: 1, turns: 3_000 }))
  return { what: 'memory', figure: `${Math.round(quantile(rates, 0.5)).toLocaleString('en')} turns/s` }
}

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
    const rate = await talk(bench.store, { callers, turns, onReady: () => bench.record() })
    await bench.prepareBare()
    const began = performance.now()
    await Promise.all(
      bench.lanes().map(async (lane) => {
        for (const ask of lane) await ask()
      }),
    )
    const bare = (turns * 1_000) / (performance.now() - began)
    await bench.drop()
    if (round === 0) continue // warms up
    turnsPerSecond.push(rate)
    barePerSecond.push(bare)
  }
  return { what, turnsPerSecond, barePerSecond }
}

/** So many customers in live conversations, each of whom says one thing after the other. */
async function talk(
  store: Store,
  { callers, turns, onReady = () => undefined }: { readonly callers: number; readonly turns: number; onReady?(): void },
): Promise<number> {
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
  onReady()
  const began = performance.now()
  await Promise.all(
    customers.map(async (customer) => {
      for (let count = 0; count < turns / callers; count += 1) await customer.say('one more thing that came to my mind')
    }),
  )
  const rate = (turns * 1_000) / (performance.now() - began)
  await engine.stop({ within: '1s' })
  return rate
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
  const pool = new pg.Pool({ connectionString: URL, max: Math.max(2, callers) })
  const before: Statement[] = []
  const during: Statement[] = [] // sorted afterwards: recording must cost the engine as little as can be
  let isRecording = false
  const client = {
    query(text: string, params: unknown[] = []) {
      ;(isRecording ? during : before).push({ text, params })
      return pool.query<object>(text, params)
    },
  }
  return {
    store: postgresStore(client, { schema }),
    record: () => {
      isRecording = true
    },
    async prepareBare() {
      await pool.query(`drop schema "${schema}" cascade`)
      for (const { text, params } of before) await pool.query(text, [...params])
    },
    lanes: () =>
      byConversation(during).map((lane) =>
        lane.map(
          ({ text, params }) =>
            () =>
              pool.query<object>(text, [...params]),
        ),
      ),
    async drop() {
      await pool.query(`drop schema "${schema}" cascade`)
      await pool.end()
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
  let fileCount = 0
  const openFile = (): SqliteHandle & { close(): unknown } => new Database(path.join(folder, `${(fileCount += 1)}.db`))
  const handle = openFile()
  const before: ((to: SqliteHandle) => Asked)[] = []
  const during: ((to: SqliteHandle) => Asked)[] = []
  let isRecording = false
  const keep = (ask: (to: SqliteHandle) => Asked): void => void (isRecording ? during : before).push(ask)
  let bare: (SqliteHandle & { close(): unknown }) | undefined
  let lane: readonly Asked[] = []
  return {
    store: sqliteStore(recorded(handle, keep), { durability }),
    record: () => {
      isRecording = true
    },
    prepareBare() {
      bare = openFile()
      const to = prepared(bare)
      for (const ask of before) ask(to)()
      lane = during.map((ask) => ask(to))
      return Promise.resolve()
    },
    lanes: () => [lane],
    drop: () => {
      handle.close()
      bare?.close()
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
