import { FACT_TRANSITIONS, type TransitionName } from '../transitions.ts'
import { toChart } from './chart.ts'

/** One edge of the chart, as data. */
export interface ChartEdge {
  readonly from: string
  readonly to: string
  /** The fact that takes it; `always` for edges that need none. */
  readonly on: string
  readonly guard: string | undefined
  /** Its public name; absent where it only records a fact. */
  readonly transition: TransitionName | undefined
  /** Whether a hook could veto it, were it not taken by time. */
  readonly isFact: boolean
}

interface Node {
  readonly key: string
  readonly path: readonly string[]
  readonly states: Readonly<Record<string, Node>>
  readonly on: Readonly<Record<string, readonly Transition[]>>
  readonly always?: readonly Transition[] | undefined
  readonly initial?: { readonly target: readonly Node[] } | undefined
}

interface Transition {
  readonly target: readonly Node[] | undefined
  readonly guard?: unknown
  readonly meta?: { readonly transition?: TransitionName }
}

/** Every edge, those of a phase and of the whole chart repeated for each place they lead from. */
export function chartEdges(): readonly ChartEdge[] {
  return places(root()).flatMap((place) => edgesFrom(root(), place))
}

function root(): Node {
  return toChart().root // the parts of it that are read here
}

function places(chartNode: Node): readonly Node[] {
  return Object.values(chartNode.states).flatMap((phase) => {
    const inner = Object.values(phase.states)
    return inner.length === 0 ? [phase] : inner
  })
}

/** The innermost node that knows a fact is asked first; the chart is asked last. */
function edgesFrom(chartNode: Node, place: Node): readonly ChartEdge[] {
  const phase = chartNode.states[place.path[0] ?? '']
  const layers = [...new Set([place, ...(phase === undefined ? [] : [phase]), chartNode])]
  const from = nameOf(place)
  const always = (place.always ?? []).map((transition) => toEdge(from, 'always', transition))
  return [
    ...always,
    ...layers.flatMap((layer) =>
      Object.entries(layer.on).flatMap(([on, transitions]) => transitions.map((each) => toEdge(from, on, each))),
    ),
  ]
}

function toEdge(from: string, on: string, { target, guard, meta }: Transition): ChartEdge {
  const transition = meta?.transition
  const aim = target?.[0]
  return {
    from,
    to: aim === undefined ? from : nameOf(aim),
    on,
    guard: typeof guard === 'string' ? guard : undefined,
    transition,
    isFact: transition !== undefined && FACT_TRANSITIONS.has(transition),
  }
}

/** A phase is entered by its first place. */
function nameOf(node: Node): string {
  const first = Object.keys(node.states).length === 0 ? node : (node.initial?.target[0] ?? node)
  return first.path.join('.')
}

/** Edges that lead from everywhere: drawn once, as a note, so that the way through can be seen. */
const FROM_EVERYWHERE = new Set(['conversation.redirected', 'customer.warned'])

/** The chart as a Mermaid state diagram: every edge that has a public name. */
export function toMermaid(): string {
  const edges = chartEdges().filter(({ transition }) => transition !== undefined)
  const arrows = new Map<string, Set<string>>()
  const notes = new Set<string>()
  for (const { from, to, on, transition } of edges) {
    const label = `${transition}`
    if (FROM_EVERYWHERE.has(on)) notes.add(transition === 'warn' ? label : `${label} (to ${to})`)
    else collect(arrows, `${idOf(from)} --> ${idOf(to)}`, label)
  }
  return [
    'stateDiagram-v2',
    `  [*] --> ${idOf('greeting.new')}`,
    ...places(root()).map((place) => `  state "${nameOf(place)}" as ${idOf(nameOf(place))}`),
    ...[...arrows].map(([arrow, labels]) => `  ${arrow}: ${[...labels].join(', ')}`),
    `  note right of ${idOf('closed')}`,
    ...[...notes].map((note) => `    from everywhere: ${note}`),
    '  end note',
  ].join('\n')
}

function idOf(place: string): string {
  return place.replace('.', '_')
}

function collect(groups: Map<string, Set<string>>, key: string, value: string): void {
  groups.set(key, (groups.get(key) ?? new Set()).add(value))
}
