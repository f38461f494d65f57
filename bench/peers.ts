import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createEngine, type Engine } from '../src/index.ts'
import { knowledgeBase } from '../src/plugins/index.ts'
import { settled } from './conversations.ts'
import { compare, type Side } from './paired.ts'
import { ARTICLES, miniSearch, QUESTIONS, wordMatch } from './peers/articles.ts'
import { botbuilderBot } from './peers/botbuilder.ts'
import { chatSdkBot } from './peers/chat-sdk.ts'
import { goalOf, ratioOf, type Section, type Told } from './section.ts'

const CONVERSATIONS = 400
/** Hello, a question that an article answers, a person. */
export const MESSAGES = 3
const VERSIONS = { botbuilder: '4.23.3', chat: '4.41.1', '@chat-adapter/state-memory': '4.41.0' } as const

/** The same bot, written three times. */
export interface Bot {
  /** Takes one message of a customer, and resolves once the replies are out. */
  say(conversationId: string, text: string): Promise<void>
  readonly replyCount: () => number
}

/** Messages per CPU second of the same bot in maitred and beside it. */
export const peers: Section = {
  name: 'peers',
  title: 'The same bot elsewhere (CPU time, paired rounds)',
  async run({ rounds }) {
    const folder = await install()
    if (folder === undefined) return nothing('the packages of the others could not be installed; is there a registry?')
    const { botbuilder, chat, memory } = (await import(pathToFileURL(path.join(folder, 'entry.mjs')).href)) as Installed
    const others = [
      toSide('botbuilder, a plain word match', () => botbuilderBot(botbuilder, wordMatch)),
      toSide('botbuilder, MiniSearch', () => botbuilderBot(botbuilder, miniSearch())),
      toSide('Vercel Chat SDK, a plain word match', () => chatSdkBot(chat, { memory, search: wordMatch })),
      toSide('Vercel Chat SDK, MiniSearch', () => chatSdkBot(chat, { memory, search: miniSearch() })),
    ]
    const compared = await compare([maitred(), ...others], { rounds, warmUp: 12, tidy: 'young' })
    const limits = [undefined, 4, 4, 2, 2]
    return {
      base: 'maitred, with its knowledge base; a ratio of 4 says that the same messages cost four times the CPU there. Each is one bot that goes on from round to round, and has learnt its articles before the first',
      rows: compared.map((side, index) => {
        const perSecond = (CONVERSATIONS * MESSAGES * 1e6) / side.roundUs
        const limit = limits[index]
        return {
          what: side.name,
          figure: `${Math.round(perSecond).toLocaleString('en')} messages per CPU second`,
          ratio: ratioOf(side),
          ...(limit === undefined ? {} : { goal: goalOf(side.ratio, '>=', limit) }),
        }
      }),
      notes: [
        `${CONVERSATIONS} conversations a round, each message awaited to its reply: hello, a question answered from ${ARTICLES.length} articles, a person asked for. maitred opens each conversation besides (and greets), searches with its knowledge base, asks whether it helped, \
counts which article helped and what was not answered, keeps a transcript, an event log and timers, and, nobody being online, keeps the customer in the queue as a message; the others keep the stage alone, and search by a plain word match or by MiniSearch \
(titles count double, prefixes, \`fuzzy: 0.2\`). ${Object.entries(VERSIONS)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}.`,
      ],
    }
  },
}

interface Installed {
  readonly botbuilder: Parameters<typeof botbuilderBot>[0]
  readonly chat: Parameters<typeof chatSdkBot>[0]
  readonly memory: Parameters<typeof chatSdkBot>[1]['memory']
}

function nothing(why: string): Told {
  return { base: 'none', rows: [], notes: [`Not measured: ${why}`] }
}

/** Into a folder that stays, so that the next run finds them. */
async function install(): Promise<string | undefined> {
  const folder = path.join(tmpdir(), `maitred-bench-peers-${Object.values(VERSIONS).join('-')}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }))
  writeFileSync(
    path.join(folder, 'entry.mjs'),
    [
      "import * as botbuilder from 'botbuilder'",
      "import * as chat from 'chat'",
      "import * as memory from '@chat-adapter/state-memory'",
      'export { botbuilder, chat, memory }',
    ].join('\n'),
  )
  const options = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  try {
    await promisify(execFile)('npm', options, { cwd: folder, timeout: 300_000 })
    return folder
  } catch {
    return undefined
  }
}

/** What the bot of maitred says in each conversation: its greeting, what it can do, an article, whether it helped, and what happens now. */
const OUR_REPLIES = 5

function maitred(): Side {
  let engine: Engine | undefined
  let round = 0
  let replyCount = 0
  const repliesSoFar = (): number => replyCount
  const replied = async (say: () => Promise<unknown>): Promise<void> => {
    const before = repliesSoFar()
    await say()
    while (repliesSoFar() === before) await settled()
  }
  return {
    name: 'maitred',
    async prepare() {
      round += 1
      if (engine !== undefined) return
      const articles = knowledgeBase({ articles: ARTICLES })
      engine = createEngine({ agents: [{ id: 'ana', name: 'Ana' }], plugins: [articles] })
      engine.on('message.added', ({ message }) => {
        if (message.author === 'bot') replyCount += 1
      })
      await engine.start()
      await engine.plugin(knowledgeBase).ready()
    },
    async run() {
      const open = engine
      if (open === undefined) return
      const before = replyCount
      for (let index = 0; index < CONVERSATIONS; index += 1) {
        const conversation = await open.openConversation({ customer: { id: `customer-${round}-${index}` } })
        await replied(() => conversation.say('hello'))
        await replied(() => conversation.say(QUESTIONS[index % QUESTIONS.length] ?? ''))
        await replied(() => conversation.say('a person, please'))
      }
      refuseOther({ name: 'maitred', expected: CONVERSATIONS * OUR_REPLIES, got: replyCount - before })
    },
    finish: () => engine?.stop(),
  }
}

function refuseOther({
  name,
  expected,
  got,
}: {
  readonly name: string
  readonly expected: number
  readonly got: number
}): void {
  if (got !== expected) throw new Error(`expected ${expected} replies of ${name}, got ${got}`)
}

function toSide(name: string, create: () => Promise<Bot> | Bot): Side {
  let bot: Bot | undefined
  let round = 0
  return {
    name,
    async prepare() {
      bot ??= await create()
      round += 1
    },
    async run() {
      if (bot === undefined) return
      const before = bot.replyCount()
      for (let index = 0; index < CONVERSATIONS; index += 1) {
        const id = `customer-${round}-${index}`
        await bot.say(id, 'hello')
        await bot.say(id, QUESTIONS[index % QUESTIONS.length] ?? '')
        await bot.say(id, 'a person, please')
      }
      refuseOther({ name, expected: CONVERSATIONS * MESSAGES, got: bot.replyCount() - before })
    },
  }
}
