import { expect, test } from 'vitest'
import { playDay } from '../../src/cli/demo/day.ts'
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

test('with a terminal it is the chat, and says so', async () => {
  const { code, out } = await runTyped(['start'], '/quit\n')
  expect(code).toBe(0)
  expect(out).toMatch(/^There is a terminal, so this is `maitred chat`/)
  expect(out).toContain('What can I help you with?')
})
