import { erasedRow, withoutPlugins, withoutText, withoutWords } from '../core/memory/erasure.ts'
import type { Commit, CommitResult, TenantStore, TurnRecord } from '../core/ports.ts'
import type { Message } from '../core/types.ts'
import { type CommitAnswer, toCall, toResult } from './postgres-commit.ts'
import { first, isOvertaken, type Place } from './postgres-sql.ts'
import { type ConversationTexts, createConversationTexts } from './conversation-texts.ts'
import { CONVERSATION, type Found, parse, toConditions, toPrior } from './rows.ts'

/** Tries to erase a conversation in which somebody speaks all the time. */
const ERASE_TRIES = 50

type Conversations = Pick<
  TenantStore,
  'load' | 'turns' | 'transcript' | 'commit' | 'due' | 'nextDueAt' | 'versions' | 'find' | 'erase' | 'forget'
>

/** Rows, transcripts and logs. */
export function createConversations(place: Place): Conversations {
  const { sql, tenant, schema: s } = place
  const texts = createConversationTexts()

  async function commit(asked: Commit): Promise<CommitResult> {
    try {
      const found = await first(sql, `select ${s}.commit_conversation($1::text) as result`, [
        toCall(tenant, asked, texts),
      ])
      return toResult(asked, JSON.parse(found?.result as string) as CommitAnswer) // built by the function
    } catch (error) {
      if (isOvertaken(error)) return { status: 'conflict' }
      throw error
    }
  }

  return {
    turns: (id, fromVersion) => turnsOf(place, id, fromVersion),
    transcript: (id, afterSeq) => entriesOf(place, id, afterSeq),
    async load(id, key) {
      const found =
        key === undefined
          ? await first(sql, `select ${CONVERSATION} from ${s}.conversations where tenant = $1 and id = $2`, [
              tenant,
              id,
            ])
          : await first(
              sql,
              `select ${CONVERSATION}, body_hash, receipt from ${s}.conversations c
                left join ${s}.keys k on k.tenant = c.tenant and k.conversation_id = c.id and k.name = $3
                where c.tenant = $1 and c.id = $2`.replace(CONVERSATION, QUALIFIED),
              [tenant, id, key],
            )
      if (found === undefined) return { row: undefined, prior: undefined }
      return { row: texts.read(found), prior: toPrior(found) }
    },
    commit,
    async due(at, limit) {
      const found = await sql.rows(
        `select id, next_due_at from ${s}.conversations where tenant = $1 and next_due_at <= $2 order by next_due_at, id limit $3`,
        [tenant, at, limit],
      )
      return found.map((row) => ({ id: row.id as string, dueAt: row.next_due_at as number }))
    },
    async nextDueAt() {
      const found = await first(sql, `select min(next_due_at) as at from ${s}.conversations where tenant = $1`, [
        tenant,
      ])
      return (found?.at ?? null) as number | null
    },
    async versions(ids) {
      if (ids.length === 0) return new Map()
      const found = await sql.rows(
        `select id, version from ${s}.conversations where tenant = $1 and id in (select json_array_elements_text($2::json))`,
        [tenant, JSON.stringify(ids)],
      )
      return new Map(found.map(({ id, version }) => [id as string, version as number]))
    },
    async find({ limit = 100, ...filter }) {
      const params: (string | number)[] = [tenant, limit]
      const conditions = toConditions(filter, (value) => `$${params.push(value)}`)
      const where = ['tenant = $1', ...conditions].join(' and ')
      const found = await sql.rows(
        `select ${CONVERSATION} from ${s}.conversations where ${where} order by id ${filter.newestFirst === true ? 'desc' : ''} limit $2`,
        params,
      )
      return found.map(texts.read)
    },
    async erase(customerId) {
      const found = await sql.rows(
        `select id from ${s}.conversations where tenant = $1 and customer_id = $2 order by id`,
        [tenant, customerId],
      )
      const conversationIds = found.map(({ id }) => id as string)
      for (const id of conversationIds) await eraseOne(place, id, texts)
      return { conversationIds }
    },
    async forget(closedBefore, limit) {
      const found = await sql.rows(FORGET(s), [tenant, closedBefore, limit])
      return { conversationIds: found.map(({ id }) => id as string) }
    },
  }
}

async function eraseOne(place: Place, id: string, texts: ConversationTexts): Promise<void> {
  const { sql, tenant, schema: s } = place
  for (let tries = 0; tries < ERASE_TRIES; tries += 1) {
    const found = await first(sql, `select ${CONVERSATION} from ${s}.conversations where tenant = $1 and id = $2`, [
      tenant,
      id,
    ])
    if (found === undefined) return
    const keys = await sql.rows(
      `select name, body_hash, receipt from ${s}.keys where tenant = $1 and conversation_id = $2`,
      [tenant, id],
    )
    const row = texts.read(found)
    const left = texts.write(erasedRow(row))
    const call = {
      tenant,
      id,
      expect: row.version,
      snapshot: left.snapshot,
      customer: left.customer,
      pages: left.pages,
      entries: (await entriesOf(place, id, 0)).map((entry) => ({
        seq: entry.seq,
        body: JSON.stringify(withoutWords(entry)),
      })),
      turns: (await turnsOf(place, id, 0)).map((turn) => ({
        version: turn.version,
        body: JSON.stringify(withoutPlugins(turn)),
      })),
      keys: keys.map((key) => ({ name: key.name, receipt: toErasedReceipt(key) })),
    }
    const done = await first(sql, `select ${s}.erase_conversation($1::text) as done`, [JSON.stringify(call)])
    if (done?.done === true) return
  }
}

async function entriesOf({ sql, tenant, schema: s }: Place, id: string, afterSeq: number): Promise<readonly Message[]> {
  const found = await sql.rows(
    `select body from ${s}.entries where tenant = $1 and conversation_id = $2 and seq > $3 order by seq`,
    [tenant, id, afterSeq],
  )
  return found.map(({ body }) => parse<Message>(body, id))
}

async function turnsOf(
  { sql, tenant, schema: s }: Place,
  id: string,
  fromVersion: number,
): Promise<readonly TurnRecord[]> {
  const found = await sql.rows(
    `select body from ${s}.turns where tenant = $1 and conversation_id = $2 and version >= $3 order by version`,
    [tenant, id, fromVersion],
  )
  return found.map(({ body }) => parse<TurnRecord>(body, id))
}

/** `id` and `version` are columns of keys, too. */
const QUALIFIED = CONVERSATION.split(', ')
  .map((column) => `c.${column}`)
  .join(', ')

const FORGET = (s: string): string => `
  with old as (
    select id from ${s}.conversations
      where tenant = $1 and closed_at < $2 and phase = 'closed' and next_due_at is null
      order by closed_at, id limit $3 for update skip locked
  ),
  entries as (delete from ${s}.entries where tenant = $1 and conversation_id in (select id from old)),
  turns as (delete from ${s}.turns where tenant = $1 and conversation_id in (select id from old)),
  keys as (delete from ${s}.keys where tenant = $1 and conversation_id in (select id from old)),
  queue as (delete from ${s}.queue where tenant = $1 and conversation_id in (select id from old)),
  outbox as (delete from ${s}.outbox where tenant = $1 and conversation_id in (select id from old))
  delete from ${s}.conversations where tenant = $1 and id in (select id from old) returning id`

function toErasedReceipt(key: Found): string {
  const prior = toPrior(key)
  return JSON.stringify(prior === undefined ? null : withoutText(prior).receipt)
}
