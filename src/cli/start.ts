import type { Command } from 'commander'
import type { Agent, Message } from '../index.ts'
import { chat } from './chat.ts'
import { type Day, playDay, type Story } from './demo/day.ts'
import { type Io, isInteractive, printJson } from './io.ts'
import { createPaint, type Paint } from './paint.ts'
import { toTimeOfDay, toTranscriptLines } from './transcript.ts'

/** `maitred start`: a conversation where there is somebody to talk to, else a day to read. */
export function addStart(program: Command, io: Io): void {
  program
    .command('start')
    .description('chat in a terminal; without one, play a short day in virtual time and print it')
    .option('--json', 'play the day, print one object and nothing else')
    .action((flags: { readonly json?: true }) => start(flags, io))
}

async function start({ json }: { readonly json?: true }, io: Io): Promise<void> {
  if (json !== true && isInteractive(io)) {
    io.stdout.write('There is a terminal, so this is `maitred chat`. Pipe it somewhere to read a day instead.\n\n')
    return chat({}, io)
  }
  const day = await playDay()
  if (json === true) printJson(io.stdout, toJson(day))
  else io.stdout.write(toText(day, createPaint(io.stdout)))
}

function toText(day: Day, paint: Paint): string {
  const names = new Map(day.agents.map(({ id, name = id }) => [id, name]))
  const duty = day.agents.map((agent) => `${agent.name ?? agent.id} (${Object.keys(agent.skills ?? {}).join(', ')})`)
  const stories = day.stories.flatMap((story, index) => ['', ...toLines(story, { number: index + 1, names, paint })])
  return [
    paint.bold('A day at the help centre of the demo, in virtual time'),
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
