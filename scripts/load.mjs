// 2,000 customers and 200 agents on one process, each with an event stream, over the loopback: how soon what is said arrives, what a
// connection weighs, and whether anything is lost. Bounded in count and time; it ends by itself.
// `npm run load`, `npm run load -- --customers 200 --agents 20 --rounds 3 --json`
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HOST = '127.0.0.1'
const LIMIT_MS = 240_000
const IN_FLIGHT = 32

if (process.argv[2] === 'server') await serve()
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
  const limits = { burst: Infinity, perMinute: Infinity, streams: Infinity }
  const server = createServer(toNode(createHandler(engine, { auth, limits })))
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
  const server = fork(fileURLToPath(import.meta.url), ['server', String(agents)], { execArgv: ['--expose-gc'] })
  const guard = setTimeout(() => {
    console.error(`not done within ${LIMIT_MS / 1000} s`)
    server.kill()
    process.exit(1)
  }, LIMIT_MS)
  const [{ port }] = await once(server, 'message')
  const found = await drive({ port, server, customers, agents, rounds })
  clearTimeout(guard)
  server.send('stop')
  console.log(values.json ? JSON.stringify(found) : toText(found))
  process.exit(found.lost === 0 && found.doubled === 0 ? 0 : 1)
}

/** @param {{ port: number, server: import('node:child_process').ChildProcess, customers: number, agents: number, rounds: number }} about */
async function drive({ port, server, customers, agents, rounds }) {
  const commands = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT })
  const streams = new Agent({ maxSockets: Infinity })
  /** @type {Map<string, number>} when each text was sent */
  const sentAt = new Map()
  /** @type {Map<string, number>} how often each was heard on the other side */
  const heard = new Map()
  /** @type {number[]} */
  const delays = []

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
  delays.sort((one, other) => one - other)
  const at = (/** @type {number} */ share) =>
    Number((delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? NaN).toFixed(1))
  return {
    ...{ customers, agents, messages: sentAt.size, perSecond: Math.round(sentAt.size / seconds) },
    ...{ p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) },
    lost: 2 * customers * rounds - heard.size,
    doubled: [...heard.values()].filter((count) => count > 1).length,
    rssPerConnectionKb: Math.round((after.rss - before.rss) / customers / 1024),
    heapPerConnectionKb: Math.round((after.heapUsed - before.heapUsed) / customers / 1024),
    rssMb: Math.round(after.rss / 2 ** 20),
  }
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
  ].join('\n')
}
