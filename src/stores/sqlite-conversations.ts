import { erasedRow, withoutPlugins, withoutText, withoutWords } from '../core/memory/erasure.ts'
import type { TenantStore, TurnRecord } from '../core/ports.ts'
import type { Message } from '../core/types.ts'
import { type ConversationTexts, createConversationTexts } from './conversation-texts.ts'
import { CONVERSATION, type Found, parse, toConditions, toPrior } from './rows.ts'
import { commitTo, readPrior } from './sqlite-commit.ts'
import type { Db } from './sqlite-db.ts'

const CONVERSATION_OF = `select ${CONVERSATION} from maitred_conversations where tenant = ? and id = ?`

type Conversations = Pick<
  TenantStore,
  'load' | 'turns' | 'transcript' | 'commit' | 'versions' | 'find' | 'erase' | 'forget'
>

/** Rows, transcripts and logs. */
export function createConversations(db: Db, tenant: string): Conversations {
  const texts = createConversationTexts()
  const { rowOf, entriesOf, turnsOf, eraseOne, forgetOne } = createReaders(db, tenant, texts)
  return {
    load: (id, key) =>
      db.read(() => {
        const found = rowOf(id)
        if (found === undefined) return { row: undefined, prior: undefined }
        return { row: texts.read(found), prior: key === undefined ? undefined : readPrior(db, tenant, { id, key }) }
      }),
    turns: (id, fromVersion) => db.read(() => turnsOf(id, fromVersion)),
    transcript: (id, afterSeq) => db.read(() => entriesOf(id, afterSeq)),
    commit: (commit) =>
      db.write(
        () => commitTo({ db, tenant, texts }, commit),
        ({ status }) => status === 'ok',
      ),
    versions: (ids) =>
      db.read(
        () =>
          new Map(
            ids.flatMap((id) => {
              const found = db.one('select version from maitred_conversations where tenant = ? and id = ?', tenant, id)
              return found === undefined ? [] : [[id, found.version as number] as const]
            }),
          ),
      ),
    find: ({ limit = 100, ...filter }) =>
      db.read(() => {
        const params: (string | number)[] = [tenant]
        const conditions = toConditions(filter, (value) => {
          params.push(value)
          return '?'
        })
        const order = filter.newestFirst === true ? 'desc' : 'asc'
        return db
          .all(
            `select ${CONVERSATION} from maitred_conversations where ${['tenant = ?', ...conditions].join(' and ')}
              order by id ${order} limit ?`,
            ...params,
            limit,
          )
          .map(texts.read)
      }),
    erase: (customerId) =>
      db.write(() => {
        const found = db.all(
          'select id from maitred_conversations where tenant = ? and customer_id = ? order by id',
          tenant,
          customerId,
        )
        const conversationIds = found.map(({ id }) => id as string)
        for (const id of conversationIds) eraseOne(id)
        return { conversationIds }
      }),
    forget: (closedBefore, limit) =>
      db.write(() => {
        const found = db.all(
          `select id from maitred_conversations
            where tenant = ? and closed_at < ? and phase = 'closed' and next_due_at is null order by closed_at, id limit ?`,
          tenant,
          closedBefore,
          limit,
        )
        const conversationIds = found.map(({ id }) => id as string)
        for (const id of conversationIds) forgetOne(id)
        return { conversationIds }
      }),
  }
}

/** One conversation at a time, within whatever transaction there is. */
function createReaders(db: Db, tenant: string, texts: ConversationTexts) {
  const rowOf = (id: string): Found | undefined => db.one(CONVERSATION_OF, tenant, id)
  const entriesOf = (id: string, afterSeq: number): readonly Message[] =>
    db
      .all(
        'select body from maitred_entries where tenant = ? and conversation_id = ? and seq > ? order by seq',
        tenant,
        id,
        afterSeq,
      )
      .map(({ body }) => parse<Message>(body, id))
  const turnsOf = (id: string, fromVersion: number): readonly TurnRecord[] =>
    db
      .all(
        'select body from maitred_turns where tenant = ? and conversation_id = ? and version >= ? order by version',
        tenant,
        id,
        fromVersion,
      )
      .map(({ body }) => parse<TurnRecord>(body, id))
  const keysOf = (id: string): readonly Found[] =>
    db.all('select name, body_hash, receipt from maitred_keys where tenant = ? and conversation_id = ?', tenant, id)

  function eraseOne(id: string): void {
    const row = texts.read(rowOf(id) as Found) // it was found in this transaction
    const { customer, pages, snapshot } = texts.write(erasedRow(row))
    db.run(
      `update maitred_conversations set version = version + 1, erased_version = version + 1, customer = ?, pages = ?, snapshot = ?
        where tenant = ? and id = ?`,
      customer,
      pages,
      snapshot,
      tenant,
      id,
    )
    for (const entry of entriesOf(id, 0))
      db.run(
        'update maitred_entries set body = ? where tenant = ? and conversation_id = ? and seq = ?',
        JSON.stringify(withoutWords(entry)),
        tenant,
        id,
        entry.seq,
      )
    for (const turn of turnsOf(id, 0))
      db.run(
        'update maitred_turns set body = ? where tenant = ? and conversation_id = ? and version = ?',
        JSON.stringify(withoutPlugins(turn)),
        tenant,
        id,
        turn.version,
      )
    for (const key of keysOf(id)) {
      const prior = toPrior(key)
      if (prior !== undefined)
        db.run(
          'update maitred_keys set receipt = ? where tenant = ? and conversation_id = ? and name = ?',
          JSON.stringify(withoutText(prior).receipt),
          tenant,
          id,
          key.name as string,
        )
    }
  }

  function forgetOne(id: string): void {
    for (const table of ['entries', 'turns', 'keys', 'queue', 'outbox'])
      db.run(`delete from maitred_${table} where tenant = ? and conversation_id = ?`, tenant, id)
    db.run('delete from maitred_conversations where tenant = ? and id = ?', tenant, id)
  }

  return { rowOf, entriesOf, turnsOf, eraseOne, forgetOne }
}
