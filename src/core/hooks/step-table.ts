import { toMs } from '../duration.ts'
import { isMaitredError, MaitredError } from '../errors.ts'
import { type NamesOf, refuseUnknownNames, wrongForm } from '../known-names.ts'
import type { HookContext, Seen } from './hook-context.ts'
import { isPromise } from './hook-run.ts'
import type { Installed } from './installed.ts'
import { isSchema } from './read-definition.ts'
import type { Schema } from '../standard-schema.ts'
import type { AnyStep, Step } from './step-definition.ts'
import type { Choice, Slot } from '../types.ts'

/** What accepting a reply tells the chart. */
export interface StepFacts {
  readonly solved?: boolean
  readonly score?: number
}

/** One step as the engine runs it, whoever brought it. */
export interface RunnableStep {
  readonly id: string
  readonly slot: Slot
  /** `undefined` for the built-in steps. */
  readonly plugin: Installed | undefined
  /** Told, not asked: nothing is waited for. */
  readonly statement: boolean
  readonly attempts: number
  readonly timeoutMs: number
  readonly reply: Schema | undefined
  /** What its choices are called: whoever makes one of them has replied. */
  readonly choiceIds: readonly string[]
  ask(seen: Seen): { readonly text: string; readonly choices?: readonly Choice[] }
  /** `undefined`: ask again in the same words. */
  again(seen: Seen): string | undefined
  when(seen: Seen): boolean
  accept(reply: unknown, context: HookContext): StepFacts
}

export const SLOTS: readonly Slot[] = ['preChat', 'helping', 'beforeQueue', 'closing']

/** Asked twice, two minutes each. */
const ATTEMPTS = 2
const TIMEOUT_MS = 120_000

/** All steps by slot and id, in the order they are asked. */
export type StepTable = ReadonlyMap<Slot, ReadonlyMap<string, RunnableStep>>

/**
 * The steps of all plugins, after the built-in ones.
 * @throws MaitredError `CONFIG_INVALID` for two steps of one id in a slot, an unknown slot, or an impossible limit
 */
export function compileSteps(builtIn: readonly RunnableStep[], plugins: readonly Installed[]): StepTable {
  const table = new Map<Slot, Map<string, RunnableStep>>(SLOTS.map((slot) => [slot, new Map()]))
  for (const step of [...builtIn, ...plugins.flatMap(stepsOf)]) {
    const inSlot = table.get(step.slot)
    const path = step.plugin === undefined ? 'steps' : `plugins.${step.plugin.name}.steps`
    if (inSlot === undefined) {
      throw new MaitredError('CONFIG_INVALID', {
        message: `Expected a slot of ${SLOTS.map((slot) => `\`${slot}\``).join(', ')} for the step \`${step.id}\`, got \`${String(step.slot)}\`.`,
        hint: 'Put the step into one of these slots.',
        path,
      })
    }
    const taken = inSlot.get(step.id)
    if (taken !== undefined) {
      throw new MaitredError('CONFIG_INVALID', {
        message: `Two steps in the slot \`${step.slot}\` are called \`${step.id}\`: one of \`${taken.plugin?.name ?? 'maitred'}\`, one of \`${step.plugin?.name ?? 'maitred'}\`.`,
        hint: 'Give one of them another id.',
        path,
      })
    }
    inSlot.set(step.id, step)
  }
  return table
}

function stepsOf(plugin: Installed): readonly RunnableStep[] {
  const declare = <Reply extends Schema>(
    step: Step<Reply, { config: unknown; state: unknown; api: unknown }>,
  ): AnyStep => step
  const declared = declareSteps(plugin, declare)
  if (!Array.isArray(declared))
    throw wrongForm({
      path: `plugins.${plugin.name}.steps`,
      expected: 'a list of steps',
      value: declared,
      hint: 'Return one: `(step) => [step({ ... })]`.',
    })
  return declared.map((step) => toRunnable(plugin, step as Step<Schema, never>)) // declare gave it back as it was
}

type Declare = Parameters<NonNullable<Installed['definition']['steps']>>[0]

