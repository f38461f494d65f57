import { expect, test } from 'vitest'
import { knowledgeBase } from '../src/plugins/index.ts'
import { simulate } from '../src/testing/index.ts'

test('whole conversation', async () => {
  await using sim = simulate({
    agents: [
      { id: 'ana', name: 'Ana', skills: ['billing'] },
      { id: 'ben', name: 'Ben' },
    ],
    plugins: [
      knowledgeBase({
        articles: [
          { id: 'refunds', title: 'When do I get my refund?', text: 'Within five days.', skills: ['billing'] },
        ],
      }),
    ],
    routing: { offerTimeout: '20s', wrapUp: '30s' },
  })
  const kim = sim.customer('kim')
  const ana = sim.agent('ana')
  await kim.says('When do I get my refund?')
  await kim.sees(/five days/)
  await kim.chooses('no')
  await ana.isOffered(kim)
  await ana.accepts(kim)
  await ana.says(kim, 'Hello Kim, I am looking at it.')
  await kim.sees(/looking at it/)
  await ana.closes(kim)
  await kim.sees(/solved/)
  await kim.says('yes')
  await kim.sees(/rate/i)
  await kim.chooses('5')
  console.log(kim.transcript())
  await kim.isIn('closed')
  expect(ana.load).toBe(1)
  await sim.advance('30s')
  expect(ana.load).toBe(0)
})

test('silence', async () => {
  await using sim = simulate({ agents: [{ id: 'ana' }] })
  const kim = sim.customer({ id: 'kim', name: 'Kim' })
  await kim.says('hello')
  await sim.advance('3m')
  await kim.sees(/still there/i)
  await sim.advance('7m')
  console.log(kim.transcript())
  await kim.isIn('closed')
})
test('expire', async () => {
  await using sim = simulate({ agents: [{ id: 'ana' }, { id: 'ben' }] })
  const [kim, ana, ben] = [sim.customer('kim'), sim.agent('ana'), sim.agent('ben')]
  await kim.says('a person, please')
  await ana.isOffered(kim)
  await sim.advance('20s')
  await ana.isNotOffered(kim)
  expect(ana.presence).toBe('away')
  await ben.isOffered(kim)
  expect(ben.load).toBe(1)
})
