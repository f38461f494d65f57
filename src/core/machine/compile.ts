import type { Fact } from '../events.ts'
import type { TransitionName } from '../transitions.ts'
import { type Change, type ChangeName, changes } from './changes.ts'
import { type Guard, guards } from './guards.ts'

/** One place of the chart, ready to be asked for its edges. */
export interface Place {
  readonly path: string
  /** The edges that take a fact, the innermost first. An edge without a guard ends its list. */
  readonly edges: ReadonlyMap<Fact['type'], readonly Edge[]>
  /** The edges that are taken without waiting for a fact. */
  readonly always: readonly Edge[]
}

/** One edge as taken from one place: everything about it that does not depend on the conversation. */
export interface Edge {
  readonly transition: TransitionName | undefined
  readonly guard: Guard | undefined
  /** In the order of a statechart: exits from the inside out, the edge's own, entries from the outside in. */
  readonly changes: readonly Change[]
  readonly to: Place
}

/** What is read of a state of an XState machine. */
export interface ChartNode {
  readonly key: string
  readonly type: string
  readonly parent?: ChartNode | undefined
  readonly states: Readonly<Record<string, ChartNode>>
  readonly initial: { readonly target: readonly ChartNode[]; readonly actions: readonly unknown[] }
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly invoke: readonly unknown[]
  readonly after: readonly unknown[]
  readonly always?: readonly ChartEdge[] | undefined
  readonly transitions: ReadonlyMap<string, readonly ChartEdge[]>
}

interface ChartEdge {
  readonly source: ChartNode
  readonly target: readonly ChartNode[] | undefined
  readonly actions: readonly unknown[]
  readonly guard?: unknown
  readonly reenter: boolean
  readonly meta?: { readonly transition?: TransitionName } | undefined
}

/**
 * Turns a chart into a table: which states an edge leaves and enters, and in which order its changes are made, is the same whenever it is
 * taken from the same place, so it is worked out once. XState's own rules for that (SCXML, https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation)
 * for the part of them that the chart uses; a property test holds the table equal to XState's `transition()`.
 * @throws Error when the chart uses something else: parallel regions, history, final states, delays, invoked actors
 */
export function compile(root: ChartNode): ReadonlyMap<string, Place> {
  const leaves = leavesOf(root)
  const places = new Map<ChartNode, Place & { edges: Map<Fact['type'], Edge[]>; always: Edge[] }>()
  for (const leaf of leaves) places.set(leaf, { path: pathOf(leaf), edges: new Map(), always: [] })
  for (const [leaf, place] of places) {
    const toEdge = (edge: ChartEdge): Edge => {
      const { leaf: to, changes: made } = plan(leaf, edge)
      return { transition: edge.meta?.transition, guard: guardOf(edge), changes: made, to: places.get(to) ?? place }
    }
    for (const node of lineOf(leaf)) {
      for (const [type, edges] of node.transitions) {
        const known = place.edges.get(type as Fact['type']) ?? [] // the chart's event types are those of facts
        place.edges.set(type as Fact['type'], [...known, ...edges.map(toEdge)])
      }
      place.always.push(...(node.always ?? []).map(toEdge))
    }
  }
  return new Map([...places.values()].map((place) => [place.path, place]))
}

function leavesOf(node: ChartNode): readonly ChartNode[] {
  if (!['compound', 'atomic'].includes(node.type) || node.invoke.length > 0 || node.after.length > 0) {
    throw new Error(
      `\`${pathOf(node)}\` has the type \`${node.type}\`, a delay or an actor: the table of edges knows none of these`,
    )
  }
  const inner = Object.values(node.states)
  return inner.length === 0 ? [node] : inner.flatMap(leavesOf)
}

const lines = new WeakMap<ChartNode, readonly ChartNode[]>()

/** A state and those around it, the innermost first. */
function lineOf(node: ChartNode): readonly ChartNode[] {
  const known = lines.get(node)
  if (known !== undefined) return known
  const line = node.parent === undefined ? [node] : [node, ...lineOf(node.parent)]
  lines.set(node, line)
  return line
}

function pathOf(node: ChartNode): string {
  return lineOf(node)
    .slice(0, -1)
    .map(({ key }) => key)
    .reverse()
    .join('.')
}

function plan(leaf: ChartNode, edge: ChartEdge): { readonly leaf: ChartNode; readonly changes: readonly Change[] } {
  const own = toChanges(edge.actions)
  const target = edge.target?.[0]
  if (target === undefined) return { leaf, changes: own }
  const domain = domainOf(edge, target)
  const active = lineOf(leaf)
  const left = active.filter(
    (node) => isInside(node, domain) || (edge.reenter && node === domain && node === edge.source),
  )
  const reached = firstLeaf(target)
  const staysPut = target === edge.source && target === domain && !edge.reenter
  const entered = lineOf(reached).filter(
    (node) =>
      (isInside(node, target) || (node === target && !staysPut) || isBetween(node, target, domain)) &&
      node.parent !== undefined,
  )
  return {
    leaf: reached,
    changes: [
      ...left.flatMap((node) => toChanges(node.exit)),
      ...own,
      ...entered.reverse().flatMap((node) => toChanges(node.entry)),
    ],
  }
}

/** The innermost state that an edge stays within; `undefined`: not even the root. */
function domainOf({ source, reenter }: ChartEdge, target: ChartNode): ChartNode | undefined {
  if (!reenter && (target === source || isInside(target, source))) return source
  const common = lineOf(target)
    .slice(1)
    .find((node) => isInside(source, node))
  return common ?? (reenter ? undefined : lineOf(source).at(-1))
}

/** Is it a state within another? Everything is within `undefined`. */
function isInside(node: ChartNode, outer: ChartNode | undefined): boolean {
  return outer === undefined || lineOf(node).slice(1).includes(outer)
}

function isBetween(node: ChartNode, target: ChartNode, domain: ChartNode | undefined): boolean {
  return isInside(target, node) && isInside(node, domain)
}

function firstLeaf(node: ChartNode): ChartNode {
  if (node.type === 'atomic') return node
  const [first] = node.initial.target
  if (first === undefined || node.initial.actions.length > 0)
    throw new Error(`\`${pathOf(node)}\` has actions on its initial edge`)
  return firstLeaf(first)
}

function toChanges(actions: readonly unknown[]): readonly Change[] {
  return actions.map((action) => {
    const name = nameOf(action)
    if (!Object.hasOwn(changes, name)) throw new Error(`the chart names the change \`${name}\`, which does not exist`)
    return changes[name as ChangeName] // it has just been looked up
  })
}

function guardOf({ guard }: ChartEdge): Guard | undefined {
  if (guard === undefined) return undefined
  const name = nameOf(guard)
  if (!Object.hasOwn(guards, name)) throw new Error(`the chart names the guard \`${name}\`, which does not exist`)
  return guards[name as keyof typeof guards] // as above
}

function nameOf(reference: unknown): string {
  if (typeof reference === 'string') return reference
  if (typeof reference === 'object' && reference !== null && 'type' in reference) return String(reference.type)
  throw new Error('the chart has a change or a guard without a name')
}
