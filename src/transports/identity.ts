import { ID, MAX_ID_LENGTH } from '../core/command-schemas.ts'
import { MaitredError } from '../core/errors.ts'
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

/**
 * What somebody says an identity is, looked at: rights rest on it, and a customer without an id would be everybody. `null` is nobody, as `undefined` is.
 * @throws MaitredError `CONFIG_INVALID`
 */
export function checkIdentity(value: unknown, from: string): Identity | undefined {
  if (value === undefined || value === null) return undefined
  const wrong = faultIn(value)
  if (wrong === undefined) return value as Identity // every field was looked at
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected ${wrong.expected} from ${from} at \`${wrong.path}\`, got ${wrong.path === 'role' && typeof wrong.got === 'string' ? `\`${wrong.got.slice(0, 40)}\`` : describe(wrong.got)}.`,
    hint: "An identity is `{ role: 'customer', customer: { id } }`, `{ role: 'agent', agentId }` or `{ role: 'supervisor', agentId }`; nobody is `undefined`.",
    path: wrong.path,
  })
}

interface Fault {
  readonly path: string
  readonly expected: string
  readonly got: unknown
}

const AN_ID = `an id (a text of 1 to ${MAX_ID_LENGTH} characters)`

function faultIn(value: unknown): Fault | undefined {
  if (typeof value !== 'object' || value === null) return { path: 'identity', expected: 'an object', got: value }
  const { role, agentId, customer } = value as Readonly<Record<string, unknown>>
  if (role === 'customer') return faultInCustomer(customer)
  if (role !== 'agent' && role !== 'supervisor')
    return { path: 'role', expected: "'customer', 'agent' or 'supervisor'", got: role }
  return isId(agentId) ? undefined : { path: 'agentId', expected: AN_ID, got: agentId }
}

function faultInCustomer(value: unknown): Fault | undefined {
  if (typeof value !== 'object' || value === null) return { path: 'customer', expected: 'an object', got: value }
  const { id, attributes, ...others } = value as Readonly<Record<string, unknown>>
  if (!isId(id)) return { path: 'customer.id', expected: AN_ID, got: id }
  for (const name of ['name', 'email', 'language']) {
    const got = others[name]
    if (got !== undefined && typeof got !== 'string') return { path: `customer.${name}`, expected: 'a text', got }
  }
  if (attributes === undefined || (typeof attributes === 'object' && attributes !== null)) return undefined
  return { path: 'customer.attributes', expected: 'an object', got: attributes }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH && ID.test(value)
}

/** Only what kind of thing it is: it may be a secret. */
function describe(got: unknown): string {
  if (typeof got === 'string') return got.length === 0 ? 'an empty text' : `a text of ${got.length} characters`
  if (got === null || got === undefined) return `\`${String(got)}\``
  return Array.isArray(got) ? 'a list' : `\`${typeof got}\``
}
