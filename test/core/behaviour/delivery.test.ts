import { type Channel, type Customer, isMaitredError, type Message, type Observation } from 'maitred'
import { memoryStore } from 'maitred/stores'
import { createVirtualClock, simulate, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { emailChannel } from '../../../docs/examples/email-channel.ts'
import { assemble } from '../../../src/assemble.ts'
import { ana, moment, seat } from './scene.ts'

// F44: the customer leaves in the middle of it, and what is said goes on by another channel.

const kim: Customer = { id: 'kim', name: 'Kim', email: 'kim@example.org' }
const MINUTE = 60_000

type Result = 'sent' | 'retry' | 'gone'
interface Letter {
  readonly to: string
  readonly text: string
  readonly key: string
  readonly at: number
}

/** A channel that notes every attempt; `say` decides what becomes of it. */
function mailbox(name: string, say: (message: Message, attempt: number) => Result | Promise<Result> = () => 'sent') {
  const tried: Letter[] = []
  const sent: Letter[] = []
  const clock = { now: () => 0 }
  const channel: Channel = {
    name,
    async deliver(message, { customer, key }) {
      const letter = { to: customer.email ?? customer.id, text: message.text, key, at: clock.now() }
      tried.push(letter)
      const result = await say(message, tried.length)
      if (result === 'sent') sent.push(letter)
      return result
    },
  }
  return {
    channel,
    tried,
    sent,
    /** Notes the time of this simulation from now on. */
    goesBy(sim: Simulation) {
      clock.now = () => sim.now
    },
    texts: () => sent.map(({ text }) => text),
  }
}

/** Kim talks to Ana, and leaves. */
async function leftAlone(...channels: readonly Channel[]) {
  const sim = simulate({ agents: [ana], channels })
  const customer = sim.customer(kim)
  const agent = sim.agent('ana')
  await seat(customer, agent)
  await agent.says(customer, 'Let me look that up.')
  await customer.leaves()
  return { sim, customer, agent }
}

describe('F44: what is said to a customer who has left', () => {
  test('goes by the channel, once and in order; what they heard on the web does not', async () => {
    const mail = mailbox('email')
    const { sim, customer, agent } = await leftAlone(mail.channel)
    await using _ = sim
    await agent.says(customer, 'Found it.')
    await sim.engine.agent('ana').note(customer.conversationId, 'Colleagues only.')
    await agent.says(customer, 'It leaves tomorrow.')
    expect(mail.texts()).toEqual(['Found it.', 'It leaves tomorrow.'])
    expect(new Set(mail.sent.map(({ key }) => key)).size).toBe(2)
    expect(mail.sent[0]).toMatchObject({ to: 'kim@example.org' })
    await sim.advance('2d')
    expect(mail.tried.filter(({ text }) => text === 'Found it.')).toHaveLength(1)
    expect(await sim.engine.health()).toMatchObject({ outboxCount: 0 })
  })

  test('stays on the web again once they are back', async () => {
    const mail = mailbox('email')
    const { sim, customer, agent } = await leftAlone(mail.channel)
    await using _ = sim
    await customer.says('I am back.')
    await agent.says(customer, 'Good to see you.')
    expect(mail.texts()).toEqual([])
  })

  test('stays on the web while a connection of theirs is open, and goes out when it is lost again', async () => {
    const mail = mailbox('email')
    const { sim, customer, agent } = await leftAlone(mail.channel)
    await using _ = sim
    await customer.connects()
    await agent.says(customer, 'You can read this.')
    await customer.disconnects()
    await agent.says(customer, 'You cannot read this.')
    expect(mail.texts()).toEqual(['You cannot read this.'])
  })

  test('waits in order while the channel fails, is tried less and less often, and arrives once with one key', async () => {
    const mail = mailbox('email', (message, attempt) => {
      if (message.text === 'One.' && attempt < 4) return attempt === 2 ? Promise.reject(new Error('down')) : 'retry'
      return 'sent'
    })
    const sim = simulate({ agents: [ana], channels: [mail.channel] })
    await using _ = sim
    mail.goesBy(sim)
    const customer = sim.customer(kim)
    await seat(customer, sim.agent('ana'))
    await customer.leaves()
    await sim.agent('ana').says(customer, 'One.')
    await sim.agent('ana').says(customer, 'Two.')
    expect(mail.texts()).toEqual([])
    expect(await sim.engine.health()).toMatchObject({ outboxCount: 2 })
    await sim.advance('1m')
    expect(mail.texts()).toEqual(['One.', 'Two.'])
    const ones = mail.tried.filter(({ text }) => text === 'One.')
    expect(new Set(ones.map(({ key }) => key)).size).toBe(1)
    const pauses = ones.slice(1).map(({ at }, index) => at - (ones[index]?.at ?? 0))
    expect(pauses).toEqual([1_000, 2_000, 4_000])
    expect(await sim.engine.health()).toMatchObject({ outboxCount: 0 })
  })

  test('does not hold up another customer’s', async () => {
    const mail = mailbox('email', ({ text }) => (text.startsWith('Kim') ? 'retry' : 'sent'))
    const sim = simulate({ agents: [ana], channels: [mail.channel] })
    await using _ = sim
    const people = [sim.customer(kim), sim.customer({ id: 'lou', email: 'lou@example.org' })]
    for (const customer of people) {
      await seat(customer, sim.agent('ana'))
      await customer.leaves()
    }
    const [one, other] = people
    if (one === undefined || other === undefined) throw new Error('two people were made')
    await sim.agent('ana').says(one, 'Kim, your parcel.')
    await sim.agent('ana').says(other, 'Lou, your parcel.')
    expect(mail.texts()).toContain('Lou, your parcel.')
    expect(mail.texts()).not.toContain('Kim, your parcel.')
  })

  test('goes by the next channel where the first cannot reach them; where none can, observers are told', async () => {
    const mail = mailbox('email', () => 'gone')
    const sms = mailbox('sms', ({ text }) => (text === 'Nobody hears this.' ? 'gone' : 'sent'))
    const { sim, customer, agent } = await leftAlone(mail.channel, sms.channel)
    await using _ = sim
    const failed: Observation<'delivery.failed'>[] = []
    sim.engine.on('delivery.failed', (fact) => failed.push(fact))
    await agent.says(customer, 'By message.')
    expect(sms.texts().at(-1)).toBe('By message.')
    failed.length = 0
    await agent.says(customer, 'Nobody hears this.')
    await agent.says(customer, 'But this.')
    expect(sms.texts().at(-1)).toBe('But this.')
    expect(failed.map(({ channel }) => channel)).toEqual(['email', 'sms', 'email'])
    expect(failed.every(({ error }) => isMaitredError(error, 'DELIVERY_FAILED'))).toBe(true)
  })

  test('is given up after a day, and the next one is tried', async () => {
    const mail = mailbox('email', ({ text }) => (text === 'Never.' ? 'retry' : 'sent'))
    const { sim, customer, agent } = await leftAlone(mail.channel)
    await using _ = sim
    const failed: Observation<'delivery.failed'>[] = []
    sim.engine.on('delivery.failed', (fact) => failed.push(fact))
    await agent.says(customer, 'Never.')
    await sim.advance('23h')
    expect(failed).toEqual([])
    await agent.says(customer, 'Later.')
    await sim.advance('2h')
    expect(failed).toHaveLength(1)
    expect(mail.texts().at(-1)).toBe('Later.')
    const hourly = mail.tried.filter(({ text }) => text === 'Never.').length / 24
    expect(hourly).toBeLessThan(8) // at most every ten minutes, after a short beginning
  })

  test('a channel that hangs is asked again after 30 s', async () => {
    const mail = mailbox('email', (_message, attempt) => (attempt === 1 ? new Promise(() => {}) : 'sent'))
    const sim = simulate({ agents: [ana], channels: [mail.channel] })
    await using _ = sim
    const customer = sim.customer(kim)
    await seat(customer, sim.agent('ana'))
    await customer.leaves()
    void sim.agent('ana').says(customer, 'Found it.')
    for (let round = 0; round < 20; round += 1) await moment()
    await sim.advance('40s')
    expect(mail.texts()).toContain('Found it.')
  })

  test('leaves as much time between two as the channel asks for', async () => {
    const mail = mailbox('email')
    const sim = simulate({ agents: [ana], channels: [{ ...mail.channel, pause: '5m' }] })
    await using _ = sim
    mail.goesBy(sim)
    const customer = sim.customer(kim)
    await seat(customer, sim.agent('ana'))
    await customer.leaves()
    for (const text of ['One.', 'Two.', 'Three.']) await sim.agent('ana').says(customer, text)
    expect(mail.texts()).toEqual(['One.'])
    await sim.advance('20m')
    expect(mail.texts()).toEqual(['One.', 'Two.', 'Three.'])
    const [one, two, three] = mail.sent.map(({ at }) => at)
    expect((two ?? 0) - (one ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE)
    expect((three ?? 0) - (two ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE)
  })

  test('everything goes by the channel that the conversation came by', async () => {
    const [mail, sms] = [mailbox('email'), mailbox('sms')]
    const sim = simulate({ agents: [ana], channels: [mail.channel, sms.channel] })
    await using _ = sim
    await sim.agent('ana').goes('online')
    const talk = await sim.engine.openConversation({ customer: { id: 'lou' }, channel: 'sms' })
    await talk.say('a person, please')
    await sim.engine.agent('ana').accept(talk.id)
    await sim.engine.agent('ana').say(talk.id, 'Hello Lou.')
    await sim.advance('1s')
    expect(sms.texts().at(-1)).toBe('Hello Lou.')
    expect(mail.tried).toEqual([])
    expect(sms.tried.some(({ text }) => text === 'a person, please')).toBe(false)
  })

  test('that was erased meanwhile goes nowhere', async () => {
    const mail = mailbox('email', (_message, attempt) => (attempt < 3 ? 'retry' : 'sent'))
    const { sim, customer, agent } = await leftAlone(mail.channel)
    await using _ = sim
    await agent.says(customer, 'Your number is 12.')
    await sim.engine.erase('kim')
    await sim.advance('1h')
    expect(mail.texts().every((text) => text !== 'Your number is 12.')).toBe(true)
    expect(await sim.engine.health()).toMatchObject({ outboxCount: 0 })
  })

  test('that was owed when the process ended goes out after the restart, with the same key and in order', async () => {
    const memory = memoryStore()
    const clock = createVirtualClock(0)
    let isDown = true
    const mail = mailbox('email', () => (isDown ? 'retry' : 'sent'))
    const start = async () => {
      const engine = assemble(
        { agents: [ana], channels: [mail.channel], store: memory },
        { clock, seed: 1, createId: () => 'c1' },
      )
      await engine.start()
      return engine
    }
    const settled = async () => {
      for (let round = 0; round < 30; round += 1) await moment()
    }
    const before = await start()
    await before.agent('ana').setPresence('online')
    const talk = await before.openConversation({ customer: kim })
    await talk.say('a person, please')
    await before.agent('ana').accept('c1')
    await talk.leave()
    await before.agent('ana').say('c1', 'One.')
    await before.agent('ana').say('c1', 'Two.')
    await settled()
    const keys = new Set(mail.tried.map(({ key }) => key))
    await before.stop({ within: 0 }) // as a crash would: nothing of it was sent
    expect(mail.sent).toEqual([])
    isDown = false
    const after = await start()
    await settled()
    expect(mail.texts().slice(-2)).toEqual(['One.', 'Two.'])
    expect(mail.sent.filter(({ text }) => text === 'One.')).toHaveLength(1)
    expect([...keys].every((key) => mail.sent.some((letter) => letter.key === key))).toBe(true)
    expect(await after.health()).toMatchObject({ outboxCount: 0 })
    await after.stop({ within: 0 })
  })

  test('by mail, as the documentation shows: one thread, and who has no address is passed over', async () => {
    const letters: { readonly to: string; readonly headers: Readonly<Record<string, string>> }[] = []
    const sms = mailbox('sms')
    const mail = emailChannel({ send: (letter) => Promise.resolve(void letters.push(letter)) }, 'shop.example')
    const { sim, customer, agent } = await leftAlone(mail, sms.channel)
    await using _ = sim
    await agent.says(customer, 'One.')
    await agent.says(customer, 'Two.')
    await sim.advance('2m')
    expect(letters.map(({ to }) => to)).toEqual(['kim@example.org', 'kim@example.org'])
    expect(new Set(letters.map(({ headers }) => headers['References'])).size).toBe(1)
    expect(new Set(letters.map(({ headers }) => headers['Message-ID'])).size).toBe(2)
    expect(sms.sent).toEqual([])
    const to = { conversationId: 'c1', key: 'c1/4', customer: { id: 'lou' } }
    expect(await mail.deliver({ id: 'm', seq: 4, at: 0, author: 'agent', text: 'Hello.' }, to)).toBe('gone')
  })

  test('a channel that cannot work is refused when the engine is made, by its place', () => {
    const make = (...channels: readonly object[]) => simulate({ channels: channels as readonly Channel[] })
    expect(() => make({ name: 'email' })).toThrow(/channels\[0\].deliver/)
    const { channel } = mailbox('email')
    expect(() => make(channel, channel)).toThrow(/Two channels are called `email`/)
    expect(() => make({ ...channel, pause: 'soon' })).toThrow(/channels\[0\].pause/)
  })
})
