import { MaitredError } from '../core/errors.ts'
import type {
  AgentRow,
  ConversationFilter,
  ConversationRow,
  HoldRow,
  OutboxRow,
  QueueRow,
  StoredResult,
} from '../core/ports.ts'
import { agentOf, phaseOf } from '../core/turn/view.ts'

// How rows of the port lie in tables: what is searched for in columns of its own, everything else as JSON text. Text, because it alone keeps
// every character that JSON can hold, in every database.

/** A row as a driver gives it: of these columns, those that were asked for. */
export type Found = { readonly [Name in Column]: unknown }

type Column =
  | 'id'
  | 'version'
  | 'snapshot'
  | 'customer'
  | 'pages'
  | 'entry_count'
  | 'previous_id'
  | 'erased_version'
  | 'next_due_at'
  | 'name'
  | 'body_hash'
  | 'receipt'
  | 'profile'
  | 'capacity'
  | 'presence'
  | 'presence_until'
  | 'units'
  | 'last_assigned_at'
  | 'last_freed_at'
  | 'presence_at'
  | 'outside'
  | 'is_removed'
  | 'agent_id'
  | 'hold_id'
  | 'conversation_id'
  | 'phase'
  | 'seq'
  | 'topic'
  | 'body'
  | 'value'
  | 'holder'
  | 'epoch'
  | 'until'
  | 'at'
  | 'count'
  | 'done'
  | 'result'
  | 'agents'
  | 'places'
  | 'is_whole'
  | 'cursor'

/** The columns of a conversation. `snapshot`, `customer` and `pages` are JSON. */
export interface ConversationColumns {
  readonly customerId: string
  readonly agentId: string | null
  readonly phase: string
  readonly closedAt: number | null
  readonly isPending: boolean
  readonly snapshot: string
  readonly customer: string
  readonly pages: string
  readonly entryCount: number
  readonly previousId: string | null
  readonly erasedVersion: number | null
}

export function toColumns(
  row: Omit<ConversationRow, 'version'>,
  texts: Pick<ConversationColumns, 'snapshot' | 'customer' | 'pages'>,
): ConversationColumns {
  const { snapshot, customer, entryCount, previousId, erasedVersion = null } = row
  const { path, context } = snapshot
  return {
    customerId: customer.id,
    agentId: agentOf(context, path) ?? null,
    phase: phaseOf(path),
    closedAt: context.closedAt,
    isPending: context.pending.length > 0,
    snapshot: texts.snapshot,
    customer: texts.customer,
    pages: texts.pages,
    entryCount,
    previousId,
    erasedVersion,
  }
}

/** The columns that a conversation is read from. */
export const CONVERSATION = 'id, version, snapshot, customer, pages, entry_count, previous_id, erased_version' as const

export function toConversation(
  found: Found,
  { snapshot, customer, pages }: Pick<ConversationRow, 'snapshot' | 'customer' | 'pages'>,
): ConversationRow {
  const erasedVersion = found.erased_version as number | null // by the schema, as all that follow
  return {
    id: String(found.id),
    version: found.version as number,
    snapshot,
    customer,
    pages,
    entryCount: found.entry_count as number,
    previousId: found.previous_id as string | null,
    ...(erasedVersion === null ? {} : { erasedVersion }),
  }
}

/** A kept answer; `undefined` when the join found none. */
export function toPrior({ body_hash: bodyHash, receipt }: Found): StoredResult | undefined {
  return typeof bodyHash === 'string' ? { bodyHash, receipt: parse(receipt, 'a kept answer') } : undefined
}

export const AGENT =
  'id, profile, presence, presence_until, presence_at, units, outside, last_assigned_at, last_freed_at, version' as const

export function toAgent(found: Found): AgentRow {
  const lastFreedAt = found.last_freed_at as number | null // by the schema, as all that follow
  return {
    agent: parse(found.profile, String(found.id)),
    presence: found.presence as AgentRow['presence'],
    presenceUntil: found.presence_until as number | null,
    presenceAt: found.presence_at as number,
    units: found.units as number,
    outside: parse(found.outside, String(found.id)),
    lastAssignedAt: found.last_assigned_at as number,
    ...(lastFreedAt === null ? {} : { lastFreedAt }),
    version: found.version as number,
  }
}

export function toHold(found: Found): HoldRow {
  return {
    holdId: found.hold_id as string, // by the schema, as all that follow
    agentId: found.agent_id as string,
    conversationId: found.conversation_id as string,
    units: found.units as number,
    phase: found.phase as HoldRow['phase'],
  }
}

export function toOutboxRow(found: Found): OutboxRow {
  return {
    id: found.id as string, // by the schema, as all that follow
    topic: found.topic as string,
    conversationId: found.conversation_id as string,
    body: parse(found.body, String(found.id)),
  }
}

export function toQueueRow({ body, conversation_id: id }: Found): QueueRow {
  return parse(body, String(id))
}

/** SQLite knows no booleans. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1
}

/** The text as the value it was; the schema says which. @throws MaitredError `SNAPSHOT_INVALID` */
export function parse<Value>(text: unknown, about: string): Value {
  try {
    return JSON.parse(text as string) as Value // written by `JSON.stringify` of such a value
  } catch (cause) {
    throw new MaitredError('SNAPSHOT_INVALID', {
      message: `Expected JSON in the store at \`${about}\`, got something that cannot be read.`,
      hint: 'Run `maitred verify-store` to see what else is damaged, and restore it from a backup.',
      cause,
    })
  }
}

/** What a filter asks of the columns: conditions in SQL, and what stands for their placeholders. */
export function toConditions(
  filter: ConversationFilter,
  placeholder: (value: string | number) => string,
): readonly string[] {
  const { customerId, agentId, phase, openKey, closedFromAt, closedToAt, pending, after, newestFirst = false } = filter
  const conditions: string[] = []
  const add = (value: string | number | undefined, condition: (place: string) => string): void => {
    if (value !== undefined) conditions.push(condition(placeholder(value)))
  }
  add(customerId, (place) => `customer_id = ${place}`)
  add(agentId, (place) => `agent_id = ${place}`)
  add(phase, (place) => `phase = ${place}`)
  add(openKey, (place) => `open_key = ${place}`)
  add(closedFromAt, (place) => `closed_at >= ${place}`)
  add(closedToAt, (place) => `closed_at < ${place}`)
  add(after, (place) => `id ${newestFirst ? '<' : '>'} ${place}`)
  if (pending === true) conditions.push('is_pending')
  return conditions
}
