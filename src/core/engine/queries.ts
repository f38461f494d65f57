import type { Core } from './core.ts'
import type { AgentView, Engine, Parties } from './engine-api.ts'
import { DEFAULT_CAPACITY } from '../memory/ledger.ts'
import type { AgentRow, ConversationRow, Explanation, TurnRecord } from '../ports.ts'
import { notFound } from '../turn/run-turn.ts'
import type { ConversationView, Json, Message } from '../types.ts'
import { toView } from '../turn/view.ts'

/** A conversation as it is stored now. @throws MaitredError `NOT_FOUND` */
export async function viewById(core: Core, id: string): Promise<ConversationView> {
  const { row } = await core.store().load(id)
  if (row === undefined) throw notFound(id)
  return viewOf(core, row, await core.store().transcript(id, 0))
}

export function viewOf(core: Core, row: ConversationRow, transcript: readonly Message[]): ConversationView {
  const { path, context } = row.snapshot
  return toView({
    id: row.id,
    version: row.version,
    customer: row.customer,
    pages: row.pages,
    previousId: row.previousId,
    state: { path, context },
    transcript,
    place: core.router.place(row.id, core.clock.now()),
  })
}

export async function findViews(
  core: Core,
  filter: Parameters<Engine['conversations']>[0] = {},
): Promise<readonly ConversationView[]> {
  const rows = await core.store().find(filter)
  return Promise.all(rows.map(async (row) => viewOf(core, row, await core.store().transcript(row.id, 0))))
}

/** @throws MaitredError `NOT_FOUND` */
export async function partiesOf(core: Core, id: string): Promise<Parties> {
  const { row } = await core.store().load(id)
  if (row === undefined) throw notFound(id)
  const { guests, holds, formerAgentIds } = row.snapshot.context
  const holderIds = [...new Set([...holds.map(({ agentId }) => agentId), ...guests])]
  return { customerId: row.customer.id, holderIds, formerAgentIds, lastSeq: row.entryCount }
}

export function toAgentView({ agent, presence, units }: AgentRow): AgentView {
  return { agent, presence, load: units, capacity: agent.capacity ?? DEFAULT_CAPACITY }
}

/** Why this agent, why not the others, why it still waits, and which plugin changed what. @throws MaitredError `NOT_FOUND` */
export async function explain(core: Core, id: string, options: { readonly full?: boolean } = {}): Promise<Explanation> {
  const { row } = await core.store().load(id)
  if (row === undefined) throw notFound(id)
  const turns = await core.store().turns(id, 0)
  const hooks = turns.flatMap(({ notes }) => notes.flatMap(toVerdict))
  const routed = core.router.explain(id, core.clock.now(), options)
  const assigned = routed.waitingFor === undefined ? lastAssigned(turns) : undefined
  if (assigned === undefined || (routed.at ?? 0) > assigned.at) return { ...routed, hooks }
  return { ...routed, ...assigned, hooks }
}

/** Who was named by a person; the router has no say in that. */
function lastAssigned(
  turns: readonly TurnRecord[],
): (Pick<Explanation, 'chosen'> & { readonly at: number }) | undefined {
  for (const { at, notes } of turns.toReversed()) {
    for (const note of notes) {
      const { assigned, by, force } = note as { readonly [key: string]: unknown } // as the turn noted it
      if (typeof assigned !== 'string') continue
      const how = force === true ? ', over the limit if need be' : ''
      const because = assigned === by ? `has taken it over${how}` : `was named by ${String(by)}${how}`
      return { chosen: { agentId: assigned, because }, at }
    }
  }
  return undefined
}

function toVerdict(decision: Json): Explanation['hooks'] {
  const { changed, veto, redirect, to, by, reason } = decision as { readonly [key: string]: unknown } // as the turn noted it
  if (typeof by !== 'string') return []
  if (typeof changed === 'string') return [{ plugin: by, hook: changed, did: 'changed the value' }]
  if (typeof veto === 'string') return [{ plugin: by, hook: `before:${veto}`, did: `vetoed: ${String(reason)}` }]
  if (typeof redirect === 'string')
    return [{ plugin: by, hook: `before:${redirect}`, did: `redirected to ${String(to)}: ${String(reason)}` }]
  return []
}
