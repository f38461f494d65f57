import type { Command } from 'commander'
import { assemble, realWorld } from '../assemble.ts'
import { type Agent, type Choice, type Conversation, type Engine, isMaitredError, type Message } from '../index.ts'
import { type ObligingAgents, seatObligingAgents } from './chat/obliging-agents.ts'
import { openScreen, openSilentScreen, type Screen } from './chat/screen.ts'
import { demoConfig } from './demo/config.ts'
import { type Io, isInteractive, printJson } from './io.ts'
import { findConfig, loadConfig } from './load-config.ts'
import { toOffline } from './offline.ts'

export interface ChatFlags {
  readonly config?: string
  readonly json?: true
}

const CUSTOMER = { id: 'you' }
/** A moment, as if somebody were typing; nobody waits for that where lines come from a file. */
const REPLY_AFTER_MS = 1_200

/** `maitred chat`: you are the customer. */
export function addChat(program: Command, io: Io): void {
  program
    .command('chat')
    .description('talk to your configuration: you are the customer, simulated agents answer')
    .option(
      '--config <file>',
      'your configuration, TypeScript or JavaScript; maitred.config.ts of this folder unless said',
    )
    .option('--json', 'print the conversation as one object at the end and nothing else')
    .action((flags: ChatFlags) => chat(flags, io))
}

export async function chat(flags: ChatFlags, io: Io): Promise<void> {
  const configFile = findConfig(flags.config)
  const config = configFile === undefined ? demoConfig : await loadConfig(configFile)
  const agents: readonly Agent[] = config.agents?.length ? config.agents : [{ id: 'sam', name: 'Sam' }]
  const names = new Map(agents.map(({ id, name }) => [id, name ?? id]))
  const nameOf = ({ author, agentId }: Message): string =>
    author === 'customer' ? 'you' : agentId === undefined ? author : (names.get(agentId) ?? agentId)

  await using engine = assemble(
    { ...toOffline(config), agents: agents.map((agent) => ({ ...agent, autoAccept: true })) },
    UNHURRIED_WORLD,
  )
  const screen = flags.json === true ? openSilentScreen(io) : openScreen(io, nameOf)
  const obliging = seatObligingAgents(engine, isInteractive(io) ? REPLY_AFTER_MS : 0)
  try {
    await engine.start()
    for (const { id } of agents) await engine.agent(id).setPresence('online')
    const id = await converse(engine, screen, (conversation) =>
      isInteractive(io) ? NOW : hearOut(conversation, obliging),
    )
    if (flags.json === true) printJson(io.stdout, toJson(await engine.conversation(id).view()))
  } finally {
    obliging.stop()
    screen.close()
  }
}

/** The real one; nobody else needs the thread, so whatever can be done at once is done at once. */
const UNHURRIED_WORLD = { ...realWorld, clock: { ...realWorld.clock, sliceMs: Number.POSITIVE_INFINITY } }
const NOW = Promise.resolve()

/** Until everything that follows from the last line has been said. */
async function hearOut(conversation: Conversation, obliging: ObligingAgents): Promise<void> {
  for (;;) {
    await obliging.idle()
    if ((await conversation.view()).path !== 'helping.searching') return
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** From the greeting until there are no more lines, or `/quit`. Resolves to the id of the conversation. */
async function converse(
  engine: Engine,
  screen: Screen,
  settled: (conversation: Conversation) => Promise<void>,
): Promise<string> {
  let choices: readonly Choice[] = []
  engine.on('message.added', ({ message }) => {
    if (message.internal === true) return
    screen.show(message)
    choices = message.author === 'customer' ? [] : (message.choices ?? choices)
  })
  let isLeaving = false
  engine.on('conversation.closed', ({ outcome }) => {
    choices = []
    screen.note(
      isLeaving ? 'You have left.' : `The conversation is over: ${outcome}. Write again to take it up, or /quit.`,
    )
  })
  screen.note('You are the customer. Type a number to choose, `a person, please` for an agent, /quit to leave.')
  let conversation = await engine.openConversation({ customer: CUSTOMER })
  screen.prompt()
  for await (const line of screen.lines) {
    const text = line.trim()
    if (text === '/quit') break
    if (text !== '') {
      if ((await conversation.view()).phase === 'closed')
        conversation = await engine.openConversation({ customer: CUSTOMER })
      await sayOrChoose(conversation, text, { choices, screen })
      await settled(conversation)
    }
    screen.prompt()
  }
  isLeaving = true
  if ((await conversation.view()).phase !== 'closed') await conversation.leave()
  return conversation.id
}

async function sayOrChoose(
  conversation: Conversation,
  text: string,
  { choices, screen }: { readonly choices: readonly Choice[]; readonly screen: Screen },
): Promise<void> {
  const choice = /^\d+$/.test(text) ? choices[Number(text) - 1] : undefined
  try {
    const receipt = await (choice === undefined ? conversation.say(text) : conversation.choose(choice.id))
    if (receipt.ok) return
    screen.note(receipt.status === 'vetoed' ? `${receipt.by} vetoed it: ${receipt.reason}` : receipt.hint)
  } catch (error) {
    if (!isMaitredError(error)) throw error
    screen.note(error.message)
  }
}

function toJson({ id, phase, outcome, rating, transcript }: Awaited<ReturnType<Conversation['view']>>): object {
  return { conversationId: id, phase, outcome, rating, messages: transcript }
}
