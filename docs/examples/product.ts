import { createEngine } from 'maitred'
import type { Auth } from 'maitred/transports'

export const engine = createEngine({ agents: [{ id: 'ana', name: 'Ana' }] })

/** Your product knows who sends a request: by its own session, here a cookie with the name of somebody. */
export const auth: Auth = (request) => {
  const id = /session=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1]
  if (id === undefined) return undefined
  return id === 'ana' ? { role: 'agent', agentId: id } : { role: 'customer', customer: { id } }
}
