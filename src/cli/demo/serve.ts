import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Engine } from '../../index.ts'
import { createHandler, toNode } from '../../transports/index.ts'
import { createFiles, FILES } from './files.ts'
import { demoAuth, SUPERVISOR, visitorIn } from './people.ts'

export interface Served {
  /** `http://127.0.0.1:4040` */
  readonly url: string
  close(): Promise<void>
}

export const HOST = '127.0.0.1'

const PAGES: Readonly<Record<string, string>> = { '/': 'shop.html', '/desk': 'desk.html', '/floor': 'floor.html' }
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Serves the pages of the demo, its files and the chat itself, to this machine only. `filesIn`: where files are kept. */
export async function serveDemo(
  engine: Engine,
  port: number,
  { filesIn }: { readonly filesIn?: string } = {},
): Promise<Served> {
  const files = createFiles(filesIn)
  await engine.saveAgent(SUPERVISOR)
  const chat = toNode(
    createHandler(engine, { auth: demoAuth, basePath: '/chat', limits: { burst: 60, perMinute: 240, streams: 40 } }),
  )
  const server = createServer((request, response) => {
    if (!isForUs(request)) return refuse(response, 403, 'This demo is served to this machine only.')
    const url = new URL(request.url ?? '/', `http://${HOST}`)
    const { pathname } = url
    if (pathname.startsWith('/chat/')) return chat(request, response)
    const serve = pathname.startsWith(FILES) ? files(request, response, url) : servePage(request, response, pathname)
    serve.catch(() => refuse(response, 500, 'That could not be read.'))
  })
  await once(server.listen(port, HOST), 'listening')
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** Another name in the address would mean that a foreign page has led the browser here. */
function isForUs({ headers }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? '')
}

async function servePage(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
  const file = PAGES[pathname] ?? pathname.slice(1)
  const found = /^[\w-]+\.(html|css|js|svg)$/.test(file) ? find(file) : undefined
  if (found === undefined) return refuse(response, 404, 'There is nothing here.')
  const isNew = pathname === '/' && visitorIn(request.headers.cookie) === undefined
  const cookie = `maitred-demo=${randomUUID()}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000`
  response.writeHead(200, {
    'content-type': TYPES[path.extname(file).slice(1)] ?? 'text/plain',
    'cache-control': 'no-cache',
    'content-security-policy': "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    ...(isNew ? { 'set-cookie': cookie } : {}),
  })
  response.end(await readFile(found))
}

/** Beside this file, as it is shipped; the client as it is built. */
function find(file: string): string | undefined {
  const places = file === 'client.js' ? ['./client.js', '../../../dist/client.js'] : [`./page/${file}`]
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((place) => existsSync(place))
}

function refuse(response: ServerResponse, status: number, text: string): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
