import { MaitredError } from '../errors.ts'
import type { Fact } from '../events.ts'
import type { Context } from '../snapshot.ts'
import type { TransitionName } from '../transitions.ts'
import { copyContext, createContext } from './context.ts'
import { type ChartInput, toChart } from './chart.ts'
import { compile, type Edge, type Place } from './compile.ts'
import { NO_CHANGE } from './ownership.ts'

/** Where a conversation stands, and what is known of it. */
export interface State {
  readonly path: string
  readonly context: Context
}

/** One edge taken, with the state on either side. */
export interface Microstep {
  /** The edge's public name; absent where it only records a fact. */
  readonly transition: TransitionName | undefined
  readonly before: State
  readonly after: State
}

// `transition()` of XState makes an actor for each call, and works out anew which states an edge leaves and enters. Both are the same every
// time, so the chart is read once, into a table, when the first conversation needs it: who only imports does not wait for it. Its meaning
// stays XState's: a property test holds `step` equal to `transition()`.
let places: ReadonlyMap<string, Place> | undefined

/** All the places of the chart: `closed`, and `phase.state` for the others. */
export function listPaths(): readonly string[] {
  return [...allPlaces().keys()]
}

function allPlaces(): ReadonlyMap<string, Place> {
  places ??= compile(toChart().root)
  return places
}

const NONE: readonly Microstep[] = []

/**
 * The next states of a conversation that is told a fact: one per edge taken, none if no edge takes the fact. Pure: same state and fact,
 * same answer.
 */
export function step(state: State, fact: Fact): readonly Microstep[] {
  let place = placeOf(state.path)
  const edges = place.edges.get(fact.type)
  const first = edges === undefined ? undefined : pickEdge(edges, state.context, fact)
  if (first === undefined && place.always.length === 0) return NONE
  const steps: Microstep[] = []
  let before = state
  for (let edge = first ?? pickEdge(place.always, state.context, fact); edge !== undefined; ) {
    const after = { path: edge.to.path, context: applyChanges(edge, before.context, fact) }
    steps.push({ transition: edge.transition, before, after })
    before = after
    place = edge.to
    edge = place.always.length === 0 ? undefined : pickEdge(place.always, after.context, fact)
  }
  return steps
}

/** A conversation before it is opened. */
export function initialState(input: ChartInput): State {
  return { path: FIRST, context: createContext(input) }
}

const FIRST = 'greeting.new'

function pickEdge(edges: readonly Edge[], context: Context, event: Fact): Edge | undefined {
  for (const edge of edges) if (edge.guard === undefined || edge.guard({ context, event })) return edge
  return undefined
}

function applyChanges({ changes }: Edge, context: Context, fact: Fact): Context {
  let next: Context | undefined
  for (const change of changes) {
    const changed = change(next ?? context, fact)
    if (changed === NO_CHANGE) continue
    next ??= copyContext(context)
    Object.assign(next, changed)
  }
  return next ?? context
}

function placeOf(path: string): Place {
  const place = allPlaces().get(path)
  if (place !== undefined) return place
  throw new MaitredError('SNAPSHOT_INVALID', {
    message: `Expected one of the chart's places, got \`${path}\`.`,
    hint: 'The conversation was stored by a version with another chart: migrate it, or run that version.',
  })
}
