import { deepFreeze } from '../hooks/installed.ts'
import { ownerAgentId } from '../machine/holds.ts'
import type { State } from '../machine/step.ts'
import type { ConversationRow } from '../ports.ts'
import type { Context } from '../snapshot.ts'
import type { ConversationView, Message, Phase, QueuePlace } from '../types.ts'

/** What a view is made of: a stored row, or the same in the middle of a turn. */
export interface Viewed {
  readonly id: string
  readonly version: number
  readonly customer: ConversationRow['customer']
  readonly pages: ConversationRow['pages']
  readonly previousId: string | null
  readonly state: State
  readonly transcript: readonly Message[]
  readonly place?: QueuePlace | undefined
}

/** The phase is the first word of the path. */
export function phaseOf(path: string): Phase {
  const known = phases.get(path)
  if (known !== undefined) return known
  const end = path.indexOf('.')
  const phase = (end < 0 ? path : path.slice(0, end)) as Phase // every path of the chart begins with a phase
  if (phases.size < MAX_PATHS) phases.set(path, phase)
  return phase
}

/** The phases of paths that were asked for: a chart has few, and it is asked at every turn. */
const phases = new Map<string, Phase>()
const MAX_PATHS = 200

/** The path as people see it: a step goes by its own name, `closing.rating`. */
export function publicPath({ path, context }: State): string {
  const step = path.endsWith('.step') ? context.step?.steps[context.step.index] : undefined
  return step === undefined ? path : `${phaseOf(path)}.${step.id}`
}

/** A conversation as data, frozen. */
export function toView({
  id,
  version,
  customer,
  pages,
  previousId,
  state,
  transcript,
  place,
}: Viewed): ConversationView {
  const { context, path } = state
  const agentId = agentOf(context, path)
  const outcome = context.outcome ?? (context.ending?.outcome === 'deflected' ? 'deflected' : undefined)
  const view: { -readonly [Field in keyof ConversationView]: ConversationView[Field] } = {
    id,
    revision: version,
    phase: phaseOf(path),
    path: publicPath(state),
    customer,
    channel: context.channel,
    openedAt: context.openedAt,
    transcript,
    pages,
  }
  // Set one by one: hooks look all day, and spreading what is mostly nothing costs more than all the rest.
  if (agentId !== undefined) view.agentId = agentId
  if (context.guests.length > 0) view.guests = context.guests
  if (context.requirements !== null) view.requirements = context.requirements
  if (place !== undefined) view.queue = place
  if (outcome !== undefined) view.outcome = outcome
  if (context.reason !== null) view.reason = context.reason
  if (context.rating !== null) view.rating = context.rating
  if (context.disposition !== null) view.disposition = context.disposition
  if (previousId !== null) view.previousId = previousId
  return deepFreeze(view)
}

/** Who answers; once it is being closed, who answered last. */
export function agentOf(context: Context, path: string): string | undefined {
  const owner = ownerAgentId(context)
  if (owner !== undefined) return owner
  return path.startsWith('clos') ? context.formerAgentIds[context.formerAgentIds.length - 1] : undefined
}
