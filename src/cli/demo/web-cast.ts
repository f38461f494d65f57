import { connectAgent, connectCustomer } from '../../client/index.ts'
import type { DeskUpdate, Message, Phase, Presence, Receipt } from '../../index.ts'

/** A customer on the other side of the line. Verbs reject unless they were taken. */
export interface WebCustomer {
  /** Of the conversation. */
  readonly id: string
  says(text: string): Promise<void>
  chooses(choiceId: string): Promise<void>
  /** Resolves as soon as the stream has told such a message. */
  sees(text: RegExp): Promise<void>
  isIn(phase: Phase): Promise<void>
  canBeIn(phase: Phase): Promise<boolean>
  leave(): void
}

/** An agent on the other side of the line. */
export interface WebAgent {
  /** Resolves as soon as the stream has told the offer. */
  isOffered(customer: WebCustomer): Promise<void>
  accepts(customer: WebCustomer): Promise<void>
  says(customer: WebCustomer, text: string): Promise<void>
  closes(customer: WebCustomer): Promise<void>
  goes(presence: Presence): Promise<void>
  leave(): void
}

export async function visit(url: string, name: string): Promise<WebCustomer> {
  const heard = createWatch<Message>()
  const link = await connectCustomer({ url, token: `customer:${name.toLowerCase()}`, onMessage: heard.add })
  const canBeIn = async (phase: Phase): Promise<boolean> => (await link.view()).phase === phase
  return {
    id: link.id,
    says: async (text) => taken(await link.say(text)),
    chooses: async (choiceId) => taken(await link.choose(choiceId)),
    sees: (text) => heard.until((message) => message.author !== 'customer' && text.test(message.text)),
    async isIn(phase) {
      if (!(await canBeIn(phase))) throw new Error(`expected ${name} to be in ${phase}`)
    },
    canBeIn,
    leave: link.disconnect,
  }
}

/** However far the day goes on, nobody loses their desk. */
const LEASE = '20d'

export async function sitDown(url: string, id: string): Promise<WebAgent> {
  const desk = await connectAgent({ url, token: `agent:${id}` })
  const told = createWatch<DeskUpdate>()
  const reading = (async () => {
    for await (const update of desk.follow()) told.add(update)
  })()
  reading.catch(() => {}) // whoever waits for something finds out
  return {
    isOffered: ({ id: conversationId }) =>
      told.until((update) => update.type === 'offer' && update.conversation.id === conversationId),
    accepts: async (customer) => taken(await desk.accept(customer.id)),
    says: async (customer, text) => taken(await desk.say(customer.id, text)),
    closes: async (customer) => taken(await desk.close(customer.id)),
    goes: (presence) => desk.setPresence(presence, { lease: LEASE }),
    leave: desk.disconnect,
  }
}

function taken(receipt: Receipt): void {
  if (!receipt.ok) throw new Error(`expected to be taken: ${JSON.stringify(receipt)}`)
}

interface Watch<Told> {
  add(told: Told): void
  until(isIt: (told: Told) => boolean): Promise<void>
}

function createWatch<Told>(): Watch<Told> {
  const all: Told[] = []
  const waiting = new Set<() => void>()
  return {
    add(told) {
      all.push(told)
      for (const check of [...waiting]) check()
    },
    until: (isIt) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!all.some(isIt)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
}
