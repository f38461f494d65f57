import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { describeRun, writeSection } from '../scripts/results.mjs'
import { runClaims } from './chaos/claims.ts'
import { startFleet } from './chaos/fleet.ts'
import { judge } from './chaos/judge.ts'
import { createPeople } from './chaos/people.ts'
import { type Place, postgresPlace, sqlitePlace } from './chaos/place.ts'
import { createChance, pause } from './chaos/protocol.ts'

// Live customers and agents at several nodes that are killed, frozen and cut off, and the count of what was lost by it.

interface Goals {
  readonly store: 'postgres' | 'sqlite'
  readonly nodes: number
  readonly seconds: number
  readonly messages: number
  readonly kills: number
  readonly stops: number
  readonly seed: number
  readonly leaseMs: number
  readonly customers: number
  readonly agents: number
}

/** A node that is gone, and the work that it did: until somebody else does it. */
interface Takeover {
  readonly pid: number
  readonly at: number
  readonly names: Set<string>
}

async function runChaos(goals: Goals): Promise<Record<string, unknown>> {
  const place = goals.store === 'postgres' ? await postgresPlace() : await sqlitePlace()
  const chance = createChance(goals.seed)
  const people = createPeople(() => fleet, createChance(goals.seed + 1))
  const agentIds = Array.from({ length: goals.agents }, (_, index) => `ana${index}`)
  const about = {
    store: goals.store,
    url: place.url,
    schema: place.schema,
    lease: goals.leaseMs,
    agentIds,
    seed: goals.seed,
  }
  const fleet = await startFleet(goals.nodes, about, { chance: createChance(goals.seed + 2), offered: people.offered })
  const watch = watchPlace(place)
  const began = Date.now()
  const isLate = (): boolean => Date.now() - began > goals.seconds * 5_000
  const visiting = people.run({ customers: goals.customers, agentIds })

  let [kills, stops] = [0, 0]
  const breakCount = goals.kills + goals.stops
  const gapMs = (goals.seconds * 1_000) / (breakCount + 1)
  /** No faster than the messages: a machine that is slow must not have the last of them in peace. */
  const isAhead = (): boolean => (kills + stops) / breakCount > people.ackedCount / goals.messages
  const breaking = (async () => {
    while (kills < goals.kills || stops < goals.stops) {
      await pause(gapMs * (0.5 + chance()))
      while (isAhead() && !isLate()) await pause(20)
      const index = Math.floor(chance() * goals.nodes)
      const isStop = stops < goals.stops && chance() < goals.stops / (goals.kills + goals.stops)
      const pid = fleet.pids[index]
      if (pid !== undefined) watch.gone(pid)
      if (isStop || kills >= goals.kills) {
        stops += 1
        await fleet.freeze(index, goals.leaseMs * 2.5)
      } else {
        kills += 1
        fleet.kill(index)
      }
    }
  })()
  const telling = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1_000)
    console.error(`${seconds} s: ${people.ackedCount} acknowledged, ${kills} kills, ${stops} stops`)
  }, 10_000)
  const isDone = (): boolean => Date.now() - began > goals.seconds * 1_000 && people.ackedCount >= goals.messages
  while (!isDone() && !isLate()) await pause(200)
  await breaking
  people.goHome()
  await visiting
  clearInterval(telling)
  const tenant = await place.store.open('')
  const open = new Set(people.conversationIds)
  const isQuiet = async (): Promise<boolean> => {
    for (const id of open) {
      if ((await tenant.load(id)).row?.snapshot.path !== 'closed') return false
      open.delete(id)
    }
    return true
  }
  for (let looks = 0; looks < 60 && !(await isQuiet()); looks += 1) await pause(500)
  await pause(1_000) // wrap-up
  const verdict = await judge(tenant, people.sent, people.conversationIds)
  const { over, twice, takeoverP99Ms, samples } = await watch.stop()
  await fleet.stop()
  await place.drop()
  return {
    store: goals.store,
    nodes: goals.nodes,
    seconds: Math.round((Date.now() - began) / 1_000),
    conversations: people.conversationIds.size,
    messages: people.sent.length,
    acknowledged: people.ackedCount,
    lost: verdict.lost,
    doubled: verdict.doubled,
    outOfOrder: verdict.outOfOrder,
    overCapacitySamples: over,
    doubleOwner: verdict.doubleOwner + twice,
    stuck: verdict.stuck,
    kills,
    stops,
    takeoverP99Ms,
    leaseMs: goals.leaseMs,
    samples,
    unsound: verdict.unsound.slice(0, 5),
  }
}

