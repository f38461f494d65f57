import { type ConversationView, type Customer, definePlugin, type Message, type Plugin } from 'maitred'
import type { SimulatedAgent, SimulatedCustomer, Simulation } from 'maitred/testing'

/** Two articles that one question finds, and one that stands alone. */
export const articles = [
  { id: 'refund', title: 'Where is my refund?', text: 'It takes five days.', skills: ['billing'] },
  { id: 'late', title: 'My refund is late', text: 'Ask us after a week.', skills: ['disputes'] },
  { id: 'password', title: 'How do I change my password?', text: 'Open the settings.', url: 'https://example.org/pw' },
] as const

export const ana = { id: 'ana', name: 'Ana' } as const
export const ben = { id: 'ben', name: 'Ben' } as const

/** The customer has asked for a person, and this agent has accepted. */
export async function seat(customer: SimulatedCustomer, agent: SimulatedAgent): Promise<void> {
  await customer.says('a person, please')
  await agent.accepts(customer)
  await customer.sees(/has joined/)
}

export function viewOf({ engine }: Simulation, customer: SimulatedCustomer): Promise<ConversationView> {
  return engine.conversation(customer.conversationId).view()
}

/** All that was said to a customer, in order. */
export function heardBy({ messages }: SimulatedCustomer): readonly string[] {
  return messages.filter(({ author }) => author !== 'customer').map(({ text }) => text)
}

/** A plugin that answers questions with words, or with whatever else an answer may be. */
export function answering(answer: (question: string) => AnswerOf, name = 'answers'): Plugin {
  return definePlugin({ name, version: '1.0.0', hooks: { 'bot:answer': (question) => answer(question) } })()
}
type AnswerOf = ReturnType<
  Extract<
    NonNullable<NonNullable<Parameters<typeof definePlugin>[0]['hooks']>['bot:answer']>,
    (...args: never) => unknown
  >
>

/** A promise, and the way to keep it. */
export function promised<Value>(): { readonly promise: Promise<Value>; readonly keep: (value: Value) => void } {
  let keep: (value: Value) => void = () => {}
  const promise = new Promise<Value>((resolve) => (keep = resolve))
  return { promise, keep }
}

/** What needs no time has happened, though somebody may still be waited for. */
export function moment(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export function textsOf(messages: readonly Message[]): readonly string[] {
  return messages.map(({ text }) => text)
}

export const kim: Customer = { id: 'kim', name: 'Kim' }
