import { initialTransition, transition } from 'xstate'
import { toChart } from '../src/core/machine/chart.ts'
import { initialState, step } from '../src/core/machine/step.ts'
import type { Conversation } from '../src/index.ts'
import { AGENT, type House, openHouse, readFacts, startActor, type Told as Facts } from './conversations.ts'
import { type Compared, compare, type Side } from './paired.ts'
import { goalOf, ratioOf, type Row, type Section } from './section.ts'

const CONVERSATIONS = 25
const EXCHANGES = 30
/** Hold, answer, question. */
const TURNS = 3
const STORIES = 60

/** What one turn costs beside the bare statechart. */
export const turn: Section = {
  name: 'turn',
  title: 'A turn beside the bare statechart (CPU time, paired rounds)',
  async run({ rounds }) {
    const talk = await recordTalk()
    const story = await recordStory()
    const turns = CONVERSATIONS * EXCHANGES * TURNS
    const talked = await compare([sendTalk(talk), talkWith(0), talkWith(5), talkWith(20)], {
      rounds,
      warmUp: 8,
      tidy: 'young',
    })
    const stepped = await compare([sendTalk(talk), stepTalk(talk), pureTalk(talk)], {
      rounds,
      warmUp: 8,
      tidy: 'young',
    })
    const told = await compare([sendStory(story), tellStory(5), tellStory(20)], { rounds, warmUp: 8, tidy: 'young' })
    return {
      base: '`actor.send` of the same chart with the same facts, a live actor for each conversation, no delays, no subscribers',
      rows: [
        ...talked.map((side, index) => toRow(side, turns, [undefined, undefined, 1.6, 2.1][index])),
        ...stepped.slice(1).map((side, index) => toRow(side, turns, [1.1][index])),
        ...told.map((side) => toRow(side, STORIES, undefined)),
      ],
      notes: [
        `A turn: the agent holds, the agent answers (and resumes), the customer writes; ${CONVERSATIONS} conversations, ${EXCHANGES} exchanges, through the public handles, each plugin hooked \`before:*\` and \`after:*\`, memory store, transcript and event log on, no search. \
The stretch of the goal for 5 plugins is 1.3.`,
        'Between rounds there are minor collections only, and `actor.send` copies a context of 36 fields. With a full collection before each round, which drops compiled code, a turn with 5 plugins was measured at about 3 times the base: it costs what it says in a warm process.',
        `A whole conversation: opened, a person asked for, offered, accepted, asked, answered, held, answered, thanked, closed (it is solved), rated: ${story.facts.length} facts.`,
      ],
    }
  },
}

function toRow(side: Compared, count: number, limit: number | undefined): Row {
  const row = {
    what: side.name,
    figure: `${(side.roundUs / count).toFixed(2)} us`,
    ratio: ratioOf(side),
  }
  return limit === undefined ? row : { ...row, goal: goalOf(side.ratio, '<=', limit) }
}

interface Talk extends Facts {
  /** Where the talk begins: what is before it is for getting there. */
  readonly from: number
}

async function recordTalk(): Promise<Talk> {
  const house = await openHouse(0)
  const conversation = await house.seat()
  await talk(house, [conversation])
  const told = await readFacts(house.store, conversation.id)
  await house.engine.stop()
  return { ...told, from: told.facts.findIndex(({ type }) => type === 'conversation.held') }
}

async function talk({ engine }: House, conversations: readonly Conversation[]): Promise<void> {
  const desk = engine.agent(AGENT)
  for (let exchange = 0; exchange < EXCHANGES; exchange += 1) {
    for (const conversation of conversations) {
      await desk.hold(conversation.id)
      await desk.say(conversation.id, 'hello there, this is an answer')
      await conversation.say('and this is a question')
    }
  }
}

/** A new engine each round, so that no round finds what another has left. */
function talkWith(pluginCount: number): Side {
  let house: House | undefined
  let conversations: readonly Conversation[] = []
  return {
    name: `a turn, ${pluginCount} plugins`,
    async prepare() {
      await house?.engine.stop()
      house = await openHouse(pluginCount)
      const seated: Conversation[] = []
      for (let count = 0; count < CONVERSATIONS; count += 1) seated.push(await house.seat())
      conversations = seated
    },
    run: () => (house === undefined ? undefined : talk(house, conversations)),
    finish: () => house?.engine.stop(),
  }
}

