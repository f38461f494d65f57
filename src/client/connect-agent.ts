import type { Advice, AgentDesk, AgentView, CommandOptions, DeskUpdate, Update } from '../core/engine/engine-api.ts'
import type { Explanation } from '../core/ports.ts'
import type { Receipt } from '../core/receipts.ts'
import type { ConversationView, Duration, Presence } from '../core/types.ts'
import { type Link, openLine } from './link.ts'

/** An agent's desk, from afar. What is done while the line is down is sent when it is there again. */
export interface RemoteDesk extends Omit<AgentDesk, 'read'> {
  /** The agent has read up to the message with this `seq`. Worth nothing later: tried once. */
  read(conversationId: string, seq: number): void
  /** Everybody a conversation can be transferred to. */
  colleagues(): Promise<readonly AgentView[]>
  view(conversationId: string): Promise<ConversationView>
  /** The other conversations of the same customer, newest first. */
  history(conversationId: string): Promise<readonly ConversationView[]>
  explain(conversationId: string): Promise<Explanation>
  /** Presence is not renewed any more, and lapses with its lease. */
  disconnect(): void
}

const LEASE_MS = 45_000
/** Timers take no more. */
const LONGEST_MS = 2 ** 31 - 1
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Sits down at the desk of whoever the session or token names.
 * @example for await (const update of ana.follow()) if (update.type === 'offer') await ana.accept(update.conversation.id)
 */
export async function connectAgent(link: Link): Promise<RemoteDesk> {
  const line = openLine(link)
  let renewal: ReturnType<typeof setInterval> | undefined
  link.signal?.addEventListener('abort', () => clearInterval(renewal))
  const { agent } = await line.get<Desk>('/desk')
  const at = (id: string): string => `/desk/conversations/${encodeURIComponent(id)}`
  const command = (id: string, verb: string, options?: object): Promise<Receipt> => {
    const { key: _, ...body } = (options ?? {}) as CommandOptions & object // the line makes its own, and keeps it
    return line.send(`${at(id)}/${verb}`, body, id)
  }

  /** With a lease, so that whoever is cut off is offline soon; the server knows best which presence is to be kept. */
  async function setPresence(presence: Presence, options?: { readonly lease?: Duration }): Promise<void> {
    clearInterval(renewal)
    const lease = options?.lease ?? LEASE_MS
    await line.insist('/desk/presence', { presence, ...(presence === 'offline' ? {} : { lease }) }, 'presence')
    if (presence !== 'offline')
      renewal = setInterval(() => line.hint('/desk/presence', { lease }), Math.min(toMs(lease) / 3, LONGEST_MS))
  }

  const floor = (id: string): string => `/floor/conversations/${encodeURIComponent(id)}`
  const oversee = (id: string, verb: string, options?: object): Promise<Receipt> => {
    const { key: _, ...body } = (options ?? {}) as CommandOptions & object
    return line.send(`${floor(id)}/${verb}`, body, id)
  }

  async function* watch(
    id: string,
    { after = 0, signal }: Parameters<AgentDesk['watch']>[1] = {},
  ): AsyncGenerator<Update, void, undefined> {
    let seq = after
    for await (const { data } of line.events(`${floor(id)}/events`, after > 0 ? String(after) : '', signal)) {
      const update = data as Update // the server's word
      if (update.type === 'message' && update.message.seq <= seq) continue
      if (update.type === 'message') seq = update.message.seq
      yield update
    }
  }

  async function* follow({
    after = {},
    signal,
  }: Parameters<AgentDesk['follow']>[0] = {}): AsyncGenerator<DeskUpdate, void, undefined> {
    const seqs = new Map(Object.entries(after))
    const place = new URLSearchParams([...seqs].map(([id, seq]): [string, string] => [id, String(seq)])).toString()
    for await (const { data } of line.events('/desk/events', place, signal)) {
      const update = data as DeskUpdate // the server's word
      if (update.type === 'message') {
        const { conversationId, message } = update
        if (message.seq <= (seqs.get(conversationId) ?? 0)) continue
        seqs.set(conversationId, message.seq)
      }
      yield update
    }
  }

  return {
    id: agent.agent.id,
    setPresence,
    follow,
    colleagues: async () => (await line.get<Desk>('/desk')).agents,
    view: (id) => line.get(at(id)),
    history: async (id) =>
      (await line.get<{ conversations: readonly ConversationView[] }>(`${at(id)}/history`)).conversations,
    explain: (id) => line.get(`${at(id)}/explain`),
    busy: (units, options) => line.send('/desk/busy', { ...options, units }),
    watch,
    whisper: (id, text, options) => oversee(id, 'whisper', { ...options, text }),
    join: (id, options) => oversee(id, 'join', options),
    leave: (id, options) => oversee(id, 'leave', options),
    accept: (id, options) => command(id, 'accept', options),
    decline: (id, options) => command(id, 'decline', options),
    say: (id, text, options) => command(id, 'say', { ...options, text }),
    note: (id, text, options) => command(id, 'note', { ...options, text }),
    hold: (id, options) => command(id, 'hold', options),
    transfer: (id, to, options) => command(id, 'transfer', { ...options, to }),
    warn: (id, options) => command(id, 'warn', options),
    close: (id, options) => command(id, 'close', options),
    read: (id, seq) => line.hint(`${at(id)}/read`, { seq }),
    typing: (id) => line.hint(`${at(id)}/typing`),
    advise: (id, draft) => line.insist<Advice>(`${at(id)}/advise`, { draft }, `${id} advice`),
    disconnect() {
      clearInterval(renewal)
      line.disconnect()
    },
  }
}

interface Desk {
  readonly agent: AgentView
  readonly agents: readonly AgentView[]
}

function toMs(duration: Duration): number {
  if (typeof duration === 'number') return duration
  const [, amount, unit = ''] = /^([\d.]+)(\w+)$/.exec(duration) ?? []
  return Number(amount) * (UNITS_MS[unit] ?? Number.NaN) || LEASE_MS
}
