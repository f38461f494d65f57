import { createActor, initialTransition } from 'xstate'
import { MaitredError } from '../errors.ts'
import type { Fact } from '../events.ts'
import type { Context } from '../snapshot.ts'
import type { TransitionName } from '../transitions.ts'
import { type ChartInput, chart } from './chart.ts'

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

type MachineSnapshot = ReturnType<typeof chart.resolveState>
interface Edge {
  readonly meta?: { readonly transition?: TransitionName }
}

/**
 * The next states of a conversation that is told a fact: one per edge taken, none if no edge takes the fact. Pure: same state and fact,
 * same answer.
 */
export function step(state: State, fact: Fact): readonly Microstep[] {
  const steps: Microstep[] = []
  let before = state
  taken = (edges, snapshot) => {
    const after = { path: pathOf(snapshot.value), context: snapshot.context.facts }
    steps.push({ transition: edges[0]?.meta?.transition, before, after })
    before = after
  }
  chart.transition(toMachineSnapshot(state), fact, scope)
  return steps
}

/** A conversation before it is opened. */
export function initialState(input: ChartInput): State {
  const [snapshot] = initialTransition(chart, input)
  return { path: pathOf(snapshot.value), context: snapshot.context.facts }
}

/** All the places of the chart: `closed`, and `phase.state` for the others. */
export const PATHS: readonly string[] = Object.values(chart.root.states).flatMap((phase) => {
  const inner = Object.keys(phase.states)
  return inner.length === 0 ? [phase.key] : inner.map((name) => `${phase.key}.${name}`)
})

// One scope serves every step: making one per call, as `transition()` does, costs three to four times the step itself. Its shape is not
// a documented contract of xstate, so a property test holds this file equal to `transition()` for every version.
let taken: (edges: readonly Edge[], snapshot: MachineSnapshot) => void = () => {}
type Scope = Parameters<typeof chart.transition>[2]

const scope: Scope = createScope()

function createScope(): Scope {
  const self = createActor(chart, { input: { id: '', customerId: '', channel: '', skills: [], at: 0 } })
  const system = Object.assign(Object.create(self.system) as Scope['system'], {
    // its prototype's methods
    _sendInspectionEvent: (event: { type: string; _transitions?: readonly Edge[]; snapshot?: MachineSnapshot }) => {
      if (event.type !== '@xstate.microstep' || event.snapshot === undefined) return
      if (event._transitions !== undefined && event._transitions.length > 0) taken(event._transitions, event.snapshot)
    },
  })
  return {
    self,
    system,
    id: '',
    sessionId: '',
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor: () => {},
  }
}

const templates = new Map<string, MachineSnapshot>()

function toMachineSnapshot({ path, context }: State): MachineSnapshot {
  return { ...templateOf(path), context: { facts: context } }
}

function templateOf(path: string): MachineSnapshot {
  const known = templates.get(path)
  if (known !== undefined) return known
  if (!PATHS.includes(path)) {
    throw new MaitredError('SNAPSHOT_INVALID', {
      message: `Expected one of the chart's places, got \`${path}\`.`,
      hint: 'The conversation was stored by a version with another chart: migrate it, or run that version.',
    })
  }
  const [phase = '', inner] = path.split('.')
  const made = chart.resolveState({
    value: inner === undefined ? phase : { [phase]: inner },
    context: { facts: {} as Context },
  }) // replaced on use
  templates.set(path, made)
  return made
}

const names = new Map(
  Object.values(chart.root.states).map((phase) => [
    phase.key,
    new Map(Object.keys(phase.states).map((name) => [name, `${phase.key}.${name}`])),
  ]),
)

function pathOf(value: unknown): string {
  if (typeof value === 'string') return value
  for (const [phase, inner] of Object.entries(value as Record<string, string>)) {
    // two levels, no parallel regions
    return names.get(phase)?.get(inner) ?? `${phase}.${inner}`
  }
  return ''
}