function sendTalk(told: Talk): Side {
  const before = told.facts.slice(0, told.from)
  let actors: readonly ReturnType<typeof startActor>[] = []
  return {
    name: '`actor.send` of the facts of a turn',
    prepare() {
      actors = Array.from({ length: CONVERSATIONS }, () => startActor(told))
      for (const actor of actors) for (const fact of before) actor.send(fact)
    },
    run() {
      eachExchange(told, (facts) => {
        for (const actor of actors) for (const fact of facts) actor.send({ ...fact })
      })
    },
  }
}

function stepTalk(told: Talk): Side {
  const begin = () => {
    let state = initialState(told.opening)
    for (const fact of told.facts.slice(0, told.from)) state = step(state, fact).at(-1)?.after ?? state
    return state
  }
  let states: ReturnType<typeof begin>[] = []
  return {
    name: 'the pure step of maitred',
    prepare() {
      states = Array.from({ length: CONVERSATIONS }, begin)
    },
    run() {
      eachExchange(told, (facts) => {
        states = states.map((begun) => {
          let state = begun
          for (const fact of facts) state = step(state, { ...fact }).at(-1)?.after ?? state
          return state
        })
      })
    },
  }
}

function pureTalk(told: Talk): Side {
  const chart = toChart()
  const begin = () => {
    let [snapshot] = initialTransition(chart, told.opening)
    for (const fact of told.facts.slice(0, told.from)) [snapshot] = transition(chart, snapshot, fact)
    return snapshot
  }
  let snapshots: ReturnType<typeof begin>[] = []
  return {
    name: "XState's `transition()`",
    prepare() {
      snapshots = Array.from({ length: CONVERSATIONS }, begin)
    },
    run() {
      eachExchange(told, (facts) => {
        snapshots = snapshots.map((begun) => {
          let snapshot = begun
          for (const fact of facts) [snapshot] = transition(chart, snapshot, { ...fact })
          return snapshot
        })
      })
    },
  }
}

/** The facts of the talk, one exchange at a time. */
function eachExchange({ facts, from }: Talk, tell: (exchange: Facts['facts']) => void): void {
  for (let exchange = 0; exchange < EXCHANGES; exchange += 1) {
    const begin = from + exchange * TURNS
    tell(facts.slice(begin, begin + TURNS))
  }
}

async function recordStory(): Promise<Facts> {
  const house = await openHouse(0)
  const { id } = await tell(house)
  const told = await readFacts(house.store, id)
  await house.engine.stop()
  return told
}

/** A whole conversation, from the opening to the rating. */
async function tell(house: House): Promise<Conversation> {
  const desk = house.engine.agent(AGENT)
  const conversation = await house.seat()
  await conversation.say('I have a question about my order')
  await desk.say(conversation.id, 'let me see')
  await desk.hold(conversation.id)
  await desk.say(conversation.id, 'here it is: it will come tomorrow')
  await conversation.say('thank you')
  await desk.close(conversation.id)
  await conversation.say('yes')
  await conversation.rate(5)
  return conversation
}

function tellStory(pluginCount: number): Side {
  let house: House | undefined
  return {
    name: `a whole conversation, ${pluginCount} plugins`,
    async prepare() {
      await house?.engine.stop()
      house = await openHouse(pluginCount)
    },
    async run() {
      const opened = house
      if (opened === undefined) return
      for (let count = 0; count < STORIES; count += 1) await tell(opened)
    },
    finish: () => house?.engine.stop(),
  }
}

function sendStory(told: Facts): Side {
  return {
    name: '`actor.send` of the facts of a whole conversation, with the start of its actor',
    run() {
      for (let count = 0; count < STORIES; count += 1) {
        const actor = startActor(told)
        for (const fact of told.facts) actor.send({ ...fact })
      }
    },
  }
}
