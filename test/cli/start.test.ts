import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { demoConfig } from '../../src/cli/demo/config.ts'
import { playDay } from '../../src/cli/demo/day.ts'
import { openKeep } from '../../src/cli/demo/durable.ts'
import { serveDemo } from '../../src/cli/demo/serve.ts'
import { createEngine } from '../../src/index.ts'
import { runPiped, runTyped } from './streams.ts'

test('without a terminal a whole day is played and printed', async () => {
  const { code, out, err } = await runPiped(['start'])
  expect(err).toBe('')
  expect(code).toBe(0)
  const stories = out.split(/\n\n(?=\d\. |\d conversations)/)
  expect(stories).toHaveLength(8)
  const [head, mia, jonas, ravi, lena, tom, nora, total] = stories
  expect(head).toContain('On duty: Ana (billing, orders) and Ben (travel, insurance)')
  expect(mia).toMatch(
    /1\. Mia, Monday 09:04 - 09:05[\s\S]*ended deflected, rated 5[\s\S]*Did this help\?[\s\S]*Mia {2}Yes/,
  )
  expect(jonas).toMatch(
    /Ana has joined[\s\S]*Jonas {3}Yes[\s\S]*do not need to do[\s\S]*Thank you[\s\S]*anything else[\s\S]*rate/,
  )
  expect(ravi).toMatch(/Ben has joined/)
  expect(lena).toMatch(/number 1 in the queue[\s\S]*Ana has joined/)
  expect(tom).toMatch(/Are you still there\?[\s\S]*closing this conversation/)
  expect(nora).toMatch(/Monday 1\d:\d\d - Tuesday[\s\S]*Nobody can take this right now[\s\S]*Ben has joined/)
  expect(total).toMatch(
    /^6 conversations: 1 deflected, 4 resolved, 1 unresolved\. 5 ratings, 4\.8 of 5 on average\.\n$/,
  )
})

test('every story of the day ends as it should, served by somebody who knows the matter', async () => {
  const { stories } = await playDay()
  expect(stories.map(({ conversation: { outcome, agentId, rating } }) => ({ outcome, agentId, rating }))).toEqual([
    { outcome: 'deflected', agentId: undefined, rating: 5 },
    { outcome: 'resolved', agentId: 'ana', rating: 5 },
    { outcome: 'resolved', agentId: 'ben', rating: 4 },
    { outcome: 'resolved', agentId: 'ana', rating: 5 },
    { outcome: 'unresolved', agentId: undefined, rating: undefined },
    { outcome: 'resolved', agentId: 'ben', rating: 5 },
  ])
  expect(stories[1]?.conversation.requirements?.skills).toEqual(['billing'])
  expect(stories[2]?.conversation.requirements?.skills).toEqual(['travel'])
})

test('the day is one object with --json, in a terminal too', async () => {
  const { code, out } = await runTyped(['start', '--json'], '')
  expect(code).toBe(0)
  const { conversations } = JSON.parse(out) as { conversations: { outcome: string }[] }
  expect(conversations.map(({ outcome }) => outcome)).toContain('deflected')
})

test('with a terminal it serves the shop, the desk and the floor', async () => {
  const { code, out } = await runTyped(['start', '--port', '0', '--data', 'memory'], '')
  expect(code).toBe(0)
  expect(out).toMatch(/The shop.*http:\/\/127\.0\.0\.1:\d+\/\n.*\/desk\n.*\/floor\n/)
})

test('a port that is none is refused', async () => {
  const { code, err } = await runTyped(['start', '--port', 'high'], '')
  expect(code).toBe(2)
  expect(err).toContain('a port of 0 to 65535')
})

describe('the demo', () => {
  test('serves its pages to this machine only, and sets a cookie that says who is who', async () => {
    await using engine = createEngine(demoConfig)
    await engine.start()
    const served = await serveDemo(engine, 0)
    try {
      for (const page of [
        '/',
        '/desk',
        '/floor',
        '/style.css',
        '/shop.js',
        '/desk.js',
        '/column.js',
        '/floor.js',
        '/ui.js',
        '/icon.svg',
      ]) {
        const response = await fetch(served.url + page)
        expect(response.status, page).toBe(200)
        expect((await response.text()).length).toBeGreaterThan(100)
      }
      for (const page of ['/../package.json', '/serve.ts', '/%2e%2e/x.js', '/nothing.html'])
        expect((await fetch(served.url + page)).status, page).toBe(404)
      const cookie = (await fetch(served.url)).headers.get('set-cookie') ?? ''
      expect(cookie).toMatch(/^maitred-demo=[\w-]+; Path=\/; HttpOnly; SameSite=Lax/)
      const headers = { cookie: cookie.slice(0, cookie.indexOf(';')), 'content-type': 'application/json' }
      const opened = await fetch(`${served.url}/chat/conversations`, { method: 'POST', headers, body: '{}' })
      expect(opened.status).toBe(200)
      const { port } = new URL(served.url)
      expect(await statusWithHost(Number(port), 'evil.example')).toContain('403')
    } finally {
      await served.close()
    }
  })

  test('keeps conversations in a file, and goes on with them', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'maitred-demo-'))
    try {
      const file = path.join(folder, 'deep', 'demo.db')
      const first = createEngine({ ...demoConfig, store: (await openKeep(file)).store })
      await first.start()
      const kim = await first.openConversation({ customer: { id: 'kim' } })
      await kim.say('hello')
      await first.stop()
      await using second = createEngine({ ...demoConfig, store: (await openKeep(file)).store })
      await second.start()
      expect((await second.conversation(kim.id).view()).transcript.map(({ text }) => text)).toContain('hello')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

function statusWithHost(port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
    )
    socket.once('data', (data) => resolve(String(data).split('\r\n')[0] ?? ''))
    socket.once('error', reject)
  })
}
