import { knowledgeBase } from 'maitred/plugins'
import { simulate } from 'maitred/testing'
import { expect, test } from 'vitest'

const help = knowledgeBase({
  articles: [
    { id: 'refunds', title: 'When do I get my refund?', text: 'Within five days.', questions: ['money back'] },
    { id: 'hours', title: 'Opening hours', text: 'From nine to five.' },
  ],
})

test('a miss becomes a question of an article', async () => {
  await using sim = simulate({ plugins: [help] })
  const kim = sim.customer('kim')
  await kim.says('Is the shop staffed on sundays?')
  await kim.sees(/found nothing/)

  const knowledge = sim.engine.plugin(knowledgeBase)
  const [gap] = await knowledge.gaps()
  expect(gap).toMatchObject({ query: 'Is the shop staffed on sundays?', count: 1 })
  await knowledge.promote(gap?.id ?? '', 'hours')

  const lou = sim.customer('lou')
  await lou.says('Is the shop staffed on Sundays?')
  await lou.sees('From nine to five.')
})
