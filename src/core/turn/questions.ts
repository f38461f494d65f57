import type { Fact } from '../events.ts'
import { baseRequirements, isRequirements, undeclaredSkill } from './requirements.ts'
import type { StepRef } from '../snapshot.ts'
import { currentStep, listSteps } from './step-run.ts'
import type { Turn } from './turn.ts'
import type { Requirements } from '../types.ts'
import { waterfall } from './waterfall.ts'

// In a few places the chart cannot go on by itself, because the answer depends on plugins, agents or the hour. It stands still there, and
// the engine tells it the answer as a fact, in the same turn.

/** Is it one of the places where the chart waits for an answer? Asked after every fact, so it must cost nothing. */
export function isAsking({ state }: Turn): boolean {
  return state.path === 'waiting.requested' || state.path === 'closing.begin' || state.context.step !== null
}

/** The answer to what the chart is waiting for, if it is waiting. */
export function* askedByChart(turn: Turn): Generator<PromiseLike<unknown>, Fact | undefined, unknown> {
  if (turn.isBlind) yield* turn.readAhead() // steps look at the conversation
  const { path, context } = turn.state
  if (path === 'waiting.requested') {
    // A customer is still being looked up: who they are may decide what they need.
    if (context.pending.some((effect) => effect.type === 'customer.enrich')) return undefined
    const wanted = yield* settleRequirements(turn)
    const closedForWanted = closedFor(turn, wanted)
    const wayOut = closedForWanted === 'nobodyOnline' ? overflowNeeds(turn, wanted) : undefined
    const isWayOpen = wayOut !== undefined && closedFor(turn, wayOut) === null
    const closed = isWayOpen ? null : closedForWanted
    return {
      type: 'requirements.settled',
      at: turn.now,
      requirements: isWayOpen ? wayOut : wanted,
      closedFor: closed,
      steps: closed === null ? listSteps(turn, 'beforeQueue') : [],
    }
  }
  if (path === 'closing.begin') {
    return { type: 'steps.listed', at: turn.now, slot: 'closing', steps: yield* closingList(turn) }
  }
  if (context.step !== null && path.endsWith('.step')) {
    const step = currentStep(turn) // none: its plugin has been removed
    if (step === undefined || step.id === turn.muteStepId)
      return { type: 'step.skipped', at: turn.now, index: context.step.index }
  }
  return undefined
}

function closedFor(turn: Turn, requirements: Requirements): string | null {
  return turn.services.closedFor(visitOf(turn), requirements, turn.now)
}

/** Where nobody is there who could take it, whoever the overflow names may: nobody has to wait for that to be found out. */
function overflowNeeds({ services }: Turn, needs: Requirements): Requirements | undefined {
  const { overflowTo } = services.settings
  return typeof overflowTo === 'string' ? undefined : { ...needs, skills: overflowTo.skills }
}

/** What the conversation needs, after plugins have been asked. */
export function* settleRequirements(turn: Turn): Generator<PromiseLike<unknown>, Requirements, unknown> {
  return yield* waterfall(turn, 'route:requirements', {
    value: baseRequirements(turn.state.context),
    isValid: isRequirements,
    problemOf: (needs, before) => undeclaredSkill(turn.services.skills, allSkills(needs), allSkills(before)),
  })
}

function allSkills({ skills, preferredSkills = [] }: Requirements): readonly string[] {
  return [...skills, ...preferredSkills]
}

function* closingList(turn: Turn): Generator<PromiseLike<unknown>, readonly StepRef[], unknown> {
  const due = listSteps(turn, 'closing')
  const order = yield* waterfall<readonly string[]>(turn, 'closing:steps', {
    value: due.map(({ id }) => id),
    isValid: isStrings,
  })
  const known = turn.services.steps.get('closing')
  return [...new Set(order)].flatMap((id): readonly StepRef[] => {
    const step = known?.get(id)
    return step === undefined ? [] : [{ id, statement: step.statement }]
  })
}

export function visitOf(turn: Turn) {
  const page = turn.pages[turn.pages.length - 1]?.url
  return { customer: turn.customer, ...(page === undefined ? {} : { page }) }
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
