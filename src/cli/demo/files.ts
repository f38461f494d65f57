import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Where files are put, and where they are read. */
export const FILES = '/files'
const MOST_BYTES = 5 * 1024 * 1024
/** What a browser shows without running it; everything else is saved by whoever opens it. */
const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

/**
 * What people attach. The shop keeps it, as a product does where it keeps its files, and the chat carries the address only. `POST` takes the
 * bytes, with `?name=`; the answer is what stands in a message. Without a folder they are kept until the machine tidies up.
 */
export function createFiles(
  folder: string | undefined,
): (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> {
  let place = folder

  return async (request, response, { pathname, searchParams, host }) => {
    if (request.method === 'POST' && pathname === FILES) {
      const { origin } = request.headers
      if (origin !== undefined && new URL(origin).host !== request.headers.host) return end(response, 403)
      const bytes = await readBytes(request)
      if (bytes === undefined) return end(response.setHeader('connection', 'close'), 413)
      const name = cleanName(searchParams.get('name') ?? '')
      const id = randomUUID()
      place ??= mkdtempSync(path.join(tmpdir(), 'maitred-files-'))
      await mkdir(place, { recursive: true })
      await writeFile(path.join(place, id), bytes)
      const address = `http://${request.headers.host ?? host}${FILES}/${id}/${encodeURIComponent(name)}`
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ url: address, name }))
      return
    }
    const [, id, name = ''] = /^\/files\/([0-9a-f-]{36})\/([^/]+)$/.exec(pathname) ?? []
    const bytes =
      id === undefined || place === undefined ? undefined : await readFile(path.join(place, id)).catch(() => undefined)
    if (bytes === undefined || request.method !== 'GET') return end(response, 404)
    const picture = PICTURES[path.extname(name).slice(1).toLowerCase()]
    response.writeHead(200, {
      'content-type': picture ?? 'application/octet-stream',
      'content-disposition': picture === undefined ? 'attachment' : 'inline',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=86400',
    })
    response.end(bytes)
  }
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end()
}

/** `undefined`: more than is taken. */
async function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MOST_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A name of a file, and nothing that leads anywhere. */
function cleanName(name: string): string {
  return name.replace(/[^\p{L}\p{N} ._-]/gu, '_').slice(-80) || 'file'
}