function watchPlace(place: Place) {
  const takeovers: Takeover[] = []
  const took: number[] = []
  let [over, twice, samples] = [0, 0, 0]
  const life = { isOver: false }
  let leases: ReadonlyMap<string, string> = new Map()
  const watching = (async () => {
    while (!life.isOver) {
      const seen = await place.look().catch(() => undefined)
      if (seen !== undefined) {
        samples += 1
        over += seen.over
        twice += seen.twice
        leases = seen.leases
        for (const { pid, at, names } of takeovers)
          for (const name of names)
            if (!isHeldBy(seen.leases.get(name), pid)) {
              took.push(Date.now() - at)
              names.delete(name)
            }
      }
      await pause(20)
    }
  })()
  return {
    gone(pid: number): void {
      const names = [...leases].filter(([, holder]) => isHeldBy(holder, pid)).map(([name]) => name)
      takeovers.push({ pid, at: Date.now(), names: new Set(names) })
    },
    async stop() {
      life.isOver = true
      await watching
      const sorted = took.sort((one, other) => one - other)
      const takeoverP99Ms = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? null
      return { over, twice, samples, takeoverP99Ms }
    },
  }
}

function isHeldBy(holder: string | undefined, pid: number): boolean {
  return holder?.split('/')[1] === String(pid)
}

/**
 * `npm run chaos -- [--seconds n] [--seed n] [--long] [--sqlite] [--claims n] [--write]`: one JSON object; ends with 1 if anything was lost.
 * `--write` keeps it in bench/RESULTS.md.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      messages: { type: 'string' },
      kills: { type: 'string' },
      stops: { type: 'string' },
      seed: { type: 'string' },
      nodes: { type: 'string' },
      lease: { type: 'string' },
      claims: { type: 'string' },
      long: { type: 'boolean' },
      sqlite: { type: 'boolean' },
      customers: { type: 'string' },
      agents: { type: 'string' },
      write: { type: 'boolean' },
    },
  })
  const load = `load average ${loadavg()[0]?.toFixed(1) ?? '?'} at the start`
  const keep = (section: string, title: string, told: Readonly<Record<string, unknown>>): void => {
    if (values.write !== true) return
    const command = `npm run chaos -- ${process.argv.slice(2).join(' ')}`
    const object = `\`\`\`json\n${JSON.stringify(told, undefined, 2)}\n\`\`\``
    writeSection('bench/RESULTS.md', section, [`## ${title}`, `${describeRun(command)}, ${load}`, object].join('\n\n'))
  }
  if (values.claims !== undefined) {
    const told = await runClaims(Number(values.claims))
    console.log(JSON.stringify(told))
    keep('claims', 'Seats claimed by two processes of 32 clients', told)
    process.exitCode = told.overCapacitySamples === 0 && told.naive.overCapacitySamples > 0 ? 0 : 1
    return
  }
  const isLong = values.long === true
  const isSqlite = values.sqlite === true
  const told = await runChaos({
    store: isSqlite ? 'sqlite' : 'postgres',
    nodes: Number(values.nodes ?? (isSqlite ? 2 : 4)),
    seconds: Number(values.seconds ?? (isLong ? 900 : 60)),
    messages: Number(values.messages ?? (isLong ? 100_000 : isSqlite ? 2_000 : 4_000)),
    kills: Number(values.kills ?? (isLong ? 500 : isSqlite ? 15 : 20)),
    stops: Number(values.stops ?? (isLong ? 50 : isSqlite ? 0 : 5)),
    seed: Number(values.seed ?? 1),
    leaseMs: Number(values.lease ?? 1_000),
    customers: Number(values.customers ?? 60),
    agents: Number(values.agents ?? 12),
  })
  console.log(JSON.stringify(told))
  keep(isSqlite ? 'chaos-sqlite' : 'chaos', `Nodes broken on purpose: ${isSqlite ? 'SQLite' : 'PostgreSQL'}`, told)
  const bad = ['lost', 'doubled', 'outOfOrder', 'overCapacitySamples', 'doubleOwner', 'stuck'].some(
    (name) => told[name] !== 0,
  )
  process.exitCode = bad ? 1 : 0
}

await main()
process.exit()
