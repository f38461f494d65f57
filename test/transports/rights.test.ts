import { describe, expect, test } from 'vitest'
import { createTokens } from '../../src/transports/index.ts'
import { auth, openHouse, ORIGIN, PERSON } from './house.ts'

describe('who may do what', () => {
  test('P22: somebody else’s conversation answers exactly as one that does not exist', async () => {
    await using house = await openHouse()
    const [kim, lou] = [house.as('customer:kim'), house.as('customer:lou')]
    const id = await kim.open()
    const ways = [
      (at: string) => lou.get(`/conversations/${at}`),
      (at: string) => lou.get(`/conversations/${at}/events`),
      (at: string) => lou.post(`/conversations/${at}/say`, { text: 'mine?' }),
      (at: string) => lou.post(`/conversations/${at}/leave`),
      (at: string) => lou.post(`/conversations/${at}/rate`, { score: 1 }),
      (at: string) => lou.post(`/conversations/${at}/typing`),
      (at: string) => lou.post(`/conversations/${at}/identify`, { token: 'customer:lou' }),
    ]
    for (const way of ways) {
      const [foreign, unknown] = [await way(id), await way('c999999')]
      expect(foreign.status).toBe(404)
      expect(JSON.stringify(foreign).replaceAll(id, 'c999999')).toBe(JSON.stringify(unknown))
    }
    expect((await kim.get(`/conversations/${id}`)).body['transcript']).not.toContainEqual(
      expect.objectContaining({ text: 'mine?' }),
    )
  })

  test('P21: an agent who writes into a conversation of another is refused, and it is not written', async () => {
    await using house = await openHouse()
    const { id, ana } = await house.seat()
    const ben = house.as('agent:ben')
    const refused = await ben.post(`/desk/conversations/${id}/say`, { text: 'Let me.' })
    expect(refused).toMatchObject({ status: 409, body: { ok: false, code: 'NOT_ASSIGNEE' } })
    for (const path of ['', '/history', '/explain'])
      expect((await ben.get(`/desk/conversations/${id}${path}`)).status).toBe(404)
    expect((await ben.post(`/desk/conversations/${id}/typing`)).status).toBe(404)
    expect((await ben.post(`/desk/conversations/${id}/advise`, { draft: 'x' })).status).toBe(404)
    expect((await ana.get(`/desk/conversations/${id}`)).status).toBe(200)
    expect((await house.as('supervisor:sue').get(`/desk/conversations/${id}`)).status).toBe(200)
  })

  test('F75: each role keeps to its own side', async () => {
    await using house = await openHouse()
    const id = await house.as('customer:kim').open()
    const sides: [string, string, string][] = [
      ['customer:kim', 'GET', '/desk'],
      ['customer:kim', 'GET', '/floor'],
      ['customer:kim', 'POST', '/desk/presence'],
      ['customer:kim', 'POST', `/desk/conversations/${id}/accept`],
      ['agent:ana', 'GET', '/floor'],
      ['agent:ana', 'GET', '/floor/events'],
      ['agent:ana', 'POST', `/floor/conversations/${id}/assign`],
      ['agent:ana', 'GET', `/conversations/${id}`],
      ['supervisor:sue', 'POST', '/conversations'],
    ]
    for (const [who, method, path] of sides) {
      const answer = await (method === 'GET' ? house.as(who).get(path) : house.as(who).post(path))
      expect(answer, `${who} ${path}`).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    }
    expect(await house.as('').get('/desk')).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect((await house.as('').get('/desk')).headers.get('www-authenticate')).toBe('Bearer')
  })

  test('F75: who acts is who asks: nothing in the body can say otherwise', async () => {
    await using house = await openHouse()
    const [kim, ana] = [house.as('customer:kim'), house.as('agent:ana')]
    const forged = {
      text: 'hi',
      type: 'conversation.finished',
      conversationId: 'c9',
      agentId: 'ben',
      customer: { id: 'lou' },
    }
    const opened = await kim.post('/conversations', { ...forged, channel: 'email' })
    expect(opened.body).toMatchObject({ customer: { id: 'kim' }, channel: 'web' })
    const id = String(opened.body['id'])
    await ana.post('/desk/presence', { presence: 'online' })
    await kim.post(`/conversations/${id}/say`, { ...forged, text: PERSON })
    await ana.post(`/desk/conversations/${id}/accept`, forged)
    await ana.post(`/desk/conversations/${id}/say`, forged)
    const { body } = await kim.get(`/conversations/${id}`)
    expect(body).toMatchObject({ phase: 'live', agentId: 'ana' })
  })

  test('what the house knows of a customer is not shown to the customer', async () => {
    await using house = await openHouse(
      {},
      {
        auth: (request) => {
          const known = auth(request)
          if (known === undefined || known instanceof Promise || known.role !== 'customer') return known
          return { ...known, customer: { ...known.customer, attributes: { churnRisk: 0.9 } } }
        },
      },
    )
    const [kim, ana] = [house.as('customer:kim'), house.as('agent:ana')]
    await ana.post('/desk/presence', { presence: 'online' })
    const id = await kim.open()
    const events = await kim.stream(`/conversations/${id}/events`)
    await kim.post(`/conversations/${id}/say`, { text: PERSON })
    await ana.post(`/desk/conversations/${id}/accept`)
    await ana.post(`/desk/conversations/${id}/note`, { text: 'grumpy' })
    await ana.post(`/desk/conversations/${id}/close`, { disposition: 'goodwill' })
    const told = JSON.stringify([
      await events.drain(),
      await kim.get(`/conversations/${id}`),
      await kim.get('/conversations'),
    ])
    for (const secret of ['churnRisk', 'grumpy', 'goodwill', 'requirements']) expect(told).not.toContain(secret)
    expect(JSON.stringify(await ana.get(`/desk/conversations/${id}`))).toContain('churnRisk')
  })

  test('F08: a visitor becomes a known customer only with proof', async () => {
    await using house = await openHouse()
    const visitor = house.as('customer:visitor-1')
    const id = await visitor.open()
    await visitor.post(`/conversations/${id}/say`, { text: 'Where is my refund?' })
    const identify = (body: object) => visitor.post(`/conversations/${id}/identify`, body)
    expect(await identify({ customer: { id: 'kim' } })).toMatchObject({ status: 400, body: { path: 'token' } })
    expect(await identify({ token: 'forged' })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    expect(await identify({ token: 'agent:ana' })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    expect(await identify({ token: 'customer:kim' })).toMatchObject({ status: 200, body: { ok: true } })
    expect((await visitor.get(`/conversations/${id}`)).status).toBe(404) // it is kim's now
    expect((await house.as('customer:kim').get(`/conversations/${id}`)).body).toMatchObject({ customer: { id: 'kim' } })
  })
})

describe('signed tokens', () => {
  const secret = 'a-secret-that-is-long-enough-for-sha-256'
  const tokens = createTokens({ secret })
  const asked = (headers: Record<string, string>, query = ''): Request =>
    new Request(`${ORIGIN}/desk${query}`, { headers })

  test('F08: say who somebody is, in a header, a cookie or the address', async () => {
    const customer = { role: 'customer', customer: { id: 'kim', name: 'Kim', attributes: { tier: 'gold' } } } as const
    const token = await tokens.sign(customer)
    expect(await tokens.verify(asked({ authorization: `Bearer ${token}` }))).toEqual(customer)
    expect(await tokens.verify(asked({ cookie: `theme=dark; maitred=${token}` }))).toEqual(customer)
    expect(await tokens.verify(asked({}, `?token=${token}`))).toEqual(customer)
    const agent = { role: 'supervisor', agentId: 'sue' } as const
    expect(await tokens.verify(asked({ authorization: `Bearer ${await tokens.sign(agent)}` }))).toEqual(agent)
  })

  test('P22: forged, expired, foreign and changed tokens are nobody', async () => {
    const identity = { role: 'agent', agentId: 'ana' } as const
    const token = await tokens.sign(identity)
    const [head, body = '', signature] = token.split('.')
    const promoted = Buffer.from(body, 'base64url').toString().replace('agent"', 'supervisor"')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const worthless = [
      await createTokens({ secret: `${secret}!` }).sign(identity),
      await createTokens({ secret, lifetime: 0 }).sign(identity),
      `${head}.${Buffer.from(promoted).toString('base64url')}.${signature}`,
      `${none}.${body}.`,
      'abc',
      '',
    ]
    for (const one of worthless)
      expect(await tokens.verify(asked({ authorization: `Bearer ${one}` })), one).toBeUndefined()
    await using house = await openHouse({}, { auth: tokens.verify })
    expect(await house.as('').get('/desk', { authorization: `Bearer ${worthless[0]}` })).toMatchObject({ status: 401 })
    expect(await house.as('').get('/desk', { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 })
  })

  test('a secret that could be guessed is refused', () => {
    expect(() => createTokens({ secret: 'short' })).toThrow(/CONFIG_INVALID.*at least 32 bytes/)
    expect(() => createTokens({ secret, lifetime: 'soon' as '1h' })).toThrow(/CONFIG_INVALID/)
  })
})
