import { knowledgeBase } from 'maitred/plugins'
import { simulate } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { DEFAULT_TEXTS } from '../../../src/core/texts.ts'
import { ana, articles, heardBy, kim as kimCarter, viewOf } from './scene.ts'

const help = knowledgeBase({ articles })

const german = {
  texts: {
    greeting: ({ customer }: { customer: { name?: string } }) => `Guten Tag ${customer.name ?? ''}!`,
    howCanIHelp: 'Worum geht es?',
    didThisHelp: 'Hat das geholfen?',
    noAnswer: 'Dazu habe ich nichts gefunden.',
    connecting: 'Ich suche jemanden für Sie.',
    agentJoined: ({ agent }: { agent?: string }) => `${agent ?? ''} ist jetzt da.`,
    isItSolved: 'Ist alles geklärt?',
    nextDirections: 'Sie brauchen nichts weiter zu tun.',
    thanks: 'Danke für das Gespräch.',
    moreHelp: 'Schreiben Sie jederzeit wieder.',
    rate: 'Wie war das Gespräch, von 1 bis 5?',
    yes: 'Ja',
    no: 'Nein',
    person: 'Mit einem Menschen sprechen',
  },
  phrases: {
    yes: ['ja', 'genau', 'hat geholfen', "geht's"],
    no: ['nein', 'nö', 'hat nicht geholfen'],
    person: ['mit … menschen', 'mensch bitte', 'Mitarbeiter!'],
    personAlone: ['Mensch'],
    smallTalk: ['hallo', 'guten tag', 'danke'],
    skip: ['weiter', 'überspringen'],
    negations: ['nicht', 'kein', 'keinen', 'nie'],
  },
} as const

describe('the wording', () => {
  test('is replaced text by text', async () => {
    await using sim = simulate({ texts: { howCanIHelp: 'What is it?' } })
    const kim = sim.customer(kimCarter)
    await kim.says('hi')
    await kim.sees('Hello Kim!')
    await kim.sees('What is it?')
  })

  test('follows the language of the customer', async () => {
    const hello = { es: 'Hola', de: 'Hallo', en: 'Hello' } as const
    const texts = {
      greeting: ({ customer, language }: { customer: { name?: string }; language: string }) =>
        `${hello[language as keyof typeof hello]} ${customer.name}`,
    }
    await using sim = simulate({ texts })
    for (const [language, words] of [
      ['es', 'Hola Kim'],
      ['de', 'Hallo Kim'],
      [undefined, 'Hello Kim'],
    ] as const) {
      const kim = sim.customer({
        id: `kim-${String(language)}`,
        name: 'Kim',
        ...(language === undefined ? {} : { language }),
      })
      await kim.sees(words)
    }
  })

  test('is told what it may speak about: the agent, the place, the minutes', async () => {
    await using sim = simulate({
      agents: [{ ...ana, capacity: 1 }],
      texts: {
        agentJoined: ({ agent }) => `Here comes ${agent}.`,
        inQueue: ({ position }) => `Place ${position}.`,
        onHold: ({ agent, minutes }) => `${agent}: ${minutes} min.`,
      },
    })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await kim.says('a person, please')
    await sim.agent('ana').accepts(kim)
    await kim.sees('Here comes Ana.')
    await lou.says('a person, please')
    await lou.sees('Place 1.')
    await sim.engine.agent('ana').hold(kim.conversationId, { backIn: '3m' })
    await kim.sees('Ana: 3 min.')
  })

  test('that is empty is not said', async () => {
    await using sim = simulate({
      agents: [ana],
      texts: { greeting: '', connecting: '', thanks: '', moreHelp: () => '' },
    })
    const kim = sim.customer(kimCarter)
    await kim.says('a person, please')
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').closes(kim)
    await kim.chooses('yes')
    expect(heardBy(kim)).toEqual([
      'Ana has joined the conversation.',
      'Is everything solved?',
      'You do not need to do anything else.',
      'How would you rate this conversation, from 1 to 5?',
    ])
  })

  test('that fails is said in the default words, and reported to the log: nothing is lost', async () => {
    const reported: object[] = []
    const log = { debug() {}, info() {}, warn() {}, error: (data: object) => void reported.push(data) }
    await using sim = simulate({
      log,
      texts: {
        greeting: ({ customer }) => (customer.name as string).toUpperCase(),
        howCanIHelp: (() => undefined) as never,
      },
    })
    const lou = sim.customer('lou')
    await lou.says('hello')
    expect(heardBy(lou)).toEqual(['Hello! What can I help you with?', DEFAULT_TEXTS.howCanIHelp])
    expect(reported).toMatchObject([{ text: 'greeting' }, { text: 'howCanIHelp' }])
    const kim = sim.customer(kimCarter)
    await kim.sees('KIM')
  })
})

