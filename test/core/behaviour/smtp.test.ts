import type { Channel, Customer, Observation } from 'maitred'
import { simulate, type Simulation } from 'maitred/testing'
import { expect, test } from 'vitest'
import { emailChannel } from '../../../docs/examples/email-channel.ts'
import { ana, seat } from './scene.ts'
import { createPostman, openPostOffice, type Postman, Refused, type Verdict } from './smtp.ts'

// The channel of the documentation, and letters over real SMTP: only the time is virtual.

const kim: Customer = { id: 'kim', name: 'Kim', email: 'kim@example.org' }
const MINUTE = 60_000

/** Kim talks to Ana, and leaves; from then on it goes by mail. */
async function leftForMail(verdict?: Verdict) {
  let now = (): number => 0
  const office = await openPostOffice(() => now(), verdict)
  const postman = createPostman(office.port)
  const sim = simulate({ agents: [ana], channels: [byMail(postman)] })
  now = () => sim.now
  const customer = sim.customer(kim)
  const agent = sim.agent('ana')
  await seat(customer, agent)
  await agent.says(customer, 'Let me look that up.')
  await customer.leaves()
  return { sim, office, postman, customer, agent }
}

/** A letter that was refused for good cannot reach them; whatever else went wrong may be better later. */
function byMail(postman: Postman): Channel {
  const channel = emailChannel(postman, 'shop.example')
  return {
    ...channel,
    deliver: async (message, to) => {
      try {
        return await channel.deliver(message, to)
      } catch (error) {
        return error instanceof Refused && error.status >= 500 ? 'gone' : 'retry'
      }
    },
  }
}

/** Time goes on second by second, and whoever is on the way arrives. */
async function goOn(sim: Simulation, postman: Postman, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await postman.idle()
    await sim.advance('1s')
  }
  await postman.idle()
}

test('F44: a customer leaves in the middle of it: what the agent says goes on by real SMTP, in order, in one thread, one a minute', async () => {
  const { sim, office, postman, customer, agent } = await leftForMail((_letter, attempt) =>
    attempt < 3 ? '451 4.7.1 greylisted, come again' : '250 taken',
  )
  await using _ = sim
  await using _office = office
  for (const text of ['One.', 'Two.', 'Three.']) await agent.says(customer, text)
  await goOn(sim, postman, 200)
  expect(office.taken.map(({ text }) => text)).toEqual(['One.', 'Two.', 'Three.'])
  expect(office.brought.map(({ text }) => text)).toEqual(['One.', 'One.', 'One.', 'Two.', 'Three.']) // nobody overtakes
  const idsOf = (text: string) =>
    new Set(office.brought.filter((letter) => letter.text === text).map(({ headers }) => headers['Message-ID']))
  expect(idsOf('One.').size).toBe(1) // the key is the same however often it is tried
  expect(new Set(office.taken.map(({ headers }) => headers['Message-ID'])).size).toBe(3)
  expect(new Set(office.taken.map(({ headers }) => headers['References'])).size).toBe(1)
  expect(new Set(office.taken.map(({ to }) => to))).toEqual(new Set(['kim@example.org']))
  const [one, two, three] = office.taken.map(({ at }) => at)
  expect((two ?? 0) - (one ?? 0)).toBeGreaterThanOrEqual(MINUTE)
  expect((three ?? 0) - (two ?? 0)).toBeGreaterThanOrEqual(MINUTE)
  expect(await sim.engine.health()).toMatchObject({ outboxCount: 0 })
})

test('F44: a letter whose receipt was lost comes again under the same Message-ID: one letter to whoever reads', async () => {
  const { sim, office, postman, customer, agent } = await leftForMail((_letter, attempt) =>
    attempt === 1 ? 'lost' : '250 taken',
  )
  await using _ = sim
  await using _office = office
  await agent.says(customer, 'Found it.')
  await agent.says(customer, 'It leaves tomorrow.')
  await goOn(sim, postman, 90)
  expect(office.taken.map(({ text }) => text)).toEqual(['Found it.', 'Found it.', 'It leaves tomorrow.'])
  const mailbox = new Map(office.taken.map(({ headers, text }) => [headers['Message-ID'], text]))
  expect([...mailbox.values()]).toEqual(['Found it.', 'It leaves tomorrow.'])
})

test('F44: a letter that is refused for good is not tried again, and whoever watches is told', async () => {
  const { sim, office, postman, customer, agent } = await leftForMail(() => '550 5.1.1 no such mailbox')
  await using _ = sim
  await using _office = office
  const failed: Observation<'delivery.failed'>[] = []
  sim.engine.on('delivery.failed', (fact) => failed.push(fact))
  await agent.says(customer, 'Found it.')
  await goOn(sim, postman, 90)
  expect(office.brought).toHaveLength(1)
  expect(failed).toMatchObject([{ channel: 'email' }])
  expect(await sim.engine.health()).toMatchObject({ outboxCount: 0 })
})

test('F44: a letter says what was said, whatever that looks like to a post office', async () => {
  const { sim, office, postman, customer, agent } = await leftForMail()
  await using _ = sim
  await using _office = office
  const text = 'Type:\n.\nRCPT TO:<everybody@example.org>\n..and “Grüße”'
  await agent.says(customer, text)
  await goOn(sim, postman, 5)
  expect(office.taken.map((letter) => [letter.to, letter.text])).toEqual([['kim@example.org', text]])
})
