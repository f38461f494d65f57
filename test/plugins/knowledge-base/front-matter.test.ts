import { describe, expect, it } from 'vitest'
import { readFrontMatter } from '../../../src/plugins/knowledge-base/front-matter.ts'

describe('front matter', () => {
  it('is texts and lists, in lines or in brackets', () => {
    const text =
      '---\r\ntitle: "Refunds: when?"\n# a remark\n\nquestions:\n  - money back\n  - \'how long\'\nskills: [billing, "orders"]\n---\nWithin 14 days.\n'
    expect(readFrontMatter('a.md', text)).toEqual({
      fields: { title: 'Refunds: when?', questions: ['money back', 'how long'], skills: ['billing', 'orders'] },
      rest: 'Within 14 days.\n',
    })
  })

  it('may be missing', () => {
    expect(readFrontMatter('a.md', '# Refunds')).toEqual({ fields: {}, rest: '# Refunds' })
  })

  it.each([
    ['---\ntitle: A\n', 'a.md:1'],
    ['---\ntitle: A\nwhat is this\n---\n', 'a.md:3'],
    ['---\n- item\n---\n', 'a.md:2'],
  ])('is refused when it is broken: %j', (text, path) => {
    expect(() => readFrontMatter('a.md', text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', path }))
  })
})
