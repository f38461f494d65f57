import type { Agent, ConversationView } from '../../index.ts'
import { simulate, type Simulation } from '../../testing/index.ts'
import { demoAgents, demoConfig } from './config.ts'
import { serveDemo } from './serve.ts'
import { sitDown, visit, type WebAgent, type WebCustomer } from './web-cast.ts'

/** One customer's story, played and over. */
export interface Story {
  readonly about: string
  readonly conversation: ConversationView
  readonly closedAt: number
}

export interface Day {
  readonly startedAt: number
  /** Where it was served. */
  readonly url: string
  readonly agents: readonly Agent[]
  readonly stories: readonly Story[]
}

/** Who is on duty: two people, with one seat each, so that somebody has to wait. */
const ON_DUTY = demoAgents.filter(({ id }) => id === 'ana' || id === 'ben').map((agent) => ({ ...agent, capacity: 1 }))

/**
 * Plays a short day at the demo help centre: the real engine behind a real server, everybody on the other side of HTTP and event streams,
 * with words from a script. Only the time is virtual.
 */
export async function playDay(): Promise<Day> {
  await using sim = simulate({ ...demoConfig, agents: ON_DUTY })
  const startedAt = sim.now
  const closedAt = new Map<string, number>()
  sim.engine.on('conversation.closed', ({ conversationId, at }) => closedAt.set(conversationId, at))
  await sim.advance(0)
  const served = await serveDemo(sim.engine, 0)
  const url = `${served.url}/chat`
  const guests: WebCustomer[] = []
  const cast: Cast = {
    sim,
    ana: await sitDown(url, 'ana'),
    ben: await sitDown(url, 'ben'),
    async named(name) {
      const guest = await visit(url, name)
      guests.push(guest)
      return guest
    },
  }
  try {
    return { startedAt, url: served.url, agents: ON_DUTY, stories: await tell(cast, closedAt) }
  } finally {
    for (const { leave } of [...guests, cast.ana, cast.ben]) leave()
    await served.close()
  }
}

async function tell(cast: Cast, closedAt: ReadonlyMap<string, number>): Promise<readonly Story[]> {
  const { engine } = cast.sim
  const told = [
    ...(await articleHelps(cast)),
    ...(await everySeatIsTaken(cast)),
    ...(await customerFallsSilent(cast)),
    ...(await nobodyIsThere(cast)),
  ]
  const stories: Story[] = []
  for (const { about, customer } of told) {
    const conversation = await engine.conversation(customer.id).view()
    stories.push({ about, conversation, closedAt: closedAt.get(conversation.id) ?? cast.sim.now })
  }
  return stories
}

interface Cast {
  readonly sim: Simulation
  readonly ana: WebAgent
  readonly ben: WebAgent
  /** Opens the chat. */
  named(name: string): Promise<WebCustomer>
}

interface Told {
  readonly about: string
  readonly customer: WebCustomer
}

async function articleHelps({ sim, named }: Cast): Promise<readonly Told[]> {
  await sim.advance('4m')
  const mia = await named('Mia')
  await asks({ sim, customer: mia, question: 'Where do I find my boarding pass?' })
  await mia.sees(/boarding pass/i)
  await sim.advance('40s')
  await mia.chooses('yes')
  await sim.advance('15s')
  await mia.chooses('5')
  await mia.isIn('closed')
  return [{ about: 'an article answers her question', customer: mia }]
}

