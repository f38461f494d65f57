import { describe, expect, test } from 'vitest'
import { ERRORS, REFUSALS } from '../../src/index.ts'
import { moment, openHouse, PERSON, textsOf } from './house.ts'

describe('a conversation over HTTP and event streams', () => {
  test('F74: a customer asks, waits, talks to an agent, and rates; all of it through commands and streams', async () => {
    await using house = await openHouse()
    const [kim, ana] = [house.as('customer:kim'), house.as('agent:ana')]
    expect((await ana.post('/desk/presence', { presence: 'online', lease: '45s' })).status).toBe(204)
    const desk = await ana.stream('/desk/events')
    const id = await kim.open('/checkout')
    const events = await kim.stream(`/conversations/${id}/events`)
    const said = await kim.post(`/conversations/${id}/say`, { text: PERSON })
    expect(said).toMatchObject({ status: 200, body: { ok: true, status: 'applied', phase: 'waiting' } })
    const offer = await desk.until(({ event }) => event === 'offer')
    expect(offer.data).toMatchObject({ conversation: { id, customer: { id: 'kim' } } })
    expect((await ana.post(`/desk/conversations/${id}/accept`)).body).toMatchObject({ ok: true, phase: 'live' })
    await events.until(({ data }) => (data['conversation'] as { agentName?: string } | undefined)?.agentName === 'Ana')
    await ana.post(`/desk/conversations/${id}/say`, { text: 'Hello, Ana here.' })
    await events.until(({ data }) => JSON.stringify(data).includes('Hello, Ana here.'))
    await kim.post(`/conversations/${id}/say`, { text: 'My parcel is open.' })
    await desk.until(({ data }) => JSON.stringify(data).includes('My parcel is open.'))
    await ana.post(`/desk/conversations/${id}/note`, { text: 'Third time this week.' })
    await ana.post(`/desk/conversations/${id}/close`, { disposition: 'replaced' })
    await kim.post(`/conversations/${id}/choose`, { choiceId: 'yes' })
    await kim.post(`/conversations/${id}/rate`, { score: 5, comment: 'Quick!' })
    const { body } = await kim.get(`/conversations/${id}`)
    expect(body).toMatchObject({ phase: 'closed', outcome: 'resolved', rating: 5, agentName: 'Ana' })
    const seen = textsOf(await events.drain())
    expect(seen).toEqual((body['transcript'] as unknown as { text: string }[]).map(({ text }) => text))
    expect(seen).not.toContain('Third time this week.')
    expect(textsOf(await desk.drain())).toContain('Third time this week.')
  })

  test('F74: a stream goes on where it was left, nothing lost and nothing twice', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const first = await kim.stream(`/conversations/${id}/events`)
    await kim.post(`/conversations/${id}/say`, { text: 'one' })
    await first.until(({ data }) => JSON.stringify(data).includes('"one"'))
    const before = (await first.drain()).filter((event) => event.event === 'message')
    await first.close()
    await kim.post(`/conversations/${id}/say`, { text: 'two' })
    await kim.post(`/conversations/${id}/say`, { text: 'three' })
    const second = await kim.stream(`/conversations/${id}/events`, before.at(-1)?.id)
    const after = (await second.drain()).filter((event) => event.event === 'message')
    const { body } = await kim.get(`/conversations/${id}`)
    expect([...before, ...after].map((event) => Number(event.id))).toEqual(
      (body['transcript'] as unknown as { seq: number }[]).map(({ seq }) => seq),
    )
  })

  test('F74: a desk goes on where it was left in every conversation it holds', async () => {
    await using house = await openHouse()
    const [kim, lou, ana] = [house.as('customer:kim'), house.as('customer:lou'), house.as('agent:ana')]
    await ana.post('/desk/presence', { presence: 'online' })
    const first = await ana.stream('/desk/events')
    const ids = [await kim.open(), await lou.open()]
    for (const [index, person] of [kim, lou].entries()) {
      await person.post(`/conversations/${ids[index]}/say`, { text: PERSON })
      await ana.post(`/desk/conversations/${ids[index]}/accept`)
    }
    const before = await first.drain()
    await first.close()
    await kim.post(`/conversations/${ids[0]}/say`, { text: 'while you were gone' })
    await lou.post(`/conversations/${ids[1]}/say`, { text: 'me, too' })
    const place = before.findLast(({ id }) => id !== undefined)?.id
    const second = await ana.stream('/desk/events', place)
    expect(textsOf(await second.drain()).toSorted()).toEqual(['me, too', 'while you were gone'])
    expect(second.seen[0]).toMatchObject({ event: 'desk', data: { load: 2, capacity: 3, presence: 'online' } })
  })

  test('F80: typing goes both ways as transient frames without an id', async () => {
    await using house = await openHouse()
    const { id, kim, ana } = await house.seat()
    const [events, desk] = [await kim.stream(`/conversations/${id}/events`), await ana.stream('/desk/events')]
    await events.drain()
    await desk.drain()
    expect((await ana.post(`/desk/conversations/${id}/typing`)).status).toBe(204)
    expect((await kim.post(`/conversations/${id}/typing`)).status).toBe(204)
    const seen = await events.until(({ event }) => event === 'typing')
    expect(seen).toEqual({ event: 'typing', data: { type: 'typing', conversationId: id, author: 'agent' } })
    expect(await desk.until(({ event }) => event === 'typing')).toMatchObject({ data: { author: 'customer' } })
  })

  test('F76: each side is shown how far the other has read, also who comes later; nobody has read what is not written', async () => {
    await using house = await openHouse()
    const { id, kim, ana } = await house.seat()
    const ben = house.as('agent:ben')
    await ana.post(`/desk/conversations/${id}/say`, { text: 'Hello Kim' })
    const [events, desk] = [await kim.stream(`/conversations/${id}/events`), await ana.stream('/desk/events')]
    const isRead = ({ event }: { event: string }): boolean => event === 'read'
    expect((await kim.post(`/conversations/${id}/read`, { seq: 3 })).status).toBe(204)
    expect(await desk.until(isRead)).toEqual({
      event: 'read',
      data: { type: 'read', conversationId: id, author: 'customer', seq: 3 },
    })
    await kim.post(`/conversations/${id}/read`, { seq: 2 }) // what was read stays read
    const { lastSeq } = await house.engine.parties(id)
    expect((await ana.post(`/desk/conversations/${id}/read`, { seq: 99_999 })).status).toBe(204)
    expect(await events.until(isRead)).toMatchObject({ data: { author: 'agent', seq: lastSeq } })
    expect(
      (await events.drain()).concat(events.seen).some(({ data }) => JSON.stringify(data).includes('"customer","seq"')),
    ).toBe(false)
    expect((await desk.drain()).filter(isRead)).toHaveLength(1)
    const later = await kim.stream(`/conversations/${id}/events`)
    expect(await later.until(isRead)).toMatchObject({ data: { author: 'agent', seq: lastSeq } })
    expect(await ben.post(`/desk/conversations/${id}/read`, { seq: 3 })).toMatchObject({ status: 404 })
    expect(await kim.post(`/conversations/${id}/read`, { seq: 0 })).toMatchObject({ status: 400 })
    expect(await house.as('customer:lou').post(`/conversations/${id}/read`, { seq: 3 })).toMatchObject({ status: 404 })
  })

  test('F80: an agent’s attachments reach the customer, by reference', async () => {
    await using house = await openHouse()
    const { id, kim } = await house.seat()
    const attachments = [{ url: 'https://files.example/label.pdf', name: 'label.pdf' }]
    await house.engine.agent('ana').say(id, '', { attachments })
    await house.engine.conversation(id).say('', { attachments })
    const { body } = await kim.get(`/conversations/${id}`)
    for (const author of ['agent', 'customer'])
      expect(body['transcript']).toContainEqual(expect.objectContaining({ author, attachments }))
  })

  test('F80: attachments come by reference, and only from the web', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const attachments = [{ url: 'https://files.example/box.jpg', name: 'box.jpg' }]
    expect((await kim.post(`/conversations/${id}/say`, { text: '', attachments })).status).toBe(200)
    const { body } = await kim.get(`/conversations/${id}`)
    expect(body['transcript']).toContainEqual(expect.objectContaining({ author: 'customer', attachments }))
    for (const url of ['javascript:alert(1)', 'data:text/html,hi', 'file:///etc/passwd', 'box.jpg']) {
      const refused = await kim.post(`/conversations/${id}/say`, { text: '', attachments: [{ url, name: 'x' }] })
      expect(refused, url).toMatchObject({ status: 400, body: { code: 'EVENT_INVALID', path: 'attachments.0.url' } })
    }
  })

  test('P27: messages that arrive in reverse keep the order in which they were accepted, and show the client’s own', async () => {
    await using house = await openHouse({}, { limits: { burst: 100 } })
    const kim = house.as('customer:kim')
    const id = await kim.open()
    for (let n = 20; n >= 1; n -= 1)
      await kim.post(`/conversations/${id}/say`, { text: `part ${n}`, metadata: { clientSeq: n } })
    const { body } = await kim.get(`/conversations/${id}`)
    const mine = (body['transcript'] as unknown as { author: string; text: string; metadata?: object }[]).filter(
      ({ author }) => author === 'customer',
    )
    expect(mine.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, n) => `part ${20 - n}`))
    expect(mine.map(({ metadata }) => metadata)).toEqual(Array.from({ length: 20 }, (_, n) => ({ clientSeq: 20 - n })))
  })

  test('every receipt and every error has the status of the one table', async () => {
    await using house = await openHouse()
    const [kim, ana] = [house.as('customer:kim'), house.as('agent:ana')]
    const id = await kim.open()
    const late = await ana.post(`/desk/conversations/${id}/accept`)
    expect(late).toMatchObject({ status: REFUSALS.STALE_OFFER.status, body: { ok: false, code: 'STALE_OFFER' } })
    const empty = await kim.post(`/conversations/${id}/say`, { text: '   ' })
    expect(empty).toMatchObject({ status: ERRORS.MESSAGE_EMPTY.status, body: { code: 'MESSAGE_EMPTY', path: 'text' } })
    const large = await kim.post(`/conversations/${id}/say`, { text: 'x'.repeat(9_000) })
    expect(large).toMatchObject({ status: 413, body: { code: 'MESSAGE_TOO_LARGE', retryable: false } })
    await house.engine.stop({ within: 0 })
    expect(await kim.post(`/conversations/${id}/say`, { text: 'hello?' })).toMatchObject({
      status: 503,
      body: { code: 'ENGINE_NOT_STARTED' },
    })
  })

  test('earlier conversations are the customer’s own, newest first', async () => {
    await using house = await openHouse({ reopenWithin: 0 })
    const [kim, lou] = [house.as('customer:kim'), house.as('customer:lou')]
    const first = await kim.open()
    await kim.post(`/conversations/${first}/leave`)
    await house.advance(1_000)
    const second = await kim.open()
    await lou.open()
    const { body } = await kim.get('/conversations')
    expect((body['conversations'] as unknown as { id: string }[]).map(({ id }) => id)).toEqual([second, first])
    const page = await kim.get(`/conversations?limit=1&after=${second}`)
    expect(page.body['conversations']).toMatchObject([{ id: first }])
  })

  test('a supervisor sees the floor, and why each offer was made', async () => {
    await using house = await openHouse()
    const [kim, lou] = [house.as('customer:kim'), house.as('customer:lou')]
    const [ana, sue] = [house.as('agent:ana'), house.as('supervisor:sue')]
    const floor = await sue.stream('/floor/events')
    await floor.until(({ event }) => event === 'floor')
    await ana.post('/desk/presence', { presence: 'online' })
    const id = await kim.open()
    await kim.post(`/conversations/${id}/say`, { text: PERSON })
    const offered = floor.until(({ event }) => event === 'offered')
    await house.advance(1_000)
    expect((await offered).data).toMatchObject({
      conversationId: id,
      agentId: 'ana',
      because: expect.stringMatching(/\S/),
    })
    await ana.post(`/desk/conversations/${id}/accept`)
    await ana.post('/desk/presence', { presence: 'draining' })
    const waiting = await lou.open()
    await lou.post(`/conversations/${waiting}/say`, { text: PERSON })
    const { body } = await sue.get('/floor')
    expect(body).toMatchObject({
      waiting: [{ conversationId: waiting, customerName: 'lou', place: { position: 1 } }],
      open: expect.arrayContaining([expect.objectContaining({ conversationId: id, phase: 'live', agentId: 'ana' })]),
    })
    const assigned = await sue.post(`/floor/conversations/${waiting}/assign`, { agentId: 'ana', force: true })
    expect(assigned.body).toMatchObject({ ok: true })
    expect((await sue.get(`/desk/conversations/${waiting}/explain`)).body).toHaveProperty('rejected')
    await floor.close()
    await moment()
  })

  test('F36: a supervisor watches, whispers, joins, takes over and leaves', async () => {
    await using house = await openHouse({
      agents: [
        { id: 'ana', name: 'Ana' },
        { id: 'sue', name: 'Sue' },
      ],
    })
    const { id, kim, ana } = await house.seat()
    const sue = house.as('supervisor:sue')
    const watched = await sue.stream(`/floor/conversations/${id}/events`)
    expect((await sue.post(`/floor/conversations/${id}/whisper`, { text: 'Offer the refund.' })).body).toMatchObject({
      ok: true,
    })
    await watched.until(({ data }) => JSON.stringify(data).includes('Offer the refund.'))
    expect(JSON.stringify(await kim.get(`/conversations/${id}`))).not.toContain('Offer the refund.')
    expect((await sue.post(`/floor/conversations/${id}/join`)).body).toMatchObject({ ok: true })
    expect((await sue.post(`/floor/conversations/${id}/leave`)).body).toMatchObject({ ok: true })
    await sue.post('/desk/presence', { presence: 'online' })
    expect((await sue.post(`/floor/conversations/${id}/join`, { takeOver: true })).body).toMatchObject({ ok: true })
    expect((await kim.get(`/conversations/${id}`)).body).toMatchObject({ agentId: 'sue' })
    expect((await ana.post(`/floor/conversations/${id}/whisper`, { text: 'me?' })).status).toBe(403)
    expect((await ana.post('/desk/busy', { units: 2 })).body).toMatchObject({ ok: true, load: 2, capacity: 3 })
    expect(await ana.post('/desk/busy', { units: 9 })).toMatchObject({ status: 409, body: { code: 'NO_CAPACITY' } })
  })

  test('F40: a customer is here while a stream is read, and loses the place in the queue some time after', async () => {
    await using house = await openHouse({ routing: { overflow: { after: '30m', to: 'async' } } })
    const kim = house.as('customer:kim')
    const id = await kim.open()
    await house.engine.agent('ana').setPresence('online')
    await house.engine.agent('ana').busy(3)
    await kim.post(`/conversations/${id}/say`, { text: PERSON })
    const tabs = [await kim.stream(`/conversations/${id}/events`), await kim.stream(`/conversations/${id}/events`)]
    for (let n = 0; n < 12; n += 1) {
      await house.advance(15_000)
      for (const tab of tabs) await tab.drain()
    }
    await tabs[0]?.close()
    for (let n = 0; n < 8; n += 1) {
      await house.advance(15_000)
      await tabs[1]?.drain()
    }
    expect((await house.engine.conversation(id).view()).phase).toBe('waiting')
    await tabs[1]?.close()
    await house.advance(120_000)
    expect((await house.engine.conversation(id).view()).phase).not.toBe('waiting')
  })
})
