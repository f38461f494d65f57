import { fc } from '../../fc.ts'
import { describe, expect, it } from 'vitest'
import { cut, normalise, toTerms } from '../../../src/plugins/knowledge-base/normalise.ts'

describe('normalise', () => {
  it.each([
    ['lower-cases', 'REFUND', 'refund'],
    ['makes full-width letters and digits plain', 'Ｒｅｆｕｎｄ ４２', 'refund 42'],
    ['takes ligatures apart', 'oﬀer', 'offer'],
    ['drops zero-width characters', 're\u200bfu\u2060nd\ufeff', 'refund'],
    ['drops soft hyphens and direction marks', 're\u00adfund\u202e', 'refund'],
    ['strips composed accents', 'café naïve Ärger', 'cafe naive arger'],
    ['strips decomposed accents', 'cafe\u0301', 'cafe'],
    ['strips the accents of Greek and Cyrillic', 'λόγος ёлка', 'λογος елка'],
    ['straightens apostrophes', 'rock ‘n’ roll', "rock 'n' roll"],
    ['drops endings after an apostrophe', 'I’m sure she`s where you´re', 'i sure she where you'],
    ['drops several endings at once', "who'd've", 'who'],
    ['joins negations', "don’t isn't", 'dont isnt'],
    ['keeps a trademark sign out of the word', 'Acme™ box', 'acme  box'],
    ['survives NUL and half of a surrogate pair', 'a\0b\ud800', 'a\0b\ud800'],
  ])('%s', (_, text, expected) => {
    expect(normalise(text)).toBe(expected)
  })

  it('keeps the vowel signs of scripts that need them', () => {
    expect(normalise('हिन्दी')).toBe('हिन्दी'.normalize('NFKC'))
    expect(normalise('ガ')).not.toBe(normalise('カ'))
  })

  it('changes nothing the second time', () => {
    const spiced = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom("'s", "n't", "'ve", '’', '´', '\u0301', '\u200b', 'Σ', 'İ', '™', 'ŉ', '각', '\u1100', '\u1161'),
      ),
    )
    fc.assert(
      fc.property(spiced, (parts) => {
        const once = normalise(parts.join(''))
        expect(normalise(once)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })

  it('changes no single character of the first two planes the second time', () => {
    const unstable: string[] = []
    for (let code = 0; code < 0x20000; code++) {
      const once = normalise(String.fromCodePoint(code))
      if (normalise(once) !== once) unstable.push(code.toString(16))
    }
    expect(unstable).toEqual([])
  })
})

describe('toTerms', () => {
  it('gives runs of letters and digits in order, with repetitions', () => {
    expect(toTerms('Order #42: where is order_42?')).toEqual(['order', '42', 'where', 'is', 'order', '42'])
  })

  it('finds no terms in emoji, punctuation and NUL', () => {
    expect(toTerms('🎉👩‍👩‍👧 … !!! \0')).toEqual([])
  })

  it('parts the words of scripts without spaces', () => {
    expect(toTerms('我想申请退款')).toContain('退款')
    expect(toTerms('ขอคืนเงิน').length).toBeGreaterThan(1)
    expect(toTerms('iPhone手机')).toEqual(['iphone', '手机'])
  })

  it('keeps a word of Hindi whole', () => {
    expect(toTerms('हिन्दी')).toHaveLength(1)
  })

  it('cuts words at 40 characters', () => {
    expect(toTerms('x'.repeat(100_000))).toEqual(['x'.repeat(40)])
  })
})

describe('cut', () => {
  it('never leaves half of a character', () => {
    expect(cut('ab😀', 3)).toBe('ab')
    expect(cut('ab😀', 4)).toBe('ab😀')
  })
})
