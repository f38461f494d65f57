// 2,000 customers and 200 agents on one process, each with an event stream, over the loopback: how soon what is said arrives, what a
// connection weighs, whether anything is lost, and what the others notice of one visitor who sends a thousand messages and opens a thousand
// conversations in a second. Bounded in count and time; it ends by itself, and keeps what it found in bench/RESULTS.md when run as it is.
// `npm run load`, `npm run load -- --customers 200 --agents 20 --rounds 3 --json`
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeRun, writeSection } from './results.mjs'

const HOST = '127.0.0.1'
const LIMIT_MS = 480_000
const IN_FLIGHT = 32
/** Pairs of windows, one quiet and one with the visitor in haste; so many people talk in each, so many a second. */
const PAIRS = 8
const WINDOW_MS = 1_500
const PACE = 150
const IN_HASTE = 1_000

if (process.argv[2] === 'server') await serve()
else if (process.argv[2] === 'haste') beHasty()
else await main()

/** The side that is measured: an engine in memory behind `node:http`, as a product would mount it. */
async function serve() {
  const [{ createEngine }, { createHandler, toNode }] = await Promise.all([
    import('maitred'),
    import('maitred/transports'),
  ])
  const count = Number(process.argv[3])
  const agents = Array.from({ length: count }, (_, n) => ({ id: `agent-${n}`, capacity: 1_000, autoAccept: true }))
  const engine = createEngine({ agents, routing: { agentPolicy: 'leastLoaded' } })
  await engine.start()
  for (const { id } of agents) await engine.agent(id).setPresence('online')
  /** @type {import('maitred/transports').Auth} */
  const auth = ({ headers }) => {
    const [role, id = ''] = (headers.get('authorization') ?? '').slice('Bearer '.length).split(':')
    return role === 'customer' ? { role, customer: { id } } : { role: 'agent', agentId: id }
  }
  const server = createServer(toNode(createHandler(engine, { auth }))) // with the limits that everybody has
  server.keepAliveTimeout = LIMIT_MS // no line is cut between two commands
  await once(server.listen(0, HOST), 'listening')
  process.on('message', (asked) => {
    if (asked !== 'memory') return process.exit(0)
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    process.send?.({ rss, heapUsed })
  })
  process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port })
}

async function main() {
  const { values } = parseArgs({
    options: {
      customers: { type: 'string', default: '2000' },
      agents: { type: 'string', default: '200' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  })
  const { customers, agents, rounds } = {
    customers: Number(values.customers),
    agents: Number(values.agents),
    rounds: Number(values.rounds),
  }
  const self = fileURLToPath(import.meta.url)
  const server = fork(self, ['server', String(agents)], { execArgv: ['--expose-gc'] })
  const hasty = fork(self, ['haste'])
  const guard = setTimeout(() => {
    console.error(`not done within ${LIMIT_MS / 1000} s`)
    server.kill()
    hasty.kill()
    process.exit(1)
  }, LIMIT_MS)
  const [{ port }] = await once(server, 'message')
  const found = await drive({ port, server, hasty, customers, agents, rounds })
  clearTimeout(guard)
  server.send('stop')
  hasty.disconnect()
  console.log(values.json ? JSON.stringify(found) : toText(found))
  if (process.argv.length === 2) {
    const body = `## Load: event streams on one process\n\n${describeRun('npm run load')}\n\n\`\`\`text\n${toText(found)}\n\`\`\``
    writeSection(path.resolve(import.meta.dirname, '../bench/RESULTS.md'), 'load', body)
  }
  process.exit(found.lost === 0 && found.doubled === 0 ? 0 : 1)
}

/**
 * One visitor in haste, in a process of its own so that nobody waits for it but the server: whenever it is told to, a thousand messages and
 * a thousand openings within a second.
 */
function beHasty() {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT })
  process.on('message', async (/** @type {{ port: number, id: string }} */ { port, id }) => {
    const answers = { taken: 0, refused: 0, toldWhen: 0 }
    const send = (/** @type {string} */ to, /** @type {object} */ body) =>
      new Promise((resolve) => {
        const headers = {
          authorization: 'Bearer customer:hasty',
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID(),
        }
        const sent = request({ host: HOST, port, path: to, method: 'POST', headers, agent }, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
          response.on('end', () => {
            if (response.statusCode !== 429) answers.taken += 1
            else {
              answers.refused += 1
              if (JSON.parse(text).retryAfterMs > 0) answers.toldWhen += 1
            }
            resolve(undefined)
          })
        })
        sent.on('error', resolve).end(JSON.stringify(body))
      })
    /** @type {Promise<unknown>[]} */
    const all = []
    for (let tick = 0; tick < 20; tick += 1) {
      for (let n = 0; n < IN_HASTE / 20; n += 1)
        all.push(send(`/conversations/${id}/say`, { text: `now ${n}` }), send('/conversations', {}))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await Promise.all(all)
    process.send?.(answers)
  })
  process.on('disconnect', () => process.exit(0))
}