describe('another language', () => {
  test('goes all the way from the greeting to the rating, without a word of English', async () => {
    await using sim = simulate({ agents: [{ ...ana, skills: ['billing', 'disputes'] }], plugins: [help], ...german })
    const kim = sim.customer(kimCarter)
    await kim.says('Guten Tag')
    await kim.sees('Guten Tag Kim!')
    await kim.sees('Worum geht es?')
    await kim.says('refund')
    const asked = await kim.sees('Hat das geholfen?')
    expect(asked.choices?.map(({ label }) => label)).toEqual(['Ja', 'Nein', 'Mit einem Menschen sprechen'])
    await kim.says('Nein, leider nicht')
    await kim.sees('Ask us after a week.')
    await kim.says('Nö!')
    await kim.sees('Ich suche jemanden für Sie.')
    await sim.agent('ana').accepts(kim)
    await kim.sees('Ana ist jetzt da.')
    await sim.agent('ana').closes(kim)
    await kim.sees('Ist alles geklärt?')
    await kim.says('Ja, danke')
    await kim.sees('Sie brauchen nichts weiter zu tun.')
    await kim.sees('Wie war das Gespräch, von 1 bis 5?')
    await kim.says('5')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'resolved', rating: 5 })
  })

  test('has buttons that work, whatever is written on them', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help], ...german })
    const kim = sim.customer(kimCarter)
    await kim.says('Gibt es Regenschirme?')
    await kim.chooses('Mit einem Menschen sprechen')
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').closes(kim)
    await kim.chooses('Ja')
    await kim.chooses('4')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'resolved' })
  })

  test.each([
    'Mensch!',
    'Ich möchte mit einem Menschen sprechen',
    'Mensch, bitte!',
    'einen Mitarbeiter',
    'mit einem menschen sprechen',
  ])('understands the wish for a person: %s', async (words) => {
    await using sim = simulate({ agents: [ana], plugins: [help], ...german })
    const kim = sim.customer(kimCarter)
    await kim.says(words)
    await sim.agent('ana').isOffered(kim)
  })

  test.each(['Ich will nicht mit einem Menschen sprechen', 'talk to a person', 'a person, please'])(
    'understands nothing of the kind here: %s',
    async (words) => {
      await using sim = simulate({ agents: [ana], plugins: [help], ...german })
      const kim = sim.customer(kimCarter)
      await kim.says(words)
      await kim.isIn('helping')
    },
  )

  test('may keep the phrases that were not replaced', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help], phrases: { yes: ['ja'] } })
    const kim = sim.customer(kimCarter)
    await kim.says('how do I change my password?')
    await kim.says('no')
    await sim.agent('ana').isOffered(kim)
  })

  test('may be written as people write: upper case and punctuation make no difference', async () => {
    await using sim = simulate({ plugins: [help], phrases: { yes: ['Ja, genau!', "Geht's"] } })
    for (const words of ['ja genau', 'Geht’s!', 'JA, GENAU.']) {
      const kim = sim.customer(`kim ${words}`)
      await kim.says('how do I change my password?')
      await kim.says(words)
      await kim.isIn('closing')
    }
  })
})
