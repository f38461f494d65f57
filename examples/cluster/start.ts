import cluster from 'node:cluster'
import pg from 'pg'
import { postgresStore } from 'maitred/stores'

// Three nodes behind one port: `npm run cluster`. One that dies is replaced, and the others do its work meanwhile.

const NODES = 3

if (cluster.isPrimary) {
  const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test' })
  await postgresStore(pool, { schema: process.env['MAITRED_SCHEMA'] ?? 'maitred' }).migrate()
  await pool.end()
  for (let count = 0; count < NODES; count += 1) cluster.fork()
  let isStopping = false
  cluster.on('exit', () => {
    if (!isStopping) cluster.fork()
  })
  process.once('SIGTERM', () => {
    isStopping = true
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
  })
  console.log(`${NODES} nodes behind http://127.0.0.1:${process.env['PORT'] ?? 3000}/chat`)
} else await import('./node.ts')