/** @param {{ port: number, server: import('node:child_process').ChildProcess, hasty: import('node:child_process').ChildProcess, customers: number, agents: number, rounds: number }} about */
async function drive({ port, server, hasty, customers, agents, rounds }) {
  const commands = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT })
  const streams = new Agent({ maxSockets: Infinity })
  /** @type {Map<string, number>} when each text was sent */
  const sentAt = new Map()
  /** @type {Map<string, number>} how often each was heard on the other side */
  const heard = new Map()
  /** @type {number[]} */
  let delays = []

  /** @param {string} who @param {string} path @param {object} body */
  const post = (who, path, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${who}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      }
      const sent = request({ host: HOST, port, path, method: 'POST', headers, agent: commands }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(JSON.parse(text))
            : reject(new Error(`${path}: ${response.statusCode} ${text}`)),
        )
      })
      sent.on('error', reject).end(JSON.stringify(body))
    })

  /** @param {string} who @param {string} path @param {(message: { author: string, text: string }, conversationId: string) => void} hear */
  const listen = (who, path, hear) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${who}` }
      const opened = request({ host: HOST, port, path, headers, agent: streams }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`${path}: ${response.statusCode}`))
        let rest = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          const blocks = (rest + chunk).split('\n\n')
          rest = blocks.pop() ?? ''
          for (const block of blocks) {
            if (!block.includes('event: message\n')) continue
            const { message, conversationId } = JSON.parse(block.slice(block.indexOf('data: ') + 6))
            hear(message, conversationId)
          }
        })
        resolve(undefined)
      })
      opened.on('error', reject).end()
    })

  /** @param {string} text */
  const arrived = (text) => {
    const at = sentAt.get(text)
    if (at === undefined) return
    delays.push(performance.now() - at)
    heard.set(text, (heard.get(text) ?? 0) + 1)
  }
  /** Whose conversation it is, as soon as something is heard at a desk. @type {Map<string, string>} */
  const owners = new Map()
  for (const n of range(agents))
    await listen(`agent:agent-${n}`, '/desk/events', ({ author, text }, id) => {
      owners.set(id, `agent-${n}`)
      if (author === 'customer') arrived(text)
    })
  const ids = new Map()
  await inFlight(range(customers), async (n) => {
    const { id } = await post(`customer:c${n}`, '/conversations', {})
    ids.set(n, id)
  })
  const before = await memoryOf(server)
  await inFlight(range(customers), (n) =>
    listen(`customer:c${n}`, `/conversations/${ids.get(n)}/events`, ({ author, text }) => {
      if (author === 'agent') arrived(text)
    }),
  )
  const after = await memoryOf(server)
  await inFlight(range(customers), (n) => post(`customer:c${n}`, `/conversations/${ids.get(n)}/requestAgent`, {}))
  const startedAt = performance.now()
  for (const round of range(rounds)) {
    await inFlight(range(customers), async (n) => {
      const id = ids.get(n)
      const question = `question ${round} of ${n}`
      sentAt.set(question, performance.now())
      await post(`customer:c${n}`, `/conversations/${id}/say`, { text: question })
      const answer = `answer ${round} to ${n}`
      const owner = owners.get(id)
      if (owner === undefined) return
      sentAt.set(answer, performance.now())
      await post(`agent:${owner}`, `/desk/conversations/${id}/say`, { text: answer })
    })
  }
  const seconds = (performance.now() - startedAt) / 1000
  for (let tries = 0; heard.size < sentAt.size && tries < 100; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
  const at = quantiles(delays)
  const expected = 2 * customers * rounds
  const lost = expected - heard.size
  const doubled = [...heard.values()].filter((count) => count > 1).length
  const messages = sentAt.size

  // Who is in haste, and who is not, in turns.
  const { id: hastyId } = await post('customer:hasty', '/conversations', {})
  const answers = { taken: 0, refused: 0, toldWhen: 0 }
  /** @type {{ quiet: number[], hasty: number[] }} */
  const windows = { quiet: [], hasty: [] }
  let who = 0
  /** Somebody says something every few milliseconds, whether or not the one before was answered. @param {string} name */
  const talk = async (name) => {
    delays = []
    const said = []
    const until = performance.now() + WINDOW_MS
    for (let next = performance.now(); next < until; next += 1_000 / PACE) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
      const n = (who += 1) % customers
      const text = `${name} ${who}`
      sentAt.set(text, performance.now())
      said.push(post(`customer:c${n}`, `/conversations/${ids.get(n)}/say`, { text }))
    }
    await Promise.all(said)
    for (let tries = 0; heard.size < sentAt.size && tries < 50; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
    return delays
  }
  await talk('warm')
  for (const pair of range(PAIRS)) {
    windows.quiet.push(...(await talk(`quiet ${pair}`)))
    const told = once(hasty, 'message')
    hasty.send({ port, id: hastyId })
    windows.hasty.push(...(await talk(`hasty ${pair}`)))
    const [some] = await told
    for (const name of /** @type {const} */ (['taken', 'refused', 'toldWhen'])) answers[name] += some[name]
  }
  const [quiet, inHaste] = [quantiles(windows.quiet), quantiles(windows.hasty)]
  return {
    ...{ customers, agents, messages, perSecond: Math.round(messages / seconds) },
    ...{ p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) },
    ...{ lost, doubled },
    haste: {
      ...{ ...answers, lost: sentAt.size - heard.size + (messages - expected + lost) },
      ...{ quietP50Ms: quiet(0.5), quietP99Ms: quiet(0.99), p50Ms: inHaste(0.5), p99Ms: inHaste(0.99) },
      ratio: Number((inHaste(0.99) / quiet(0.99)).toFixed(2)),
    },
    rssPerConnectionKb: Math.round((after.rss - before.rss) / customers / 1024),
    heapPerConnectionKb: Math.round((after.heapUsed - before.heapUsed) / customers / 1024),
    rssMb: Math.round(after.rss / 2 ** 20),
  }
}

/** @param {number[]} delays */
function quantiles(delays) {
  const sorted = [...delays].sort((one, other) => one - other)
  return (/** @type {number} */ share) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1))
}

/** @param {import('node:child_process').ChildProcess} server */
async function memoryOf(server) {
  server.send('memory')
  const [memory] = await once(server, 'message')
  return /** @type {{ rss: number, heapUsed: number }} */ (memory)
}

/** @param {number} count */
function range(count) {
  return Array.from({ length: count }, (_, n) => n)
}

/** @param {readonly number[]} all @param {(n: number) => Promise<unknown>} act */
async function inFlight(all, act) {
  const rest = [...all]
  await Promise.all(
    range(IN_FLIGHT).map(async () => {
      for (let n = rest.shift(); n !== undefined; n = rest.shift()) await act(n)
    }),
  )
}

/** @param {Awaited<ReturnType<typeof drive>>} found */
function toText(found) {
  return [
    `${found.customers} customers and ${found.agents} agents, each with an event stream, ${found.messages} messages at ${found.perSecond} a second`,
    `  from the request to the other side: p50 ${found.p50Ms} ms, p99 ${found.p99Ms} ms, at most ${found.mostMs} ms`,
    `  a connection: ${found.heapPerConnectionKb} kB of heap, ${found.rssPerConnectionKb} kB in all; the process ${found.rssMb} MB`,
    `  lost ${found.lost}, doubled ${found.doubled}`,
    `one visitor sends ${IN_HASTE} messages and opens ${IN_HASTE} conversations in a second, ${PAIRS} times, while others say ${PACE} things a second (P40):`,
    `  of the visitor's ${found.haste.taken + found.haste.refused} requests ${found.haste.taken} were taken, ${found.haste.refused} refused, ${found.haste.toldWhen} of them with \`retryAfterMs\``,
    `  the others: p50 ${found.haste.p50Ms} ms beside ${found.haste.quietP50Ms} ms without, p99 ${found.haste.p99Ms} ms beside ${found.haste.quietP99Ms} ms, a ratio of ${found.haste.ratio}`,
  ].join('\n')
}
