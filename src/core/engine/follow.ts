import type { Core, Signal } from './core.ts'
import type { DeskUpdate, Update } from './engine-api.ts'
import { offerTo, ownerAgentId } from '../machine/holds.ts'
import { notFound } from '../turn/run-turn.ts'
import { DEFAULT_CAPACITY } from '../memory/ledger.ts'
import type { AgentRow, ConversationRow, HoldRow } from '../ports.ts'
import { viewOf } from './queries.ts'
import type { ReadUpTo } from './read-marks.ts'
import { unknownAgent } from './roster.ts'

// Following is reading: the transcript is the truth, a wake-up only says that it may have grown. Nothing is missed, nothing comes twice.

/** A customer's view of a conversation: messages from a `seq` on, then whatever changes. A colleague sees what is internal, too. */
export async function* followConversation(
  core: Core,
  id: string,
  {
    after = 0,
    signal,
    asColleague = false,
  }: { readonly after?: number; readonly signal?: AbortSignal; readonly asColleague?: boolean } = {},
): AsyncGenerator<Update, void, undefined> {
  const inbox = openInbox(core, [id], signal)
  let seq = after
  let revision = 0
  let read = UNREAD
  try {
    while (!inbox.hasEnded) {
      const messages = await core.store().transcript(id, seq)
      seq = messages.at(-1)?.seq ?? seq
      yield* messages
        .filter(({ internal }) => asColleague || internal !== true)
        .map((message) => ({ type: 'message', conversationId: id, message }) as const)
      const { row } = await core.store().load(id)
      if (row === undefined) throw notFound(id)
      if (row.version > revision) {
        revision = row.version
        yield { type: 'conversation', conversation: viewOf(core, row, []) }
      }
      yield* newlyRead(core, id, read).filter(({ author }) => asColleague || author === 'agent')
      read = core.readMarks.of(id)
      yield* inbox
        .signals()
        .filter((sent) => (asColleague || sent.author !== 'customer') && isCurrent(sent, row))
        .map(toUpdate)
      await inbox.next()
    }
  } finally {
    inbox.close()
  }
}

const UNREAD: ReadUpTo = { customer: 0, agent: 0 }

/** What was read since then. */
function newlyRead(core: Core, conversationId: string, before: ReadUpTo): readonly Extract<Update, { type: 'read' }>[] {
  const now = core.readMarks.of(conversationId)
  return SIDES.filter((side) => now[side] > before[side]).map((author) => ({
    type: 'read',
    conversationId,
    author,
    seq: now[author],
  }))
}

const SIDES = ['customer', 'agent'] as const

/** Is whoever sent it still the one who speaks? */
function isCurrent(sent: Signal, { snapshot }: ConversationRow): boolean {
  const { context } = snapshot
  if (sent.author === 'agent') return ownerAgentId(context) === sent.agentId || context.guests.includes(sent.agentId)
  return sent.author === 'customer' || context.pending.some(({ effectId }) => effectId === sent.effectId)
}

function isFromCustomer({ author }: Signal): boolean {
  return author === 'customer'
}

function toUpdate(sent: Signal): Extract<Update, { type: 'typing' | 'partial' }> {
  const { conversationId } = sent
  if (sent.type === 'partial') return { type: 'partial', conversationId, author: 'bot', text: sent.text }
  return { type: 'typing', conversationId, author: sent.author }
}

/** An agent's desk: its state, offers, and all that happens in the conversations they hold. */
export async function* followDesk(
  core: Core,
  agentId: string,
  { after = {}, signal }: { readonly after?: Readonly<Record<string, number>>; readonly signal?: AbortSignal } = {},
): AsyncGenerator<DeskUpdate, void, undefined> {
  const inbox = openInbox(core, [`agent:${agentId}`], signal)
  const followed = new Map<string, Followed>()
  let told = ''
  let changed: ReadonlySet<string> | undefined // all of them at first
  try {
    while (!inbox.hasEnded) {
      const row = await core.store().agent(agentId)
      if (row === undefined) throw unknownAgent(agentId)
      const holds = await core.store().holdsOf(agentId)
      const desk = deskOf(row, holds)
      if (JSON.stringify(desk) !== told) yield desk
      told = JSON.stringify(desk)
      const held = new Set(holds.map(({ conversationId }) => conversationId))
      const isNews = (id: string): boolean => changed?.has(id) !== false || held.has(id) !== followed.has(id)
      for (const id of [...new Set([...held, ...followed.keys()])].filter(isNews))
        yield* updatesOf(core, { agentId, id, known: begin(id) })
      for (const id of [...followed.keys()].filter((known) => !held.has(known))) leave(id)
      yield* inbox.signals().filter(isFromCustomer).map(toUpdate)
      changed = await inbox.next()
    }
  } finally {
    inbox.close()
  }

  function begin(id: string): Followed {
    const known = followed.get(id)
    if (known !== undefined) return known
    const fresh: Followed = {
      seq: Object.hasOwn(after, id) ? (after[id] ?? 0) : 0,
      revision: 0,
      offered: false,
      read: UNREAD,
    }
    followed.set(id, fresh)
    inbox.add(id)
    return fresh
  }

  function leave(id: string): void {
    followed.delete(id)
    inbox.remove(id)
  }
}

