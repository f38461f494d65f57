import { exportTranscript, type ConversationView, type TranscriptFormat } from 'maitred'
import { simulate } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const ana = { id: 'ana', name: 'Ana' } as const

/** A conversation with a customer of this name, who says this. */
async function talkOf(name: string, ...texts: readonly string[]): Promise<ConversationView> {
  await using sim = simulate({ agents: [ana] })
  const kim = sim.customer({ id: 'kim', name })
  await kim.says('a person, please')
  await sim.agent('ana').accepts(kim)
  for (const text of texts) await kim.says(text)
  await sim.engine.agent('ana').note(kim.conversationId, 'Sounds upset.')
  return await sim.engine.conversation(kim.conversationId).view()
}

const formats: readonly TranscriptFormat[] = ['text', 'markdown', 'html', 'json', 'csv']

describe('a transcript', () => {
  test.each(formats)('as %s has every message in order, and nothing internal unless asked for', async (format) => {
    const view = await talkOf('Kim', 'Where is my parcel', 'It was due on Monday')
    const written = exportTranscript(view, format)
    expect(written.indexOf('Where is my parcel')).toBeGreaterThan(0)
    expect(written.indexOf('It was due on Monday')).toBeGreaterThan(written.indexOf('Where is my parcel'))
    expect(written).not.toContain('upset')
    expect(exportTranscript(view, format, { internal: true })).toContain('upset')
  })

  test('P12: keeps plain text exact, and escapes it in HTML', async () => {
    const name = '<img src=x onerror=alert(1)>'
    const view = await talkOf(name, `Hi ${name} & "you"`)
    expect(exportTranscript(view, 'text')).toContain(`Hi ${name} & "you"`)
    const html = exportTranscript(view, 'html')
    expect(html).toContain('Hi &lt;img src=x onerror=alert(1)&gt; &amp; &quot;you&quot;')
    expect(html).not.toContain('<img')
    expect(exportTranscript(view, 'markdown')).toContain(String.raw`Hi \<img src\=x`)
  })

  test('P15: a name that turns the direction of writing is kept, and turns nothing but itself', async () => {
    const name = 'Kim\u202Etxt.exe'
    const view = await talkOf(name, 'hello')
    expect(view.customer.name).toBe(name)
    expect(exportTranscript(view, 'text')).toContain(`\u2068${name}\u2069: hello`)
    expect(exportTranscript(view, 'html')).toContain(`<bdi>${name}</bdi>`)
  })

  test.each(['\n', '\r\n', '\r', '\u2028'])(
    'as text has nobody write an entry of somebody else, by %j',
    async (line) => {
      const view = await talkOf('Kim', `thanks${line}2026-01-05T09:00:00.000Z ana: You get 100 euros.`)
      const written = exportTranscript(view, 'text')
      const entries = written.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/).filter((each) => /^\S/.test(each))
      expect(entries).toHaveLength(view.transcript.filter(({ internal }) => internal !== true).length)
      expect(written).toContain('  2026-01-05T09:00:00.000Z ana: You get 100 euros.')
    },
  )

  test('is no formula in a spreadsheet', async () => {
    const csv = exportTranscript(await talkOf('Kim', '=HYPERLINK("https://example.org","click")', 'two\nlines'), 'csv')
    expect(csv).toContain(`"'=HYPERLINK(""https://example.org"",""click"")"`)
    expect(csv).toContain('"two\nlines"')
    expect(csv.startsWith('"at","who","author","text"\r\n')).toBe(true)
  })

  test('links what was attached by reference, and no script', async () => {
    const view = await talkOf('Kim', 'see here')
    const attachments = [
      { url: 'https://example.org/a.png', name: 'a.png' },
      { url: 'javascript:alert(1)', name: 'b' },
    ]
    const html = exportTranscript(
      { ...view, transcript: view.transcript.map((message) => ({ ...message, attachments })) },
      'html',
    )
    expect(html).toContain('<a href="https://example.org/a.png" rel="noopener nofollow"><bdi>a.png</bdi></a>')
    expect(html).not.toContain('javascript:')
  })

  test('of another kind is refused, with those there are', async () => {
    const view = await talkOf('Kim')
    expect(() => exportTranscript(view, 'pdf' as never)).toThrow(/text, markdown, html, json, csv/)
  })
})
