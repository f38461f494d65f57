import type { EngineOptions } from '../../assemble.ts'
import { DEFAULT_TEXTS, type TextAbout, type TextKey } from '../../core/texts.ts'
import type { Finding } from './finding.ts'

const TEXT_KEYS = Object.keys(DEFAULT_TEXTS) as readonly TextKey[] // the keys of a constant

/** Texts that have nothing to say in a language. */
export function checkTexts({ texts = {} }: EngineOptions, languages: readonly string[]): readonly Finding[] {
  return languages.flatMap((language) =>
    TEXT_KEYS.flatMap((key): readonly Finding[] => {
      const why = whyMissing(texts, key, language)
      return why === undefined ? [] : [{ rule: 'textMissing', path: `texts.${key}`, hint: why }]
    }),
  )
}

function whyMissing(texts: NonNullable<EngineOptions['texts']>, key: TextKey, language: string): string | undefined {
  const text = texts[key]
  if (text === undefined) {
    return isEnglish(language)
      ? undefined
      : `There are no words of your own, so customers who read \`${language}\` get it in English. Write \`texts.${key}\` as a function of \`language\`.`
  }
  try {
    const said: unknown = typeof text === 'string' ? text : text(aboutSomebody(language)) // what people write need not be typed
    if (typeof said === 'string' && said.trim() !== '') return undefined
    return `It says \`${JSON.stringify(said) ?? 'undefined'}\` to a customer who reads \`${language}\`. Return a text for every language.`
  } catch (error) {
    return `It fails for a customer who reads \`${language}\`: ${String(error)}. Only \`customer\` and \`language\` are always there.`
  }
}

/** The words that come with maitred. */
function isEnglish(language: string): boolean {
  return /^en\b/i.test(language)
}

function aboutSomebody(language: string): TextAbout {
  return {
    customer: { id: 'sample', name: 'Kim', language },
    language,
    agent: 'Ana',
    position: 2,
    minutes: 5,
    opensAt: Date.UTC(2026, 0, 5, 9),
  }
}