function deskOf({ presence, units, agent }: AgentRow, holds: readonly HoldRow[]): DeskUpdate & { type: 'desk' } {
  return {
    type: 'desk',
    presence,
    load: units,
    capacity: agent.capacity ?? DEFAULT_CAPACITY,
    holds: holds.map(({ conversationId, phase }) => ({ conversationId, phase })),
  }
}

/** How much of a conversation a desk has been told. */
interface Followed {
  seq: number
  revision: number
  offered: boolean
  read: ReadUpTo
}

async function* updatesOf(
  core: Core,
  {
    agentId,
    id,
    known,
  }: {
    readonly agentId: string
    readonly id: string
    readonly known: Followed
  },
): AsyncGenerator<DeskUpdate, void, undefined> {
  const { row } = await core.store().load(id)
  if (row === undefined) return
  const { context } = row.snapshot
  const offer = offerTo(context, agentId)
  const isOffered = offer !== undefined
  if (known.offered && !isOffered) yield { type: 'offerGone', conversationId: id }
  if (isOffered && !known.offered)
    yield {
      type: 'offer',
      conversation: viewOf(core, row, await core.store().transcript(id, 0)),
      expiresAt: offer.endsAt ?? 0,
    }
  known.offered = isOffered
  if (known.seq > row.entryCount) known.seq = 0 // whoever was told more than there is, is told anew
  if (ownerAgentId(context) !== agentId && known.seq === 0) return
  const messages = known.seq < row.entryCount ? await core.store().transcript(id, known.seq) : []
  for (const message of messages) {
    known.seq = message.seq
    yield { type: 'message', conversationId: id, message }
  }
  yield* newlyRead(core, id, known.read).filter(({ author }) => author === 'customer')
  known.read = core.readMarks.of(id)
  if (row.version === known.revision) return
  known.revision = row.version
  yield { type: 'conversation', conversation: viewOf(core, row, []) }
}

function isReplacedBy(earlier: Signal, newer: Signal): boolean {
  const { type, author, conversationId } = newer
  return earlier.type === type && earlier.author === author && earlier.conversationId === conversationId
}

interface Inbox {
  readonly hasEnded: boolean
  add(topic: string): void
  remove(topic: string): void
  signals(): readonly Signal[]
  /** Resolves as soon as something may have happened since the last time: to what it may have happened to, signals aside. */
  next(): Promise<ReadonlySet<string>>
  close(): void
}

function openInbox(core: Core, topics: readonly string[], signal: AbortSignal | undefined): Inbox {
  const closers = new Map<string, () => void>()
  let waiting: Signal[] = []
  let changed = new Set<string>()
  let isWoken = false
  let wake = (): void => {}
  const ring = (): void => {
    isWoken = true
    wake()
  }
  const add = (topic: string): void => {
    const close = core.signals.subscribe(topic, (sent) => {
      // The newest of a kind says it all, and a reader who is slow gathers no heap.
      if (sent !== undefined) waiting = [...waiting.filter((earlier) => !isReplacedBy(earlier, sent)), sent]
      else changed.add(topic)
      ring()
    })
    closers.set(topic, close)
  }
  for (const topic of topics) add(topic)
  signal?.addEventListener('abort', ring)
  return {
    get hasEnded() {
      return core.signals.hasEnded || signal?.aborted === true
    },
    add,
    remove(topic) {
      closers.get(topic)?.()
      closers.delete(topic)
    },
    signals() {
      const sent = waiting
      waiting = []
      return sent
    },
    async next() {
      if (!isWoken) await new Promise<void>((resolve) => (wake = resolve))
      isWoken = false
      const since = changed
      changed = new Set()
      return since
    },
    close() {
      signal?.removeEventListener('abort', ring)
      for (const close of closers.values()) close()
    },
  }
}
