import type { StepTable } from '../../core/hooks/step-table.ts'
import { type ChartEdge, chartEdges } from '../../core/machine/describe.ts'
import { initialState, listPaths, type State } from '../../core/machine/step.ts'
import type { Settings } from '../../core/settings.ts'
import type { Context, Hold } from '../../core/snapshot.ts'
import { kindOf, wantedTimers } from '../../core/turn/timers.ts'
import type { Slot } from '../../core/types.ts'
import type { Finding } from './finding.ts'
import type { LaidOut } from './laid-out.ts'

/** A chart as far as time is concerned: its edges, and the timers that run in each place. */
export interface TimedChart {
  readonly edges: readonly ChartEdge[]
  readonly timers: ReadonlyMap<string, readonly WantedTimer[]>
}

export interface WantedTimer {
  /** `offer`, `silence`, ...: the name without what it is about. */
  readonly kind: string
  /** The facts it brings about; none if it never comes due. */
  readonly facts: readonly string[]
}

const BEGIN = 'greeting.new'
const END = 'closed'

export function checkChart({ settings, steps }: LaidOut): readonly Finding[] {
  const chart: TimedChart = { edges: chartEdges(), timers: timersByPlace(settings, steps) }
  return [...findDeadEnds(chart), ...findUnreachable(chart.edges, listPaths())]
}

/** Places that time alone does not lead to the end: the edges that their own timers take, and those that need nothing. */
export function findDeadEnds({ edges, timers }: TimedChart): readonly Finding[] {
  const byTime = edges.filter(({ from, on }) => on === 'always' || factsIn(timers, from).includes(on))
  const ending = closure([END], (place) => byTime.filter(({ to }) => to === place).map(({ from }) => from))
  const places = new Set([...edges.flatMap(({ from, to }) => [from, to]), ...timers.keys()])
  return [...places].flatMap((place) => {
    const why = ending.has(place) ? undefined : toWhy(timers.get(place) ?? [])
    return why === undefined ? [] : [{ rule: 'noExitByTime', path: `chart.${place}`, hint: why }]
  })
}

function toWhy(timers: readonly WantedTimer[]): string {
  if (timers.length === 0)
    return 'No timer runs here, so a silent conversation would stay for ever. Give the place one.'
  const kinds = [...new Set(timers.map(({ kind }) => `\`${kind}\``))].join(' and ')
  return `Of the timers that run here (${kinds}) none leads to \`${END}\`. Shorten a time that never comes, or give the fact of one an edge.`
}

/** Places that no edge leads to from the beginning. */
export function findUnreachable(edges: readonly ChartEdge[], places: readonly string[]): readonly Finding[] {
  const reached = closure([BEGIN], (place) => edges.filter(({ from }) => from === place).map(({ to }) => to))
  return places
    .filter((place) => !reached.has(place))
    .map((place) => ({
      rule: 'unreachable',
      path: `chart.${place}`,
      hint: `No edge leads here from \`${BEGIN}\`. Draw one, or remove the place.`,
    }))
}

/** Everything that can be reached, the beginnings included. */
export function closure(from: readonly string[], next: (place: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set(from)
  for (const place of reached) for (const other of next(place)) reached.add(other) // a set may grow while it is walked
  return reached
}

function factsIn(timers: TimedChart['timers'], place: string): readonly string[] {
  return (timers.get(place) ?? []).flatMap(({ facts }) => facts)
}

/** The timers that a conversation wants in each open place, as configured. */
export function timersByPlace(settings: Settings, steps: StepTable): ReadonlyMap<string, readonly WantedTimer[]> {
  const open = listPaths().filter((place) => place !== END)
  return new Map(open.map((place) => [place, timersIn(place, settings, slowestStep(steps, place))]))
}

function timersIn(place: string, settings: Settings, stepTimeoutMs: number): readonly WantedTimer[] {
  const wanted = wantedTimers({ state: sampleState(place, settings), settings, stepTimeoutMs, at: 0 })
  return wanted.map(([name, dueAt]) => {
    const kind = kindOf(name)
    const facts = dueAt <= LAST_MOMENT ? (FACTS[kind]?.(settings) ?? []) : []
    return { kind, facts }
  })
}

/** What the engine tells the chart when a timer of that kind comes due. */
const FACTS: Readonly<Record<string, (settings: Settings) => readonly string[]>> = {
  silence: ({ closeMs, agentMs }) => [
    ...(closeMs <= LAST_MOMENT ? ['customer.fellSilent'] : []),
    ...(agentMs <= LAST_MOMENT ? ['agent.vanished', 'agent.fellSilent'] : []),
  ],
  step: () => ['step.skipped'],
  answer: () => ['answer.missed'],
  settle: () => ['requirements.settled', 'steps.listed'], // what the engine owes the chart is given up, and the chart answered
  overflow: () => ['queue.overflowed'],
  async: () => ['async.expired'],
  notice: () => ['wait.noticed'],
  askAgain: () => ['declines.forgotten'],
  here: () => ['customer.vanished'],
  gone: () => ['customer.gone'],
  offer: () => ['offer.expired'],
  wrapUp: () => ['wrapUp.ended'],
}

/** Every kind of timer that the chart itself wants. */
export const TIMER_KINDS: readonly string[] = Object.keys(FACTS)

/** The latest time that a calendar knows: what is due after it never comes. */
const LAST_MOMENT = 8.64e15

/** A conversation standing there, with whatever has a timer of its own. */
function sampleState(place: string, { offerMs }: Settings): State {
  const { context } = initialState({ id: 'sample', customerId: 'sample', channel: 'web', skills: [], at: 0 })
  return { path: place, context: { ...context, holds: holdsAt(place, offerMs), step: stepAt(place) } }
}

function holdsAt(place: string, endsAt: number): readonly Hold[] {
  const isOffered = place.endsWith('.offered') || place === 'live.transferring'
  return isOffered
    ? [{ holdId: 'sample', agentId: 'sample', units: 1, weight: 1, phase: 'offered', wrapUpMs: 0, endsAt }]
    : []
}

const SLOTS: Readonly<Record<string, Slot>> = {
  'greeting.step': 'preChat',
  'helping.step': 'helping',
  'waiting.step': 'beforeQueue',
  'closing.step': 'closing',
}

function stepAt(place: string): Context['step'] {
  const slot = SLOTS[place]
  return slot === undefined ? null : { slot, steps: [{ id: 'sample', statement: false }], index: 0, attempts: 0 }
}

function slowestStep(steps: StepTable, place: string): number {
  const slot = SLOTS[place]
  const inSlot = slot === undefined ? [] : [...(steps.get(slot)?.values() ?? [])]
  return Math.max(0, ...inSlot.map(({ timeoutMs }) => timeoutMs))
}
