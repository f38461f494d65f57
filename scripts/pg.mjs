// Sees to it that a PostgreSQL server answers at DATABASE_URL, else at postgres://postgres@127.0.0.1:5432/test: `npm run pg`.
// One that is there is left as it is. Else: Debian's cluster is started, or Debian's package installed (by root), else a server of its own is
// made in a temporary folder; else the store's cases run on PGlite, the other tests that need one are skipped by name, and this says so in one line.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import pg from 'pg'

const url = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test'
const { hostname, port, pathname } = new URL(url)
const isHere = ['127.0.0.1', 'localhost', '::1'].includes(hostname)

if (await answers(url)) console.log(`PostgreSQL answers at ${url}`)
else if (!isHere)
  console.log(`PostgreSQL does not answer at ${url}, and is not on this machine: its tests will be skipped`)
else {
  let started = startCluster()
  if (started === '' && findBinaries() === undefined && installPackage()) started = startCluster()
  if (started !== '') await createDatabase()
  if (!(await answers(url))) {
    started = startOwn()
    if (started !== '') await createDatabase()
  }
  console.log(
    (await answers(url))
      ? `PostgreSQL answers at ${url} (${started})`
      : 'No PostgreSQL could be started: its tests will be skipped. Install one, such as `apt-get install postgresql`.',
  )
}

/** @param {string} where @returns {Promise<boolean>} */
async function answers(where) {
  const client = new pg.Client({ connectionString: where, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Debian keeps clusters by version and name. @returns {string} how, or '' */
function startCluster() {
  const clusters = '/etc/postgresql'
  if (!existsSync(clusters)) return ''
  const version = readdirSync(clusters).sort().at(-1)
  if (version === undefined) return ''
  const { status } = spawnSync('pg_ctlcluster', [version, 'main', 'start'], { stdio: 'ignore' })
  return status === 0 || status === 2 ? `the cluster ${version}/main` : ''
}

/** Debian's package makes a cluster, too. */
function installPackage() {
  if (userInfo().uid !== 0 || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return false
  const run = (/** @type {string[]} */ ...args) =>
    spawnSync('apt-get', ['-qq', ...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  return run('update') && run('install', '-y', 'postgresql')
}

/** A server in a temporary folder; it does not run as root. @returns {string} how, or '' */
function startOwn() {
  const binaries = findBinaries()
  if (binaries === undefined) return ''
  const folder = mkdtempSync(path.join(tmpdir(), 'maitred-pg-'))
  const isRoot = userInfo().uid === 0
  /** @param {string} name @param {string[]} args */
  const run = (name, args) => {
    const command = [path.join(binaries, name), ...args]
    const [program = '', ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command
    execFileSync(program, rest, { stdio: 'ignore' })
  }
  try {
    if (isRoot) execFileSync('chown', ['postgres', folder])
    const data = path.join(folder, 'data')
    run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale'])
    run('pg_ctl', ['-D', data, '-w', '-l', path.join(folder, 'log'), '-o', `-p ${port || 5432} -k ${folder}`, 'start'])
    return `a server of its own in ${folder}`
  } catch {
    return ''
  }
}

/** @returns {string | undefined} */
function findBinaries() {
  const packaged = '/usr/lib/postgresql'
  const versions = existsSync(packaged) ? readdirSync(packaged).sort().reverse() : []
  const folders = [
    ...versions.map((version) => path.join(packaged, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ]
  return folders.find((folder) => ['initdb', 'pg_ctl'].every((name) => existsSync(path.join(folder, name))))
}

async function createDatabase() {
  const name = pathname.slice(1)
  const client = new pg.Client({ connectionString: `postgres://postgres@127.0.0.1:${port || 5432}/postgres` })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`)
  } catch {
    // the last look says whether it is there
  } finally {
    await client.end().catch(() => undefined)
  }
}
