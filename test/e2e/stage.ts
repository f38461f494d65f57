import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const root = path.resolve(import.meta.dirname, '../..')
const CANDIDATES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/** The Chromium on this machine, if there is one: `CHROMIUM` in the environment, or on the path. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM']
  const onPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .flatMap((folder) => CANDIDATES.map((name) => path.join(folder, name)))
  return [...(named === undefined ? [] : [named]), ...onPath].find((file) => existsSync(file))
}

/** The demo, served by a process of its own, as `npm start -- --serve` does it. */
export interface Demo {
  readonly url: string
  /** As a power cut would: no farewell. */
  kill(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export async function openDemo(): Promise<Demo> {
  const folder = mkdtempSync(path.join(tmpdir(), 'maitred-e2e-'))
  const port = await freePort()
  const args = ['dist/cli.js', 'start', '--serve', '--port', String(port), '--data', path.join(folder, 'demo.db')]
  let child: ChildProcess | undefined
  const demo: Demo = {
    url: `http://127.0.0.1:${port}`,
    async start() {
      child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
      for await (const chunk of child.stdout ?? []) if (String(chunk).includes('The floor')) return
      throw new Error('the demo did not start')
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    async close() {
      await demo.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await demo.start()
  return demo
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** What a page has thrown or logged as an error, besides a line that was cut on purpose. */
export function watchErrors(context: BrowserContext): readonly string[] {
  const errors: string[] = []
  context.on('weberror', (error) => errors.push(error.error().message))
  context.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_|Failed to load resource/.test(message.text())) errors.push(message.text())
  })
  return errors
}

const SHOTS = process.env['SHOTS']

/** Kept where `SHOTS` says, for somebody to look at. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`) })
}
