import { FAILED, callWith, isPromise } from '../hooks/hook-run.ts'
import { actingContext } from '../hooks/contexts.ts'
import type { Handler } from '../hooks/hook-table.ts'
import { deepFreeze } from '../hooks/installed.ts'
import type { Loaded } from '../ports.ts'
import { parseCustomer } from '../schema.ts'
import { begin } from '../turn/run-turn.ts'
import type { Effect } from '../snapshot.ts'
import { Turn, type TurnServices } from '../turn/turn.ts'
import type { Customer } from '../types.ts'
import { answerQuestion } from './answering.ts'
import type { Work } from './run-queue.ts'
import { type Submit, type Watch, waitFor } from './waiting.ts'

// What a conversation is owed after a commit. Each effect ends in exactly one event, which counts only while the effect is still pending.

export function* runEffect(
  services: TurnServices,
  conversationId: string,
  about: { readonly effect: Effect; readonly submit: Submit; readonly watch: Watch },
): Work<void> {
  const { effect, submit, watch } = about
  const event = { type: 'timer.fired', conversationId, name: '', token: 0 } as const // a turn that only looks
  const stored = services.store.load(conversationId)
  const loaded = (isPromise(stored) ? yield stored : stored) as Loaded // the promise resolves to it
  if (loaded.row === undefined) return
  const turn = new Turn(services, event, begin(loaded, event))
  if (turn.isBlind) yield* turn.readAhead()
  if (effect.type === 'question.answer') yield* answerQuestion(turn, effect, { submit, watch })
  else yield* enrichCustomer(turn, effect, submit)
}

/** Each plugin is asked who the customer is; one that takes too long is passed over, and what it says later still counts. */
function* enrichCustomer(
  turn: Turn,
  { effectId }: Extract<Effect, { type: 'customer.enrich' }>,
  submit: Submit,
): Work<void> {
  let { customer } = turn
  const { asked } = turn
  const about = { type: 'customer.enriched', conversationId: turn.id, effectId, basedOn: turn.version - 1 } as const
  for (const handler of turn.services.hooks.aspects.get('customer:context') ?? []) {
    const context = actingContext(turn, handler, { asked })
    let result = callWith(turn, handler, { value: deepFreeze(customer), context })
    if (isPromise(result)) {
      const late = (value: unknown): void => {
        const known = readKnown(turn, handler, value)
        if (known !== undefined) submit({ ...about, customer: known })
      }
      result = yield* waitFor(turn, handler, { promise: result, abort: (reason) => context.abort(reason), late })
    }
    if (result !== FAILED && result !== customer) customer = readKnown(turn, handler, result) ?? customer
  }
  submit({ ...about, customer, asked })
}

/** The customer as a plugin knows them; `undefined`, and reported, when it is nobody or somebody else. */
function readKnown(turn: Turn, handler: Handler, value: unknown): Customer | undefined {
  try {
    const known = parseCustomer(value)
    if (known.id === turn.customer.id) return known
    throw new TypeError('`customer:context` must return the customer it was given, with more known of them')
  } catch (error) {
    turn.failed(handler, 'invalid', error)
    return undefined
  }
}
