import type { Conversation, Update } from '../core/engine/engine-api.ts'
import type { Receipt } from '../core/receipts.ts'
import type { Attachment, ConversationView, Json, Message } from '../core/types.ts'
import { type Link, openLine } from './link.ts'

export interface CustomerLink extends Link {
  /** Where the customer is. */
  readonly page?: string
  readonly moment?: string
  /** Every message, in order, once; from the first one on. */
  readonly onMessage?: (message: Message) => void
  /** Everything: messages, the state of the conversation, typing, an answer in the making. */
  readonly onUpdate?: (update: Update) => void
}

export interface SayOptions {
  readonly attachments?: readonly Attachment[]
  readonly metadata?: Readonly<Record<string, Json>>
}

/** The customer's side of a conversation, from afar. What is said while the line is down is sent when it is there again. */
export interface RemoteConversation extends Omit<Conversation, 'say' | 'identify' | 'read'> {
  /** Look at the receipt: words that were refused (`ok: false`, perhaps with `retryAfterMs`) are not sent again by themselves. */
  say(text: string, options?: SayOptions): Promise<Receipt>
  /** The customer has read up to the message with this `seq`. Worth nothing later: tried once. */
  read(seq: number): void
  /** The visitor turned out to be a known customer; the token proves it. Connect anew with it afterwards. */
  identify(token: string): Promise<Receipt>
  /** The customer's conversations, newest first. */
  earlier(): Promise<readonly ConversationView[]>
  disconnect(): void
}

/**
 * Opens a conversation, or finds the one that is open.
 * @example const kim = await connectCustomer({ url: '/chat', onMessage: (message) => show(message) })
 */
export async function connectCustomer(link: CustomerLink): Promise<RemoteConversation> {
  const line = openLine(link)
  const { page, moment, onMessage, onUpdate } = link
  const { id } = await line.insist<ConversationView>('/conversations', { page, moment })
  const at = `/conversations/${encodeURIComponent(id)}`
  const command = (verb: string, body?: object): Promise<Receipt> => line.send(`${at}/${verb}`, body, at)
  let clientSeq = 0

  async function* follow({
    after = 0,
    signal,
  }: Parameters<Conversation['follow']>[0] = {}): AsyncGenerator<Update, void, undefined> {
    let seq = after
    for await (const { data } of line.events(`${at}/events`, after > 0 ? String(after) : '', signal)) {
      const update = data as Update // the server's word
      if (update.type === 'message' && update.message.seq <= seq) continue
      if (update.type === 'message') seq = update.message.seq
      yield update
    }
  }

  async function listen(): Promise<void> {
    try {
      for await (const update of follow()) {
        line.tell(onUpdate, update)
        if (update.type === 'message') line.tell(onMessage, update.message)
      }
    } catch (error) {
      line.tell(link.onStatus, 'offline')
      line.report(error)
    }
  }

  if (onMessage !== undefined || onUpdate !== undefined) void listen()
  return {
    id,
    follow,
    view: () => line.get(at),
    earlier: async () =>
      (await line.get<{ conversations: readonly ConversationView[] }>('/conversations')).conversations,
    say: (text, { attachments, metadata } = {}) =>
      command('say', { text, attachments, metadata: { ...metadata, clientSeq: (clientSeq += 1) } }),
    choose: (choiceId) => command('choose', { choiceId }),
    requestAgent: (options) => command('requestAgent', { skills: options?.skills }),
    leave: () => command('leave'),
    identify: (token) => command('identify', { token }),
    rate: (score, options) => command('rate', { score, comment: options?.comment }),
    present: ({ lease }) => line.insist(`${at}/present`, { lease }, `${at} presence`),
    read: (seq) => line.hint(`${at}/read`, { seq }),
    typing: () => line.hint(`${at}/typing`),
    moveTo: (to) => line.hint(`${at}/moveTo`, { page: to }),
    disconnect: line.disconnect,
  }
}
