import { createServer } from 'node:http'
import pg from 'pg'
import { createEngine } from 'maitred'
import { postgresStore } from 'maitred/stores'
import { type Auth, createHandler, toNode } from 'maitred/transports'

// One node of a cluster: as many of these as you like, on as many machines as you like, on one PostgreSQL.

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test' })
pool.on('error', () => undefined) // a connection that breaks while it is idle is replaced

const engine = createEngine({
  store: postgresStore(pool, { schema: process.env['MAITRED_SCHEMA'] ?? 'maitred' }),
  agents: [{ id: 'ana', name: 'Ana' }],
})

/** Who sends a request: your product knows, by its own session. Here a cookie with the name of somebody. */
const auth: Auth = (request) => {
  const id = /session=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1]
  if (id === undefined) return undefined
  return id === 'ana' ? { role: 'agent', agentId: id } : { role: 'customer', customer: { id } }
}

const handle = toNode(createHandler(engine, { auth, basePath: '/chat' }))
const server = createServer((request, response) => {
  response.setHeader('x-node', process.pid)
  handle(request, response)
})

await engine.start()
server.listen(Number(process.env['PORT'] ?? 3000))

/** Takes nothing new, finishes what is under way, and hands its work over to the others. */
process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
  void engine.stop({ within: '10s' }).then(() => process.exit())
})
