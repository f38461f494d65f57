import { detailsOf } from './details.ts'
import type { EngineEvent } from './engine-events.ts'
import type { Fact } from '../events.ts'
import { type Asked, type TakenStep, type Verdict, joinAsked } from '../hooks/scene.ts'
import { FAILED, isPromise, pluginLoop, settleHandler } from '../hooks/hook-run.ts'
import { type Asking, askBefore, beginAsking, giveVerdict } from '../hooks/contexts.ts'
import type { Handler } from '../hooks/hook-table.ts'
import { deepFreeze } from '../hooks/installed.ts'
import { type Microstep, step as takeFact } from '../machine/step.ts'
import { askedByChart, isAsking, settleRequirements } from './questions.ts'
import { utterances } from './speech.ts'
import { FACT_TRANSITIONS, type TransitionName } from '../transitions.ts'
import { type Entry, MAX_DEPTH, type Turn, withOneMore } from './turn.ts'
import { write } from './waterfall.ts'

/** How a walk ended. `ignored`: no edge takes the fact. */
export type Walk =
  | { readonly status: 'stood' }
  | { readonly status: 'ignored' }
  | {
      readonly status: 'vetoed'
      readonly by: string
      readonly transition: TransitionName
      readonly reason: string
      readonly reply: readonly Entry[]
    }

/**
 * Takes a fact through the chart, one edge at a time: `before` hooks judge each named edge, what they ask for is kept if the edge stands,
 * and the words of the edge are written. Where the chart waits for an answer of the engine, the answer is the next fact.
 */
export function* walk(turn: Turn, first: Fact): Generator<PromiseLike<unknown>, Walk, unknown> {
  let fact: Fact | undefined = first
  while (fact !== undefined) {
    const steps = takeFact(turn.state, fact)
    if (steps.length === 0 && fact === first) return { status: 'ignored' }
    let keptCount = 0
    let detour: Fact | undefined
    for (const step of steps) {
      const handlers = handlersOf(turn, step)
      const taken = step.transition === undefined ? undefined : toTaken(turn, step, fact)
      const asking = taken === undefined || handlers === undefined ? undefined : beginAsking(turn, taken)
      const judging =
        taken === undefined || handlers === undefined || asking === undefined
          ? undefined
          : judge(turn, taken, { handlers, asking, from: 0 })
      if (judging !== undefined) yield* judging
      const asked = asking?.asked
      const verdict = asked?.verdict
      if (verdict?.type === 'veto') return vetoed(step, verdict, asked)
      if (verdict?.type === 'redirect') {
        turn.depth += 1
        detour = yield* toDetour(turn, step, verdict)
        break
      }
      const said = take(turn, step, { fact, asked, taken })
      const writing = write(turn, said)
      if (writing !== undefined) yield* writing
      keptCount += 1
    }
    turn.walks = withOneMore(turn.walks, { fact, kept: keptCount })
    fact = detour ?? (isAsking(turn) ? yield* askedByChart(turn) : undefined)
    const writing = turn.asked.says.length === 0 ? undefined : write(turn, turn.takeSaid())
    if (writing !== undefined) yield* writing
  }
  return { status: 'stood' }
}

function handlersOf(turn: Turn, { transition }: Microstep): readonly Handler[] | undefined {
  return transition === undefined ? undefined : turn.services.hooks.before.get(transition)
}

interface Judging {
  readonly handlers: readonly Handler[]
  /** Where their wishes and the verdict go. */
  readonly asking: Asking
  /** The first that is still to be asked. */
  readonly from: number
}

/** Asks the `before` hooks about one edge; the first verdict counts. Work only if one of them has to be waited for. */
function judge(turn: Turn, taken: TakenStep, { handlers, asking, from }: Judging): Work | undefined {
  if (turn.isBlind) return judgeSeeing(turn, taken, { handlers, asking, from })
  for (let stopped = askBefore(asking, handlers, from); stopped !== undefined; ) {
    const { index, context, result } = stopped
    const handler = handlers[index] as Handler // it stopped at one of them
    if (isPromise(result)) {
      const settling = settleHandler(turn, handler, { promise: result, context, deadlineAt: turn.deadlineAt })
      return judgeLater(turn, taken, { handlers, asking, from: index, settling })
    }
    if (isDecided(turn, taken, { handler, asking, result })) return undefined
    stopped = askBefore(asking, handlers, index + 1)
  }
  return undefined
}

type Work = Generator<PromiseLike<unknown>, void, unknown>

function* judgeSeeing(turn: Turn, taken: TakenStep, judging: Judging): Work {
  yield* turn.readAhead()
  const work = judge(turn, taken, judging)
  if (work !== undefined) yield* work
}

