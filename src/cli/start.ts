import type { Command } from 'commander'
import path from 'node:path'
import { type Agent, createEngine, type Message } from '../index.ts'
import { knowledgeBase } from '../plugins/index.ts'
import { memoryStore } from '../stores/index.ts'
import { BadInput, Failed } from './bad-input.ts'
import { makeBusy } from './demo/busy.ts'
import { demoConfig } from './demo/config.ts'
import { type Day, playDay, type Story } from './demo/day.ts'
import { openKeep } from './demo/durable.ts'
import { serveDemo } from './demo/serve.ts'
import { type Io, isInteractive, printJson } from './io.ts'
import { createPaint, type Paint } from './paint.ts'
import { toTimeOfDay, toTranscriptLines } from './transcript.ts'

interface StartFlags {
  readonly json?: true
  readonly serve?: true
  readonly busy?: true
  readonly port?: string
  readonly data?: string
}

const PORT = 4040
const FILE = '.maitred/demo.db'

/** `maitred start`: the demo in a browser where there is somebody to look at it, else a day to read. */
export function addStart(program: Command, io: Io): void {
  program
    .command('start')
    .description(
      'a shop with a chat, an agent desk and the floor, in your browser; without a terminal, play a day over HTTP and print it',
    )
    .option('--serve', 'serve and stay up, without a terminal, too')
    .option('--busy', 'with simulated customers and agents, so that there is something to see at once')
    .option('--port <number>', `where to listen on this machine; ${PORT} unless said, 0 for any`)
    .option('--data <file>', `where conversations are kept; ${FILE} unless said, \`memory\` for nowhere`)
    .option('--json', 'play the day, print one object and nothing else')
    .action((flags: StartFlags) => start(flags, io))
}

async function start(flags: StartFlags, io: Io): Promise<void> {
  const stays = flags.serve === true || flags.busy === true || isInteractive(io)
  if (flags.json !== true && stays) return serve(flags, io)
  const day = await playDay()
  if (flags.json === true) printJson(io.stdout, toJson(day))
  else io.stdout.write(toText(day, createPaint(io.stdout)))
}

async function serve({ busy, port, data = FILE }: StartFlags, io: Io): Promise<void> {
  const at = port === undefined ? PORT : Number(port)
  if (!Number.isInteger(at) || at < 0 || at > 65_535)
    throw new BadInput(`Expected a port of 0 to 65535, got \`${port}\`.`)
  const { store, about } = data === 'memory' ? { store: memoryStore(), about: 'Kept in memory.' } : await openKeep(data)
  await using engine = createEngine({ ...demoConfig, store })
  await engine.start()
  await engine.plugin(knowledgeBase).ready() // the first to ask is answered as well as everybody else
  const filesIn = data === 'memory' ? {} : { filesIn: path.join(path.dirname(data), 'files') }
  const served = await serveDemo(engine, at, filesIn).catch((error: unknown) => {
    throw new Failed(`Port ${at} cannot be listened on: ${String(error)}. Choose another with --port.`)
  })
  const people = busy === true ? await makeBusy(engine) : undefined
  io.stdout.write(
    [
      '',
      `  The shop, with its chat   ${served.url}/`,
      `  The agent desk            ${served.url}/desk`,
      `  The floor                 ${served.url}/floor`,
      '',
      `  ${about} Ctrl+C ends it.`,
      ...(busy === true
        ? ['  Simulated customers come every few seconds.']
        : ['  With --busy there are simulated customers and agents.']),
      '',
      '',
    ].join('\n'),
  )
  await ended(io)
  people?.stop()
  await served.close()
}

/** Until somebody ends it; in a terminal the end of the input says so, too. */
function ended(io: Io): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, over)
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, over)
    if (isInteractive(io)) io.stdin.once('end', over).resume()
  })
}

function toText(day: Day, paint: Paint): string {
  const names = new Map(day.agents.map(({ id, name = id }) => [id, name]))
  const duty = day.agents.map((agent) => `${agent.name ?? agent.id} (${Object.keys(agent.skills ?? {}).join(', ')})`)
  const stories = day.stories.flatMap((story, index) => ['', ...toLines(story, { number: index + 1, names, paint })])
  return [
    paint.bold('A day at the help centre of the demo, over HTTP and event streams, in virtual time'),
    `On duty: ${duty.join(' and ')}, one conversation each.`,
    ...stories,
    '',
    toTotal(day),
    '',
  ].join('\n')
}

function toLines(
  { about, conversation, closedAt }: Story,
  {
    number,
    names,
    paint,
  }: { readonly number: number; readonly names: ReadonlyMap<string, string>; readonly paint: Paint },
): readonly string[] {
  const { customer, openedAt, outcome = 'open', rating, transcript } = conversation
  const name = customer.name ?? customer.id
  const rated = rating === undefined ? '' : `, rated ${rating}`
  const nameOf = ({ author, agentId }: Message): string =>
    author === 'customer' ? name : agentId === undefined ? author : (names.get(agentId) ?? agentId)
  return [
    `${paint.bold(`${number}. ${name}`)}, ${toSpan(openedAt, closedAt)}: ${about}`,
    paint.dim(`   ended ${outcome}${rated}`),
    ...toTranscriptLines(transcript, { paint, nameOf, indent: '   ' }),
  ]
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

function toSpan(fromAt: number, toAt: number): string {
  const [from, to] = [toDay(fromAt), toDay(toAt)]
  return `${from} ${toTimeOfDay(fromAt).slice(0, 5)} - ${from === to ? '' : `${to} `}${toTimeOfDay(toAt).slice(0, 5)}`
}

function toDay(at: number): string {
  return DAYS[new Date(at).getUTCDay()] ?? ''
}

function toTotal({ stories }: Day): string {
  const counts = new Map<string, number>()
  for (const { conversation } of stories) {
    const outcome = conversation.outcome ?? 'open'
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }
  const ratings = stories.flatMap(({ conversation }) => conversation.rating ?? [])
  const average = ratings.reduce((sum, rating) => sum + rating, 0) / Math.max(1, ratings.length)
  const outcomes = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  return `${stories.length} conversations: ${outcomes}. ${ratings.length} ratings, ${average.toFixed(1)} of 5 on average.`
}

function toJson({ startedAt, agents, stories }: Day): object {
  return {
    startedAt,
    agents: agents.map(({ id }: Agent) => id),
    conversations: stories.map(({ about, conversation, closedAt }) => ({ about, closedAt, ...conversation })),
  }
}
