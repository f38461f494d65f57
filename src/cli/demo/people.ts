import type { Agent, Customer } from '../../index.ts'
import type { Auth, Identity } from '../../transports/index.ts'

/** What the shop knows of its visitors: made up, so that a desk has something to show. */
const KNOWN: readonly Omit<Customer, 'id'>[] = [
  { name: 'Robin Vale', attributes: { since: '2021', orders: 7, lastOrder: 'A-1042, rain jacket', tier: 'gold' } },
  { name: 'Jo Marsh', attributes: { since: '2024', orders: 1, lastOrder: 'A-1187, enamel mug' } },
  { name: 'Sam Reed', attributes: { since: '2019', orders: 23, lastOrder: 'A-1201, wool blanket', tier: 'gold' } },
  { name: 'Alex Brook', attributes: { since: '2023', orders: 3, lastOrder: 'A-0998, camping stove' } },
]

/** Who watches the floor. She is never online, so nothing is offered to her; she has seats to take talks over. */
export const SUPERVISOR: Agent = { id: 'sue', name: 'Sue', capacity: 3 }

const COOKIE = /(?:^|;\s*)maitred-demo=([\w-]{8,64})/

/** Anybody who opens the shop is somebody; tabs of one browser are one customer. */
export function visitorIn(cookie: string | null | undefined): string | undefined {
  return COOKIE.exec(cookie ?? '')?.[1]
}

export function toCustomer(visitor: string): Customer {
  const sum = [...visitor].reduce((total, letter) => total + letter.charCodeAt(0), 0)
  return { id: visitor, ...KNOWN[sum % KNOWN.length] }
}

/**
 * Nobody has to log in: the demo serves this machine only. Customers come by a cookie, agents and the supervisor say who they are. A product
 * asks its own session instead.
 */
export const demoAuth: Auth = (request) => {
  const header = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
  const bearer = header ?? new URL(request.url).searchParams.get('token') ?? undefined
  if (bearer !== undefined) return toIdentity(bearer)
  const visitor = visitorIn(request.headers.get('cookie'))
  return visitor === undefined ? undefined : { role: 'customer', customer: toCustomer(visitor) }
}

function toIdentity(bearer: string): Identity | undefined {
  const [, role, id] = /^(customer|agent|supervisor):([\w-]+)$/.exec(bearer) ?? []
  if (id === undefined) return undefined
  if (role === 'customer') return { role, customer: { id, name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}` } }
  return role === 'agent' || role === 'supervisor' ? { role, agentId: id } : undefined
}