/** @throws MaitredError `CONFIG_INVALID` when the plugin's own function throws */
function declareSteps({ name, definition }: Installed, declare: Declare): unknown {
  try {
    return definition.steps?.(declare) ?? []
  } catch (cause) {
    if (isMaitredError(cause)) throw cause // it says itself what to do
    throw new MaitredError('CONFIG_INVALID', {
      message: `The steps of the plugin \`${name}\` could not be read: its \`steps\` threw \`${String(cause)}\`.`,
      hint: 'See the `cause` of this error.',
      path: `plugins.${name}.steps`,
      cause,
    })
  }
}

const ID = /^[a-zA-Z][\w-]{0,63}$/

const STEP: NamesOf<Step<Schema, never>> = {
  slot: true,
  id: true,
  ask: true,
  choices: true,
  reply: true,
  again: true,
  attempts: true,
  timeout: true,
  when: true,
  accept: true,
}

/** Steps come from JavaScript, too. @throws MaitredError `CONFIG_INVALID` */
function refuseWrongStep(step: Step<Schema, never>, path: string): void {
  refuseUnknownNames(step, STEP, { path, what: 'a part of a step' })
  const refuseUnless = (holds: boolean, part: keyof typeof STEP, expected: string): void => {
    if (!holds)
      throw wrongForm({
        path: `${path}.${part}`,
        expected,
        value: step[part],
        hint: 'A step has `slot`, `id`, `ask`, `reply` and `accept`.',
      })
  }
  const { ask, reply, accept, again, when, choices } = step
  refuseUnless(typeof ask === 'string' || typeof ask === 'function', 'ask', 'a text or a function')
  refuseUnless(isSchema(reply), 'reply', 'a schema')
  refuseUnless(typeof accept === 'function', 'accept', 'a function')
  refuseUnless(again === undefined || typeof again === 'string', 'again', 'a text')
  refuseUnless(when === undefined || typeof when === 'function', 'when', 'a function')
  refuseUnless(choices === undefined || areChoices(choices), 'choices', 'a list of `{ id, label }`')
}

function areChoices(choices: unknown): boolean {
  if (!Array.isArray(choices)) return false
  return choices.every((choice: Partial<Choice> | null | undefined) => {
    return typeof choice?.id === 'string' && typeof choice.label === 'string'
  })
}

function toRunnable(plugin: Installed, step: Step<Schema, never>): RunnableStep {
  if (typeof (step as unknown) !== 'object' || step === null)
    throw wrongForm({
      path: `plugins.${plugin.name}.steps`,
      expected: 'a step',
      value: step,
      hint: 'Write `(step) => [step({ ... })]`.',
    })
  const path = `plugins.${plugin.name}.steps.${String(step.id)}`
  if (typeof step.id !== 'string' || !ID.test(step.id)) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a step id of letters, digits and hyphens at \`${path}\`, got \`${String(step.id)}\`.`,
      hint: "Write it like 'orderNumber', at most 64 characters.",
      path,
    })
  }
  refuseWrongStep(step, path)
  const attempts = step.attempts ?? ATTEMPTS
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a whole number of 1 or more at \`${path}.attempts\`, got \`${attempts}\`.`,
      hint: `Leave it out for ${ATTEMPTS}.`,
      path: `${path}.attempts`,
    })
  }
  return {
    id: step.id,
    slot: step.slot,
    plugin,
    statement: false,
    attempts,
    timeoutMs: step.timeout === undefined ? TIMEOUT_MS : toMs(step.timeout, `${path}.timeout`),
    reply: step.reply,
    choiceIds: (step.choices ?? []).map(({ id }) => id),
    ask: (seen) => ({
      text: typeof step.ask === 'string' ? step.ask : atOnce('ask', step.ask(seen as Seen<never>)), // the plugin's own context
      ...(step.choices === undefined ? {} : { choices: step.choices }),
    }),
    again: () => step.again,
    when: (seen) => atOnce('when', step.when?.(seen as Seen<never>) ?? true),
    accept: (reply, context) => {
      atOnce('accept', step.accept(reply, context as HookContext<never>) as unknown) // an async function fits the type, too
      return {}
    },
  }
}

/** Steps answer in the middle of a turn: what has to be waited for comes too late. @throws TypeError */
function atOnce<Value>(name: string, value: Value): Value {
  if (!isPromise(value)) return value
  value.then(undefined, () => {}) // whatever comes of it has been reported
  throw new TypeError(`\`${name}\` of a step must answer at once, and has returned a promise`)
}
