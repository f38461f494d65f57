// The example for Next in a real Next: packed, installed, built, started, and talked to. Next is heavy, so it is installed into a temporary
// folder, and only when asked for: `VERIFY_NEXT=1 npm run verify:next`.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const PORT = 4_555
const CHAT = `http://127.0.0.1:${PORT}/chat`

if (process.env['VERIFY_NEXT'] === undefined)
  console.log('skipped: the example in a real Next (VERIFY_NEXT=1 installs one into a temporary folder)')
else await verify()

async function verify() {
  const place = mkdtempSync(path.join(tmpdir(), 'maitred-next-'))
  try {
    const tarball = run('npm', ['pack', '--silent', '--pack-destination', place], root).trim().split('\n').at(-1) ?? ''
    writeApp(place)
    run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, 'next', 'react', 'react-dom'], place)
    run('npx', ['next', 'build'], place)
    await talk(place)
    console.log('the example runs in a real Next: commands, a stream, and who may not')
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** The examples as they are shown; what they stand in is as little as Next takes. @param {string} place */
function writeApp(place) {
  const route = path.join(place, 'app/chat/[...path]')
  mkdirSync(route, { recursive: true })
  const example = (/** @type {string} */ name) => readFileSync(path.join(root, 'docs/examples', name), 'utf8')
  const product = example('product.ts').replace(
    'export const engine = createEngine(',
    'const home = globalThis as { chat?: ReturnType<typeof createEngine> }\nexport const engine = home.chat ??= createEngine(',
  )
  writeFileSync(path.join(place, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  writeFileSync(path.join(route, 'product.ts'), product)
  writeFileSync(path.join(route, 'route.ts'), example('mount-next.ts'))
  writeFileSync(
    path.join(place, 'app/layout.js'),
    'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html> }\n',
  )
  writeFileSync(path.join(place, 'next.config.mjs'), 'export default { typescript: { ignoreBuildErrors: true } }\n')
}

/** @param {string} place */
async function talk(place) {
  const next = path.join(place, 'node_modules/next/dist/bin/next')
  const server = spawn(process.execPath, [next, 'start', '-p', String(PORT), '-H', '127.0.0.1'], { cwd: place })
  try {
    await untilUp()
    const { id } = /** @type {{ id: string }} */ (await (await post('/conversations', { page: '/' })).json())
    const events = await fetch(`${CHAT}/conversations/${id}/events`, { headers: { cookie: 'session=kim' } })
    const said = await post(`/conversations/${id}/say`, { text: 'hello from Next' })
    if (said.status !== 200) throw new Error(`say was answered with ${said.status}`)
    let heard = ''
    const decoder = new TextDecoder()
    for await (const chunk of events.body ?? []) {
      heard += decoder.decode(chunk, { stream: true })
      if (heard.includes('hello from Next')) break
    }
    const nobody = await fetch(`${CHAT}/desk`)
    if (nobody.status !== 401) throw new Error(`nobody was answered with ${nobody.status}`)
  } finally {
    server.kill()
  }
}

/** @param {string} to @param {object} body */
function post(to, body) {
  const headers = {
    cookie: 'session=kim',
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(),
  }
  return fetch(CHAT + to, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function untilUp() {
  for (let tries = 0; tries < 60; tries += 1) {
    const answer = await fetch(`${CHAT}/openapi.json`).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error('Next did not start')
}

/** @param {string} command @param {readonly string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${stdout}\n${stderr}`)
  return stdout
}
