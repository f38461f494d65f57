import type { Customer } from '../core/types.ts'

/** Who asks. A supervisor is an agent who may look at, and act on, the whole floor. */
export type Identity =
  | { readonly role: 'customer'; readonly customer: Customer }
  | { readonly role: 'agent' | 'supervisor'; readonly agentId: string }

/**
 * Says who sends a request, from the product's own session or from a token; `undefined` when nobody is known. It has the address and the
 * headers: the body is read after it, of those who may send one.
 */
export type Auth = (request: Request) => Identity | undefined | Promise<Identity | undefined>

/** What all mounts take: a request in, a response out. */
export type Handler = (request: Request) => Promise<Response>

/** Whose requests are counted together. */
export function nameOf(identity: Identity): string {
  return identity.role === 'customer' ? `customer:${identity.customer.id}` : `agent:${identity.agentId}`
}
