import type { Receipt } from '../core/receipts.ts'
import type { Customer, Duration, Message, Phase } from '../core/types.ts'
import { phaseOf } from '../core/turn/view.ts'
import type { Stage } from './stage.ts'

/** A customer in a simulation: verbs do and claim, data is compared by the runner's own `expect`. */
export interface SimulatedCustomer {
  readonly conversationId: string
  readonly phase: Phase
  /** What the customer can see, their own words included. */
  readonly messages: readonly Message[]
  says(text: string): Promise<void>
  /** By the id or the label of a choice. */
  chooses(choice: string): Promise<void>
  leaves(): Promise<void>
  /** Their connection is there, for as long as the lease; 45 s unless said. */
  connects(lease?: Duration): Promise<void>
  /** Their connection is lost, without a word. */
  disconnects(): Promise<void>
  /** Opens the chat again. */
  returns(): Promise<void>
  /** Claims that a text is among what is new since the last look. */
  sees(text: string | RegExp): Promise<Message>
  /** Claims that nothing is new since the last look. */
  seesNothingNew(): Promise<void>
  isIn(phase: Phase): Promise<void>
  transcript(): string
}

export function createSimulatedCustomer(stage: Stage, customer: Customer): SimulatedCustomer {
  const { engine } = stage
  let conversationId: string | undefined
  let opening: Promise<string> | undefined
  let lookedUpTo = 0
  let messages: readonly Message[] = []
  let phase: Phase = 'greeting'

  function open(): Promise<string> {
    opening ??= engine.openConversation({ customer }).then(({ id }) => {
      if (id !== conversationId) lookedUpTo = 0 // another conversation, counted from the beginning
      return (conversationId = id)
    })
    return opening
  }

  async function refresh(): Promise<void> {
    if (conversationId === undefined) return
    const { row } = await stage.store.load(conversationId)
    phase = row === undefined ? phase : phaseOf(row.snapshot.path)
    messages = (await stage.store.transcript(conversationId, 0)).filter(({ internal }) => internal !== true)
  }

  stage.onSettled(refresh)

  async function act(verb: string, action: (id: string) => Promise<Receipt>): Promise<void> {
    const receipt = await stage
      .act(async () => action(await open()))
      .catch((error: unknown) => fail(`${verb}: ${String(error)}`, error))
    if (receipt !== undefined && !receipt.ok) fail(`${verb}: ${reasonOf(receipt)}`)
  }

  async function present(lease: Duration): Promise<void> {
    await stage.act(async () => engine.conversation(await open()).present({ lease }))
  }

  async function look(): Promise<readonly Message[]> {
    await stage.act(() => open())
    return messages.filter(({ seq, author }) => seq > lookedUpTo && author !== 'customer')
  }

  function transcript(): string {
    return messages.map((message) => `${nameOf(message)}: ${message.text}`).join('\n')
  }

  function nameOf({ author, agentId }: Message): string {
    return author === 'customer' ? (customer.name ?? customer.id) : (agentId ?? author)
  }

  function fail(claim: string, cause?: unknown): never {
    const lines = transcript()
    throw new Error(
      `${customer.id} ${claim}\n${lines === '' ? '(nothing has been said)' : lines}`,
      cause === undefined ? undefined : { cause },
    )
  }

  return {
    get conversationId() {
      return conversationId ?? fail('has no conversation yet: let them say something first')
    },
    get phase() {
      return phase
    },
    get messages() {
      return messages
    },
    says: (text) => act(`says ${JSON.stringify(text)}`, (id) => engine.conversation(id).say(text)),
    chooses: (choice) =>
      act(`chooses ${JSON.stringify(choice)}`, async (id) => {
        await refresh()
        return engine.conversation(id).choose(findChoice(messages, choice))
      }),
    leaves: () => act('leaves', (id) => engine.conversation(id).leave()),
    connects: (lease = '45s') => present(lease),
    disconnects: () => present(0),
    async returns() {
      opening = undefined
      await stage.act(() => open())
    },
    async sees(text) {
      const fresh = await look()
      const found = fresh.find(
        (message) => (typeof text === 'string' ? message.text.includes(text) : message.text.search(text) >= 0), // a `g` flag makes no difference
      )
      if (found === undefined) return fail(`does not see ${String(text)} among what is new (${fresh.length} messages)`)
      lookedUpTo = found.seq
      return found
    },
    async seesNothingNew() {
      const fresh = await look()
      if (fresh.length > 0) fail(`sees something new: ${fresh.map((message) => message.text).join(' / ')}`)
    },
    async isIn(expected) {
      await stage.act(() => open())
      if (phase !== expected) fail(`is in ${phase}, not in ${expected}`)
    },
    transcript,
  }
}

/** The id of the choice of that id or label, under the newest message that has choices. */
function findChoice(messages: readonly Message[], choice: string): string {
  const offered = messages.findLast((message) => message.choices !== undefined)?.choices ?? []
  const found = offered.find(({ id, label }) => id === choice || label === choice)
  if (found !== undefined) return found.id
  throw new Error(`offered are ${offered.map(({ id }) => id).join(', ') || 'no choices'}`)
}

function reasonOf(receipt: Exclude<Receipt, { readonly ok: true }>): string {
  return receipt.status === 'vetoed' ? `vetoed by ${receipt.by}: ${receipt.reason}` : `${receipt.code}: ${receipt.hint}`
}
