import { type Aspect, ASPECTS } from '../../core/hooks/hook-table.ts'
import { type ChartEdge, chartEdges } from '../../core/machine/describe.ts'
import type { Overflow } from '../../core/settings.ts'
import type { TransitionName } from '../../core/transitions.ts'
import { closure } from './chart-rules.ts'
import type { Finding } from './finding.ts'
import type { LaidOut } from './laid-out.ts'
import { isStaffed } from './staff-rules.ts'

/** Hooks that can be written, and that no engine calls yet. */
export const NOT_CALLED: readonly Aspect[] = ['route:score']

/** What decides which edges of the chart a configuration can take. */
interface Means {
  readonly hasAgents: boolean
  readonly answers: boolean
  /** Somebody may send a conversation elsewhere. */
  readonly redirects: boolean
  readonly hasPreChatSteps: boolean
  readonly hasHelpingSteps: boolean
  readonly hasQueueSteps: boolean
  readonly overflowsTo: Overflow
  readonly reopens: boolean
}

/** Hooks at a moment that never comes in this configuration. */
export function checkHooks(laidOut: LaidOut): readonly Finding[] {
  const edges = chartEdges()
  const means = meansOf(laidOut, edges)
  const taken = takenBy(means, edges)
  return laidOut.plugins.flatMap(({ name, definition }) =>
    Object.keys(definition.hooks ?? {}).flatMap((hook) => {
      const why = isAspect(hook) ? whyNotAsked(hook, means, taken) : whyNotTaken(hook, means, { edges, taken })
      return why === undefined
        ? []
        : [{ rule: 'deadHook' as const, path: `plugins.${name}.hooks['${hook}']`, hint: why }]
    }),
  )
}

interface Taken {
  readonly places: ReadonlySet<string>
  readonly transitions: ReadonlySet<TransitionName>
}

/** What can happen at all: the places that can be reached from the beginning, and the named edges between them. */
function takenBy(means: Means, edges: readonly ChartEdge[]): Taken {
  const possible = edges.filter((edge) => canHappen(edge, means))
  const places = closure(['greeting.new'], (place) => possible.filter(({ from }) => from === place).map(({ to }) => to))
  const transitions = possible.flatMap(({ from, transition = undefined }) =>
    transition !== undefined && places.has(from) ? [transition] : [],
  )
  return { places, transitions: new Set(transitions) }
}

function canHappen({ on, guard }: ChartEdge, means: Means): boolean {
  switch (on) {
    case 'conversation.opened':
      return guard !== 'hasSteps' || means.hasPreChatSteps
    case 'answer.found':
    case 'answer.given':
      return means.answers
    case 'answer.asked':
      return means.answers && means.hasHelpingSteps
    case 'requirements.settled': // without anybody to wait for, nobody waits
      return guard === 'isClosedFor' || (means.hasAgents && (guard !== 'hasSteps' || means.hasQueueSteps))
    case 'offer.made':
    case 'customer.warned':
      return means.hasAgents
    case 'queue.overflowed':
      if (guard === 'overflowsToClose') return means.overflowsTo === 'close'
      return guard !== 'overflowsToAsync' || means.overflowsTo !== 'close'
    case 'conversation.redirected':
      return means.redirects
    case 'conversation.reopened':
      return means.reopens
    default:
      return true
  }
}

function meansOf({ options, hooks, steps, settings }: LaidOut, edges: readonly ChartEdge[]): Means {
  const hasSteps = (slot: 'preChat' | 'helping' | 'beforeQueue') => (steps.get(slot)?.size ?? 0) > 0
  const means: Means = {
    hasAgents: isStaffed(options),
    answers: (hooks.aspects.get('bot:answer')?.length ?? 0) > 0,
    redirects: false,
    hasPreChatSteps: hasSteps('preChat'),
    hasHelpingSteps: hasSteps('helping'),
    hasQueueSteps: hasSteps('beforeQueue'),
    overflowsTo: settings.overflowTo,
    reopens: settings.reopenMs > 0,
  }
  const { transitions } = takenBy(means, edges)
  // Any hook that runs before something may redirect; whether it does is its own business.
  return { ...means, redirects: [...hooks.before.keys()].some((name) => transitions.has(name)) }
}

function isAspect(hook: string): hook is Aspect {
  return Object.hasOwn(ASPECTS, hook)
}

function whyNotAsked(hook: Aspect, means: Means, { places }: Taken): string | undefined {
  if (NOT_CALLED.includes(hook)) return `Nothing calls \`${hook}\` yet. Leave it out until it does.`
  if (hook === 'knowledge:rank' && !means.answers)
    return 'There are no suggestions to rank. Add a plugin with `bot:answer`, such as `knowledgeBase(...)`.'
  if (hook === 'closing:steps' && !places.has('closing.begin'))
    return `No conversation is ever closed with steps here. Add ${AGENTS}, or a plugin with \`bot:answer\`.`
  return undefined
}

const AGENTS = 'somebody to `agents`'

/** What may be lacking, each with what to do about it. */
const REMEDIES: readonly (readonly [lacks: Partial<Means>, remedy: string])[] = [
  [{ hasAgents: true }, `Add ${AGENTS}`],
  [{ answers: true }, 'Add a plugin with `bot:answer`, such as `knowledgeBase(...)`'],
  [{ hasPreChatSteps: true }, 'Add a step to the slot `preChat`'],
  [{ hasHelpingSteps: true }, 'Add a step to the slot `helping`'],
  [{ hasQueueSteps: true }, 'Add a step to the slot `beforeQueue`'],
  [{ reopens: true }, 'Write a `reopenWithin` above 0'],
]

function whyNotTaken(
  hook: string,
  means: Means,
  { edges, taken }: { readonly edges: readonly ChartEdge[]; readonly taken: Taken },
): string | undefined {
  const name = hook.slice(hook.indexOf(':') + 1) as TransitionName // hooks that are not aspects end in one, or in `*`
  if (hook.endsWith(':*') || taken.transitions.has(name)) return undefined
  const remedies = REMEDIES.filter(([lacking]) => takenBy({ ...means, ...lacking }, edges).transitions.has(name)).map(
    ([, remedy]) => remedy,
  )
  return `Nothing in this configuration leads to \`${name}\`. ${remedies.join(', or: ') || 'Leave the hook out'}.`
}
