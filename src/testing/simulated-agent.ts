import type { OutsideOptions } from '../core/engine/engine-api.ts'
import type { Receipt } from '../core/receipts.ts'
import type { TransferTarget } from '../core/transitions.ts'
import type { Duration, Presence } from '../core/types.ts'
import type { Stage } from './stage.ts'
import type { SimulatedCustomer } from './simulated-customer.ts'

/** An agent in a simulation, online from the beginning. */
export interface SimulatedAgent {
  /** Units held: offers, open conversations and wrap-up. */
  readonly load: number
  readonly presence: Presence
  /** With a lease: offline again unless repeated in time. */
  goes(presence: Presence, options?: { readonly lease?: Duration }): Promise<void>
  /** Work outside takes so many units; 0: it is over. */
  worksOutside(units: number, options?: OutsideOptions): Promise<void>
  accepts(customer: SimulatedCustomer): Promise<void>
  declines(customer: SimulatedCustomer): Promise<void>
  says(customer: SimulatedCustomer, text: string): Promise<void>
  transfers(
    customer: SimulatedCustomer,
    to: TransferTarget,
    options?: { readonly note?: string; readonly warm?: boolean },
  ): Promise<void>
  /** As a supervisor: beside the agent, or in their place. */
  joins(customer: SimulatedCustomer, options?: { readonly takeOver?: boolean; readonly force?: boolean }): Promise<void>
  whispers(customer: SimulatedCustomer, text: string): Promise<void>
  closes(customer: SimulatedCustomer): Promise<void>
  isOffered(customer: SimulatedCustomer): Promise<void>
  isNotOffered(customer: SimulatedCustomer): Promise<void>
}

export function createSimulatedAgent(stage: Stage, id: string): SimulatedAgent {
  const desk = stage.engine.agent(id)

  async function act(
    verb: string,
    about: { customer: SimulatedCustomer; action: (conversationId: string) => Promise<Receipt> },
  ): Promise<void> {
    const { customer, action } = about
    const receipt = await stage.act(() => action(customer.conversationId))
    if (receipt === undefined || receipt.ok) return
    const why =
      receipt.status === 'vetoed' ? `vetoed by ${receipt.by}: ${receipt.reason}` : `${receipt.code}: ${receipt.hint}`
    fail(`${verb}: ${why}`, customer)
  }

  function fail(claim: string, customer: SimulatedCustomer): never {
    throw new Error(`${id} ${claim}\n${customer.transcript()}`)
  }

  async function hasOffer(customer: SimulatedCustomer): Promise<boolean> {
    await stage.act(() => Promise.resolve())
    const holds = await stage.store.holdsOf(id)
    return holds.some(({ conversationId, phase }) => phase === 'offered' && conversationId === customer.conversationId)
  }

  return {
    get load() {
      return stage.seatOf(id).load
    },
    get presence() {
      return stage.seatOf(id).presence
    },
    async goes(next, options) {
      await stage.act(() => desk.setPresence(next, options))
    },
    async worksOutside(units, options) {
      const receipt = await stage.act(() => desk.busy(units, options))
      if (receipt?.ok === false) throw new Error(`${id} works outside: ${receipt.code}: ${receipt.hint}`)
    },
    accepts: (customer) => act('accepts', { customer, action: (conversationId) => desk.accept(conversationId) }),
    declines: (customer) => act('declines', { customer, action: (conversationId) => desk.decline(conversationId) }),
    says: (customer, text) =>
      act(`says ${JSON.stringify(text)}`, { customer, action: (conversationId) => desk.say(conversationId, text) }),
    transfers: (customer, to, options) =>
      act('transfers', { customer, action: (conversationId) => desk.transfer(conversationId, to, options) }),
    joins: (customer, options) =>
      act('joins', { customer, action: (conversationId) => desk.join(conversationId, options) }),
    whispers: (customer, text) =>
      act('whispers', { customer, action: (conversationId) => desk.whisper(conversationId, text) }),
    closes: (customer) => act('closes', { customer, action: (conversationId) => desk.close(conversationId) }),
    async isOffered(customer) {
      if (!(await hasOffer(customer))) fail(`is not offered the conversation, which is in ${customer.phase}`, customer)
    },
    async isNotOffered(customer) {
      if (await hasOffer(customer)) fail('is offered the conversation', customer)
    },
  }
}