/** The first handler has promised something: when that has come, the others are asked. */
function* judgeLater(
  turn: Turn,
  taken: TakenStep,
  {
    handlers,
    asking,
    from,
    settling,
  }: Judging & { readonly settling: Generator<PromiseLike<unknown>, unknown, unknown> },
): Work {
  const handler = handlers[from]
  const result = yield* settling
  if (handler === undefined || isDecided(turn, taken, { handler, asking, result })) return
  const others = judge(turn, taken, { handlers, asking, from: from + 1 })
  if (others !== undefined) yield* others
}

function isDecided(
  turn: Turn,
  { isFact }: TakenStep,
  { handler, asking, result }: { readonly handler: Handler; readonly asking: Asking; readonly result: unknown },
): boolean {
  if (result === FAILED && handler.onFailure === 'veto' && !isFact)
    giveVerdict(asking, { type: 'veto', by: handler.plugin.name, reason: `\`${handler.hook}\` failed` })
  const { asked } = asking
  if (asked?.verdict?.type === 'redirect' && turn.depth >= MAX_DEPTH) {
    turn.failed(handler, 'invalid', pluginLoop(handler.plugin.name, turn.depth + 1))
    asked.verdict = undefined
  }
  return asked?.verdict !== undefined
}

/** The edge stands: what its hooks asked for is kept. Returns its words: those of the hooks, then its own. */
function take(
  turn: Turn,
  step: Microstep,
  about: { readonly fact: Fact; readonly asked: Asked | undefined; readonly taken: TakenStep | undefined },
): readonly Entry[] {
  const { asked, taken } = about
  turn.state = step.after
  if (asked !== undefined) joinAsked(turn.asked, asked)
  if (taken !== undefined) turn.taken = withOneMore(turn.taken, taken)
  const uttered = turn.isToldAlready(step) ? NO_WORDS : utterances(turn, step, about.fact)
  const own = uttered.every(hasWords) ? uttered : uttered.filter(hasWords)
  return asked === undefined || asked.says.length === 0 ? own : [...asked.says.map(toEntry), ...own]
}

const NO_WORDS: readonly Entry[] = []

/** An empty wording is the way to leave something unsaid. */
function hasWords({ text, choices }: Entry): boolean {
  return text !== '' || choices !== undefined
}

function toEntry({ plugin: _plugin, ...said }: Asked['says'][number]): Entry {
  return { author: 'bot', ...said }
}

/** Nobody can say no to time, to a customer who goes, or to an agent who is gone. */
const HAPPENED: ReadonlySet<string> = new Set<EngineEvent['type']>(['timer.fired', 'customer.left', 'agent.vanished'])

/** An edge as hooks are told of it. */
export function toTaken(turn: Turn, step: Microstep, fact: Fact): TakenStep {
  return new Taken(turn, step, fact)
}

/** One is made for every named edge, and most are asked for nothing: what they need for the details is held by themselves, not by a closure. */
class Taken implements TakenStep {
  readonly transition: TransitionName
  readonly isFact: boolean
  readonly turn: Turn
  readonly step: Microstep
  readonly fact: Fact
  known: object | undefined

  constructor(turn: Turn, step: Microstep, fact: Fact) {
    this.transition = step.transition ?? 'close' // only named steps come here
    this.isFact = FACT_TRANSITIONS.has(this.transition) || HAPPENED.has(turn.event.type)
    this.turn = turn
    this.step = step
    this.fact = fact
    this.known = undefined
  }
  details(): object {
    return (this.known ??= deepFreeze(detailsOf(this.transition, this)))
  }
}

function vetoed(step: Microstep, verdict: Extract<Verdict, { type: 'veto' }>, asked: Asked | undefined): Walk {
  const reply = (asked?.says ?? []).filter(({ plugin }) => plugin === verdict.by).map(toEntry)
  return { status: 'vetoed', by: verdict.by, transition: step.transition ?? 'close', reason: verdict.reason, reply }
}

/** The fact that leads elsewhere, from the state before the refused edge. */
function* toDetour(
  turn: Turn,
  step: Microstep,
  verdict: Extract<Verdict, { type: 'redirect' }>,
): Generator<PromiseLike<unknown>, Fact, unknown> {
  turn.redirectedBy = verdict.by
  turn.note({ redirect: step.transition ?? 'close', to: verdict.to, by: verdict.by, reason: verdict.reason })
  if (verdict.say !== undefined) {
    const writing = write(turn, [{ author: 'bot', text: verdict.say }])
    if (writing !== undefined) yield* writing
    turn.redirectTold = verdict.to
  }
  const requirements = verdict.to === 'enqueue' ? yield* settleRequirements(turn) : null
  return {
    type: 'conversation.redirected',
    at: turn.now,
    to: verdict.to,
    reason: verdict.reason,
    requirements,
    effectId: turn.effectId('search'),
  }
}
