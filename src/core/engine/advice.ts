import type { Core } from './core.ts'
import type { Advice } from './engine-api.ts'
import { MaitredError } from '../errors.ts'
import { ownerAgentId } from '../machine/holds.ts'
import { begin } from '../turn/run-turn.ts'
import { Turn } from '../turn/turn.ts'
import { waterfall } from '../turn/waterfall.ts'
import { readText } from '../schema.ts'
import { runWork } from './run-queue.ts'

/**
 * Asks the `desk:advice` hooks about a draft. Nothing is written: what they say, set or schedule besides is dropped.
 * @throws MaitredError `NOT_FOUND`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LARGE`
 */
export async function advise(
  core: Core,
  {
    agentId,
    conversationId,
    draft,
  }: { readonly agentId: string; readonly conversationId: string; readonly draft: string },
): Promise<Advice> {
  if (typeof draft !== 'string') {
    throw new MaitredError('EVENT_INVALID', {
      message: `Expected a text at \`draft\`, got \`${typeof draft}\`.`,
      hint: 'Hand over what the agent has typed so far.',
      path: 'draft',
    })
  }
  const value: Advice = { draft: readText(draft), hints: [] }
  const event = { type: 'timer.fired', conversationId, name: '', token: 0 } as const // a turn that only looks
  const turn = new Turn(core.services, event, begin(await core.store().load(conversationId), event))
  if (ownerAgentId(turn.state.context) !== agentId) return value
  if (turn.isBlind) await runWork(turn.readAhead())
  return runWork(waterfall(turn, 'desk:advice', { value, isValid: isAdvice }))
}

function isAdvice(value: unknown): value is Advice {
  if (typeof value !== 'object' || value === null) return false
  const { draft, hints } = value as { [Key in keyof Advice]?: unknown }
  return typeof draft === 'string' && Array.isArray(hints) && hints.every((hint) => typeof hint === 'string')
}
