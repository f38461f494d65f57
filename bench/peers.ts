import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createEngine, definePlugin, type Engine, type Plugin } from '../src/index.ts'
import { knowledgeBase } from '../src/plugins/index.ts'
import { settled } from './conversations.ts'
import { compare, type Compared, type Side } from './paired.ts'
import { ARTICLES, miniSearch, QUESTIONS, reply, type Search, wordMatch } from './peers/articles.ts'
import { botbuilderBot } from './peers/botbuilder.ts'
import { chatSdkBot } from './peers/chat-sdk.ts'
import { goalOf, ratioOf, type Row, type Section, type Told } from './section.ts'

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
    const by = { rounds, warmUp: 12, tidy: 'young' } as const
    const same = await compare(
      [
        maitred('maitred', () => faq(wordMatch)),
        toSide('botbuilder', () => botbuilderBot(botbuilder, wordMatch)),
        toSide('Vercel Chat SDK', () => chatSdkBot(chat, { memory, search: wordMatch })),
      ],
      by,
    )
    const own = await compare(
      [
        maitred('maitred, its knowledge base', () => knowledgeBase({ articles: ARTICLES })),
        toSide('botbuilder, MiniSearch', () => botbuilderBot(botbuilder, miniSearch())),
        toSide('Vercel Chat SDK, MiniSearch', () => chatSdkBot(chat, { memory, search: miniSearch() })),
      ],
      by,
    )
    return {
      base: 'maitred with the same bot, and below it maitred with a search of its own; a ratio of 4 says that the same messages cost four times the CPU there. Each is one bot that goes on from round to round, and has learnt its articles before the first',
      rows: [...toRows(same, 'a plain word match'), ...toRows(own)],
      notes: [
        `${CONVERSATIONS} conversations a round, each message awaited to its reply: hello, a question answered from ${ARTICLES.length} articles, a person asked for. First the same answers by the same function in all three; then each with a search: maitred's knowledge base beside \
MiniSearch (titles count double, prefixes, \`fuzzy: 0.2\`). maitred opens each conversation besides (and greets), keeps a transcript, an event log and timers, and, nobody being online, keeps the customer in the queue as a message; its knowledge base asks whether it helped, \
and counts which article did and what was not answered. The others keep the stage alone. ${Object.entries(VERSIONS)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}.`,
      ],
    }
  },
}

const LIMITS = [undefined, 4, 2]

/** Of maitred, botbuilder and the Chat SDK, in this order. */
function toRows(compared: readonly Compared[], how?: string): readonly Row[] {
  return compared.map((side, index) => {
    const limit = LIMITS[index]
    return {
      what: how === undefined ? side.name : `${side.name}, ${how}`,
      figure: `${Math.round((CONVERSATIONS * MESSAGES * 1e6) / side.roundUs).toLocaleString('en')} messages per CPU second`,
      ratio: ratioOf(side),
      ...(limit === undefined ? {} : { goal: goalOf(side.ratio, '>=', limit) }),
    }
  })
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

/** The bot that the others are: what to say comes from the same function. */
function faq(search: Search) {
  return definePlugin({
    name: 'faq',
    version: '1.0.0',
    hooks: { 'bot:answer': (text) => ({ text: reply({ stage: 'helping', text }, search).text }) },
  })()
}

/** Says at least its greeting, what it can do, an answer, and what happens now. */
const OUR_REPLIES = MESSAGES + 1

function maitred(name: string, toPlugin: () => Plugin): Side {
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
    name,
    async prepare() {
      round += 1
      if (engine !== undefined) return
      const plugin = toPlugin()
      engine = createEngine({ agents: [{ id: 'ana', name: 'Ana' }], plugins: [plugin] })
      engine.on('message.added', ({ message }) => {
        if (message.author === 'bot') replyCount += 1
      })
      await engine.start()
      if (plugin.name === 'knowledge-base') await engine.plugin(knowledgeBase).ready()
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
      refuseLess({ name, expected: CONVERSATIONS * OUR_REPLIES, got: replyCount - before })
    },
    finish: () => engine?.stop(),
  }
}

function refuseLess({
  name,
  expected,
  got,
}: {
  readonly name: string
  readonly expected: number
  readonly got: number
}): void {
  if (got < expected) throw new Error(`expected ${expected} replies of ${name}, got ${got}`)
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
      refuseLess({ name, expected: CONVERSATIONS * MESSAGES, got: bot.replyCount() - before })
    },
  }
}
