import type { Seen } from '../hooks/hook-context.ts'
import { FAILED, TimeUp, isPromise, withLimit } from '../hooks/hook-run.ts'
import { actingContext, seeingContext } from '../hooks/contexts.ts'
import { createAsked, joinAsked } from '../hooks/scene.ts'
import { HOOK_LIMIT_MS } from '../hooks/hook-table.ts'
import type { Installed } from '../hooks/installed.ts'
import type { State } from '../machine/step.ts'
import type { StepRef } from '../snapshot.ts'
import type { RunnableStep, StepFacts, StepTable } from '../hooks/step-table.ts'
import type { Turn } from './turn.ts'
import type { Slot } from '../types.ts'

/** The step a conversation stands in; `undefined` outside steps, and when its plugin is gone. */
export function stepIn(steps: StepTable, { path, context }: State): RunnableStep | undefined {
  if (context.step === null || !path.endsWith('.step')) return undefined
  return steps.get(context.step.slot)?.get(context.step.steps[context.step.index]?.id ?? '')
}

export function currentStep(turn: Turn): RunnableStep | undefined {
  return stepIn(turn.services.steps, turn.state)
}

/** What a step may look at. */
export function seenBy(turn: Turn, step: RunnableStep): Seen {
  return seeingContext(turn, step.plugin ?? BUILT_IN, `step:${step.id}`)
}

/** What a step says; `undefined` when it has nothing to say, or fails. */
export function wordsOf(turn: Turn, step: RunnableStep): ReturnType<RunnableStep['ask']> | undefined {
  const words = guarded({ turn, step, what: 'ask' }, () => step.ask(seenBy(turn, step)))
  return words === FAILED || typeof words.text !== 'string' || words.text === '' ? undefined : words
}

/** The steps of a slot that are due now, in order; a step whose `when` throws is left out and reported. */
export function listSteps(turn: Turn, slot: Slot): readonly StepRef[] {
  const refs: StepRef[] = []
  for (const step of turn.services.steps.get(slot)?.values() ?? []) {
    if (turn.skippedStepIds.includes(step.id)) continue
    if (guarded({ turn, step, what: 'when' }, () => step.when(seenBy(turn, step))) === true)
      refs.push({ id: step.id, statement: step.statement })
  }
  return refs
}

/** Reads a reply with the step's schema; `undefined` when it does not fit. Yields only if the schema waits. */
export function* readReply(
  turn: Turn,
  step: RunnableStep,
  text: string,
): Generator<PromiseLike<unknown>, { readonly reply: unknown } | undefined, unknown> {
  if (step.reply === undefined) return { reply: text }
  try {
    const validated = step.reply['~standard'].validate(text)
    const result = (
      isPromise(validated)
        ? yield withLimit(validated, turn.clock, { limitMs: HOOK_LIMIT_MS, what: `the schema of the step ${step.id}` })
        : validated
    ) as Awaited<typeof validated> // the promise resolves to it
    return result.issues === undefined ? { reply: result.value } : undefined
  } catch (error) {
    if (step.plugin !== undefined)
      turn.failed(
        { plugin: step.plugin, hook: `step:${step.id}` },
        error instanceof TimeUp ? 'timedOut' : 'threw',
        error,
      )
    return undefined
  }
}

/** Hands the reply to the step; what it asks for is part of the turn. */
export function acceptReply(turn: Turn, step: RunnableStep, reply: unknown): StepFacts {
  const handler = { plugin: step.plugin ?? BUILT_IN, hook: `step:${step.id}` }
  const asked = createAsked()
  const facts = guarded({ turn, step, what: 'accept' }, () =>
    step.accept(reply, actingContext(turn, handler, { asked })),
  )
  if (facts === FAILED) return {}
  joinAsked(turn.asked, asked)
  turn.asked.says = [...turn.asked.says, ...asked.says]
  return facts
}

/** Runs a piece of a plugin's step; a throw is reported and answered with `FAILED`. */
function guarded<Value>(
  { turn, step, what }: { readonly turn: Turn; readonly step: RunnableStep; readonly what: string },
  run: () => Value,
): Value | typeof FAILED {
  try {
    return run()
  } catch (error) {
    if (step.plugin !== undefined) turn.failed({ plugin: step.plugin, hook: `step:${step.id}.${what}` }, 'threw', error)
    return FAILED
  }
}

/** Stands for maitred itself where a plugin is expected. */
const BUILT_IN: Installed = {
  name: 'maitred',
  definition: { name: 'maitred', version: '1' },
  config: {},
  api: undefined,
  log: { debug() {}, info() {}, warn() {}, error() {} },
  readState: () => ({}),
  readRecord: (_key, value) => value,
  patchState: () => ({ state: {}, stored: { version: 0, state: {} } }),
}
