import type { Outcome } from '../../index.ts'
import type { Played } from './play.ts'

/** What a played day came to. */
export interface ReplaySummary {
  readonly conversations: number
  readonly closed: number
  readonly byOutcome: { readonly [Name in Outcome]?: number }
  readonly messages: number
  readonly maxLoadPerAgent: number
  readonly longestQueue: number
  readonly capacityViolations: number
  readonly stuck: number
  readonly wallMs: number
}

const OUTCOMES: readonly Outcome[] = ['deflected', 'resolved', 'unresolved', 'abandoned', 'messageLeft', 'blocked']

/** Counts what the store holds after the last due time. */
export function toSummary({ content, ledger, longestQueue, violations }: Played, wallMs: number): ReplaySummary {
  const { conversations } = content
  const closed = conversations.filter(({ snapshot }) => snapshot.path === 'closed')
  const counts = OUTCOMES.map(
    (outcome) => [outcome, closed.filter(({ snapshot }) => snapshot.context.outcome === outcome).length] as const,
  )
  const stuck = new Set([
    ...conversations.filter((row) => !closed.includes(row)).map(({ id }) => id),
    ...violations.filter(({ rule }) => rule === 'stuck').map(({ about }) => about),
  ])
  return {
    conversations: conversations.length,
    closed: closed.length,
    byOutcome: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    messages: conversations.reduce((sum, { entryCount }) => sum + entryCount, 0),
    maxLoadPerAgent: ledger.maxLoad,
    longestQueue,
    capacityViolations: ledger.overCount + violations.filter(({ rule }) => rule === 'capacity').length,
    stuck: stuck.size,
    wallMs,
  }
}

/** What must not be: reasons to end with an error. */
export function toFailures(played: Played, { stuck, capacityViolations }: ReplaySummary): readonly string[] {
  const broken = played.violations.filter(({ rule }) => rule !== 'stuck' && rule !== 'capacity')
  return [
    ...(stuck > 0 ? [`${stuck} conversations are stuck`] : []),
    ...(capacityViolations > 0 ? [`an agent was above capacity ${capacityViolations} times`] : []),
    ...broken.slice(0, SHOWN).map(({ rule, about, found }) => `${rule} of ${about}: ${found}`),
    ...played.faults.slice(0, SHOWN),
  ]
}

const SHOWN = 5

/** The same for people. */
export function toTable(summary: ReplaySummary, { waitsMs }: Played): string {
  const { byOutcome, conversations } = summary
  const share = (count: number): string => `${((100 * count) / Math.max(1, conversations)).toFixed(1)} %`.padStart(8)
  const rows: (readonly [string, string, string?])[] = [
    ['conversations', String(conversations)],
    ['closed', String(summary.closed)],
    ...OUTCOMES.flatMap((outcome) => {
      const count = byOutcome[outcome]
      return count === undefined ? [] : [[`  ${outcome}`, String(count), share(count)] as const]
    }),
    ['messages', String(summary.messages)],
    ['most at one agent', String(summary.maxLoadPerAgent)],
    ['longest queue', String(summary.longestQueue)],
    ['wait until accepted', `half within ${seconds(waitsMs, 0.5)}, nine in ten within ${seconds(waitsMs, 0.9)}`],
    ['above capacity', String(summary.capacityViolations)],
    ['stuck', String(summary.stuck)],
    ['took', `${(summary.wallMs / 1000).toFixed(1)} s`],
  ]
  return rows.map(([name, value, more = '']) => `${name.padEnd(20)}  ${value}${more}\n`).join('')
}

function seconds(waitsMs: readonly number[], share: number): string {
  const sorted = [...waitsMs].sort((one, other) => one - other)
  const wait = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return wait === undefined ? '-' : `${Math.round(wait / 1000)} s`
}