/** Jonas and Ravi take both seats; Lena waits until one is free. */
async function everySeatIsTaken({ sim, named, ana, ben }: Cast): Promise<readonly Told[]> {
  await sim.advance('20m')
  const jonas = await named('Jonas')
  await asks({ sim, customer: jonas, question: 'I was charged twice for one order' })
  await sim.advance('35s')
  await wantsPerson(jonas)
  await ana.isOffered(jonas)
  await sim.advance('6s')
  await ana.accepts(jonas)
  const ravi = await named('Ravi')
  await asks({ sim, customer: ravi, question: 'My name is spelt wrong on the ticket' })
  await sim.advance('14s')
  await ana.says(jonas, 'Hello Jonas, I have both payments in front of me. On which day did you order?')
  await wantsPerson(ravi)
  await ben.isOffered(ravi)
  await sim.advance('9s')
  await ben.accepts(ravi)
  await sim.advance('12s')
  await jonas.says('Last Tuesday, in the evening.')
  const lena = await named('Lena')
  await asks({ sim, customer: lena, question: 'A person, please. My parcel was open when it came.' })
  await lena.sees(/number 1 in the queue/)
  await sim.advance('25s')
  await ben.says(ravi, 'Hi Ravi, how is it spelt in your passport?')
  await ana.says(jonas, 'Thank you. The second payment was never dropped, so I have just paid it back.')
  await sim.advance('20s')
  await jonas.says('Great, thank you!')
  await ravi.says('With a single t at the end: Bhat.')
  await sim.advance('10s')
  await ana.closes(jonas)
  await sim.advance('12s')
  await endsContent({ sim, customer: jonas, score: '5' })
  await ben.says(ravi, 'Changed, at no cost. The new ticket is in your mail.')
  await sim.advance('15s')
  await ana.isOffered(lena)
  await sim.advance('4s')
  await ana.accepts(lena)
  await sim.advance('11s')
  await ana.says(lena, 'Hello Lena, sorry that you had to wait. What was missing in the parcel?')
  await ben.closes(ravi)
  await sim.advance('18s')
  await lena.says('The charger. The rest is fine.')
  await endsContent({ sim, customer: ravi, score: '4' })
  await sim.advance('22s')
  await ana.says(lena, 'A new one leaves us today, and you may keep the rest as it is.')
  await sim.advance('15s')
  await lena.says('Perfect.')
  await sim.advance('8s')
  await ana.closes(lena)
  await sim.advance('10s')
  await endsContent({ sim, customer: lena, score: '5' })
  return [
    { about: 'the article does not help, Ana (billing) does', customer: jonas },
    { about: 'passed on to Ben (travel)', customer: ravi },
    { about: 'waits because both seats are taken, then Ana is free', customer: lena },
  ]
}

async function customerFallsSilent({ sim, named }: Cast): Promise<readonly Told[]> {
  await sim.advance('74m')
  const tom = await named('Tom')
  await asks({ sim, customer: tom, question: 'How long does a refund take?' })
  await sim.advance('3m')
  await tom.sees(/still there/i)
  await sim.advance('7m')
  await tom.isIn('closed')
  return [{ about: 'falls silent: reminded, then closed', customer: tom }]
}

/** In the evening a message is left; the next morning it is answered. */
async function nobodyIsThere({ sim, named, ana, ben }: Cast): Promise<readonly Told[]> {
  await sim.advance('7h')
  await ana.goes('offline')
  await ben.goes('offline')
  await sim.advance('6m')
  const nora = await named('Nora')
  await asks({ sim, customer: nora, question: 'Can I talk to somebody about my insurance?' })
  await nora.isIn('async')
  await sim.advance('50s')
  await nora.says('Is my bicycle covered when I lend it to a neighbour?')
  await sim.advance('14h')
  await ben.goes('online')
  await ben.isOffered(nora)
  await sim.advance('12s')
  await ben.accepts(nora)
  await sim.advance('40s')
  await ben.says(nora, 'Good morning Nora. Yes, it is, as long as nobody pays for it.')
  await sim.advance('5m')
  await nora.says('That is good to know, thank you!')
  await sim.advance('20s')
  await ben.closes(nora)
  await sim.advance('10s')
  await endsContent({ sim, customer: nora, score: '5' })
  return [{ about: 'nobody is online: leaves a message, answered by Ben the next morning', customer: nora }]
}

/** Opens the chat, reads the greeting, and writes. */
async function asks(about: {
  readonly sim: Simulation
  readonly customer: WebCustomer
  readonly question: string
}): Promise<void> {
  const { sim, customer, question } = about
  await customer.isIn('helping')
  await sim.advance('12s')
  await customer.says(question)
}

/** Whatever the bot suggests, it is not that. */
async function wantsPerson(customer: WebCustomer): Promise<void> {
  await customer.chooses('no')
  if (await customer.canBeIn('helping')) await customer.chooses('person')
}

async function endsContent(about: {
  readonly sim: Simulation
  readonly customer: WebCustomer
  readonly score: string
}): Promise<void> {
  const { sim, customer, score } = about
  await customer.chooses('yes')
  await sim.advance('6s')
  await customer.chooses(score)
  await customer.isIn('closed')
}
