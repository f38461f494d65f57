import type { Command } from 'commander'
import type { Fact } from '../core/events.ts'
import { nearest } from '../core/nearest.ts'
import type { Explanation, Json } from '../index.ts'
import { BadInput } from './bad-input.ts'
import { type RetoldStep, type RetoldTurn, retell } from './explain/retell.ts'
import { type Io, printJson } from './io.ts'
import { createPaint, type Paint } from './paint.ts'
import { type RecordedConversation, readRecord } from './replay/record.ts'
import { toTimeOfDay } from './transcript.ts'

interface ExplainFlags {
  readonly record: string
  readonly json?: true
}

/** `maitred explain`: why a recorded conversation went as it did. */
export function addExplain(program: Command, io: Io): void {
  program
    .command('explain')
    .description('tell why this agent, why not the others, which plugin changed what, and what happened turn by turn')
    .argument('<conversation>', 'its id, or the id of its customer')
    .requiredOption('--record <file>', 'a file written by `maitred replay --record <file>`')
    .option('--json', 'print one object and nothing else')
    .action((id: string, flags: ExplainFlags) => explain(id, flags, io))
}

function explain(id: string, { record, json }: ExplainFlags, { stdout }: Io): void {
  const recorded = findConversation(readRecord(record), id)
  const { conversationId, explanation } = recorded
  const turns = retell(recorded)
  const customerId = customerOf(recorded)
  if (json === true) printJson(stdout, { conversationId, customerId, ...explanation, turns })
  else stdout.write(`${toText({ conversationId, customerId, explanation, turns }, createPaint(stdout)).join('\n')}\n`)
}

/** The one of that id, or the last one of a customer of that id. @throws BadInput naming the nearest ids */
function findConversation(recorded: readonly RecordedConversation[], id: string): RecordedConversation {
  const found =
    recorded.find(({ conversationId }) => conversationId === id) ??
    recorded.findLast((conversation) => customerOf(conversation) === id)
  if (found !== undefined) return found
  const ids = recorded.map(({ conversationId }) => conversationId)
  const near = nearestOf(id, [...ids, ...recorded.map((conversation) => customerOf(conversation))])
  const hint =
    near.length === 0 ? `There are ${ids.length}, the first is \`${ids[0] ?? ''}\`` : `Nearest are ${near.join(', ')}`
  throw new BadInput(`There is no conversation \`${id}\` in the record. ${hint}.`)
}

const NEAREST = 3

function nearestOf(id: string, ids: readonly string[]): readonly string[] {
  const near: string[] = []
  while (near.length < NEAREST) {
    const next = nearest(
      id,
      ids.filter((known) => !near.includes(known)),
    )
    if (next === undefined) break
    near.push(next)
  }
  return near.map((known) => `\`${known}\``)
}

function customerOf({ turns }: RecordedConversation): string {
  return turns[0]?.opening?.customerId ?? ''
}

interface Told {
  readonly conversationId: string
  readonly customerId: string
  readonly explanation: Explanation
  readonly turns: readonly RetoldTurn[]
}

function toText({ conversationId, customerId, explanation, turns }: Told, paint: Paint): readonly string[] {
  const { chosen, waitingFor, rejected, rules } = explanation
  return [
    `${paint.bold(conversationId)} of ${customerId}`,
    `agent       ${chosen === undefined ? toNobody(waitingFor) : `${chosen.agentId} ${chosen.because}`}`,
    `not others  ${toCounts(rejected)}`,
    ...(rules === undefined
      ? []
      : [`rules       ${rules.agentPolicy} and ${rules.queuePolicy}, version ${rules.version}`]),
    `plugins     ${toChanges(explanation, turns).join(`\n${' '.repeat(12)}`) || 'changed nothing'}`,
    '',
    ...turns.map((turn) => toLine(turn, paint)),
  ]
}

function toNobody(waitingFor: string | undefined): string {
  return waitingFor === undefined ? 'nobody was looked for' : `nobody yet: it waits for ${waitingFor}`
}

const REASONS: { readonly [Reason in keyof Explanation['rejected']]: string } = {
  skill: 'without the skills',
  capacity: 'without a free seat',
  presence: 'not online',
  declined: 'had declined or were ruled out',
  plugin: 'held back by a plugin',
}

function toCounts(rejected: Explanation['rejected']): string {
  const counts = Object.entries(rejected).filter(([, count]) => count > 0)
  return (
    counts.map(([reason, count]) => `${count} ${REASONS[reason as keyof typeof REASONS]}`).join(', ') ||
    'nobody was passed over'
  ) // its own keys
}

function toChanges({ hooks }: Explanation, turns: readonly RetoldTurn[]): readonly string[] {
  const versionsOf = new Map<string, number[]>()
  for (const { version, changedStates } of turns) {
    for (const plugin of changedStates) versionsOf.set(plugin, [...(versionsOf.get(plugin) ?? []), version])
  }
  return [
    ...hooks.map(({ plugin, hook, did }) => `${plugin} in ${hook} ${did}`),
    ...[...versionsOf].map(([plugin, versions]) => `${plugin} changed its state in turn ${versions.join(', ')}`),
  ]
}

function toLine({ version, at, steps, notes, place }: RetoldTurn, paint: Paint): string {
  const happened = [...steps.map(toStep), ...notes.map(toNote)].join(', ') || 'nothing'
  return `${String(version).padStart(4)}  ${paint.dim(toTimeOfDay(at))}  ${happened}  ${paint.dim(`[${place}]`)}`
}

function toStep({ fact, transitions }: RetoldStep): string {
  const about = aboutOf(fact)
  return [
    fact.type,
    ...(about === undefined ? [] : [about]),
    ...(transitions.length === 0 ? [] : ['->', transitions.join(', ')]),
  ].join(' ')
}

/** The word that tells one fact of a type from another. */
function aboutOf(fact: Fact): string | undefined {
  if ('agentId' in fact) return fact.agentId
  if (fact.type === 'message.received') return fact.kind
  if (fact.type === 'customer.fellSilent') return fact.stage
  if (fact.type === 'conversation.redirected' || fact.type === 'queue.overflowed') return `to ${fact.to}`
  return fact.type === 'rating.given' ? String(fact.score) : undefined
}

function toNote(note: Json): string {
  const { veto, redirect, by, dropped } = note as { readonly [key: string]: string | undefined } // as the turn noted it
  if (veto !== undefined) return `${by} vetoed ${veto}`
  if (redirect !== undefined) return `${by} redirected ${redirect}`
  return dropped === undefined ? JSON.stringify(note) : `a plugin dropped ${dropped}`
}
