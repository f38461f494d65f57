import { knowledgeBase } from 'maitred/plugins'
import { simulate, type SimulatedCustomer } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const articles = [
  { id: 'refund', title: 'When do I get my refund?', text: 'Within five days.', questions: ['money back'] },
  { id: 'blue-card', title: 'Blocking the blue card', text: 'Call us.' },
  { id: 'red-card', title: 'Blocking the red card', text: 'Use the app.' },
  { id: 'hours', title: 'Opening hours', text: 'From nine to five.' },
] as const

function heardBy({ messages }: SimulatedCustomer): readonly string[] {
  return messages.filter(({ author }) => author !== 'customer').map(({ text }) => text)
}

describe('the knowledge base in a conversation', () => {
  test('answers when it is likely to be right, and counts whether it helped', async () => {
    await using sim = simulate({ plugins: [knowledgeBase({ articles })] })
    const kim = sim.customer('kim')
    await kim.says('When do I get my refund?')
    await kim.sees('Within five days.')
    await kim.chooses('yes')
    await kim.isIn('closing')
    expect(await sim.engine.plugin(knowledgeBase).helpfulness('refund')).toEqual({
      offeredCount: 1,
      helpedCount: 1,
      notHelpedCount: 0,
    })
  })

  test('asks which one when several may be meant, and gives the one that is chosen', async () => {
    await using sim = simulate({ plugins: [knowledgeBase({ articles, offerAbove: 0.6 })] })
    const kim = sim.customer('kim')
    await kim.says('How about blocking the card of mine?')
    const asked = await kim.sees('Which of these is it about?')
    expect(asked.choices?.map(({ id }) => id).sort()).toEqual(['article:blue-card', 'article:red-card', 'person'])
    await kim.chooses('article:red-card')
    await kim.sees('Use the app.')
    await kim.sees('Did this help?')
  })

  test('takes a short reply to that for more of the same question', async () => {
    await using sim = simulate({ plugins: [knowledgeBase({ articles, offerAbove: 0.6 })] })
    const kim = sim.customer('kim')
    await kim.says('How about blocking the card of mine?')
    await kim.sees('Which of these is it about?')
    await kim.says('the blue')
    await kim.sees('Call us.')
  })

  test('stays silent when it is not likely to be right, and neither small talk nor a slot is searched for', async () => {
    await using sim = simulate({ plugins: [knowledgeBase({ articles })] })
    const kim = sim.customer('kim')
    await kim.says('hello there')
    await kim.says('My parrot has learnt to whistle')
    await kim.sees(/found nothing/)
    expect(heardBy(kim).join('\n')).not.toMatch(/Did this help/)
  })

  test('keeps what it could not answer as gaps, without numbers and addresses', async () => {
    await using sim = simulate({ plugins: [knowledgeBase({ articles })] })
    for (const id of ['kim', 'lou']) {
      const customer = sim.customer(id)
      await customer.says('Do you ship parrots to kim@example.org or 0151 234 567?')
      await customer.sees(/found nothing/)
    }
    const gaps = await sim.engine.plugin(knowledgeBase).gaps()
    expect(gaps).toMatchObject([{ query: 'Do you ship parrots to … or …?', count: 2 }])
  })

  test('F17: keeps misses and unhelpful answers as gaps, and one call turns one into a question that is found', async () => {
    await using sim = simulate({ plugins: [knowledgeBase({ articles })] })
    const knowledge = sim.engine.plugin(knowledgeBase)
    const kim = sim.customer('kim')
    await kim.says('Is the shop staffed on sundays?')
    await kim.sees(/found nothing/)
    const lou = sim.customer('lou')
    await lou.says('When do I get my refund?')
    await lou.sees('Did this help?')
    await lou.chooses('no')
    const gaps = await knowledge.gaps()
    expect(gaps.map(({ query, count }) => [query, count])).toEqual([
      ['Is the shop staffed on sundays?', 1],
      ['When do I get my refund?', 1],
    ])
    expect((await knowledge.helpfulness('refund')).notHelpedCount).toBe(1)
    await knowledge.promote(gaps[0]?.id ?? '', 'hours')
    const ann = sim.customer('ann')
    await ann.says('is the shop staffed on sundays')
    await ann.sees('From nine to five.')
    expect((await knowledge.gaps()).map(({ query }) => query)).toEqual(['When do I get my refund?'])
    await knowledge.reload()
    const ben = sim.customer('ben')
    await ben.says('Is the shop staffed on Sundays?')
    await ben.sees('From nine to five.')
  })

  test('refuses to promote what is not there', async () => {
    await using sim = simulate({ plugins: [knowledgeBase({ articles })] })
    const knowledge = sim.engine.plugin(knowledgeBase)
    await expect(knowledge.promote('nothing', 'hours')).rejects.toMatchObject({ code: 'NOT_FOUND', path: 'gapId' })
    const kim = sim.customer('kim')
    await kim.says('Do you ship parrots to Norway?')
    await kim.sees(/found nothing/)
    const [gap] = await knowledge.gaps()
    await expect(knowledge.promote(gap?.id ?? '', 'nowhere')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
