import type { Understanding } from '../phrases.ts'
import type { Seen } from './hook-context.ts'
import type { Schema } from '../standard-schema.ts'
import type { RunnableStep } from './step-table.ts'
import type { Say, TextKey } from '../texts.ts'

/** The closing steps, in order: is it solved? → what happens next → thanks → how to get more help → rating. */
export const CLOSING_STEP_IDS = ['solved', 'directions', 'thanks', 'moreHelp', 'rating'] as const

const SCALE = [1, 2, 3, 4, 5]
const STEP_TIMEOUT_MS = 120_000

/** Steps of the same kind as a plugin's, so that plugins can stand between them and `closing:steps` can reorder them. */
export function closingSteps(say: Say, understanding: Understanding): readonly RunnableStep[] {
  const words = (key: TextKey, seen: Seen) => say(key, { customer: seen.conversation.customer })
  const tell = (id: string, key: TextKey): RunnableStep => ({
    ...shared,
    id,
    statement: true,
    reply: undefined,
    choiceIds: [],
    ask: (seen) => ({ text: words(key, seen) }),
    again: () => undefined,
    when: () => true,
    accept: () => ({}),
  })
  return [
    {
      ...shared,
      id: 'solved',
      statement: false,
      reply: schemaOf('yes or no', (text) => (text === 'yes' || text === 'no' ? text : understanding.yesOrNo(text))),
      choiceIds: ['yes', 'no'],
      ask: (seen) => ({
        text: words('isItSolved', seen),
        choices: [
          { id: 'yes', label: words('yes', seen) },
          { id: 'no', label: words('no', seen) },
        ],
      }),
      again: (seen) => words('notUnderstood', seen),
      when: (seen) => seen.conversation.agentId !== undefined && seen.conversation.outcome === undefined,
      accept: (reply) => ({ solved: reply === 'yes' }),
    },
    tell('directions', 'nextDirections'),
    tell('thanks', 'thanks'),
    tell('moreHelp', 'moreHelp'),
    {
      ...shared,
      id: 'rating',
      statement: false,
      reply: schemaOf('a number from 1 to 5', (text) => {
        const score = Number(/^\s*([1-5])(?:\s*(?:\/\s*5|stars?|\*+))?\s*$/i.exec(text)?.[1])
        return Number.isNaN(score) ? undefined : score
      }),
      choiceIds: SCALE.map(String),
      ask: (seen) => ({
        text: words('rate', seen),
        choices: SCALE.map((score) => ({ id: String(score), label: String(score) })),
      }),
      again: (seen) => words('notUnderstood', seen),
      when: (seen) => seen.conversation.rating === undefined,
      accept: (reply) => ({ score: Number(reply) }),
    },
  ]
}

const shared = { slot: 'closing', plugin: undefined, attempts: 2, timeoutMs: STEP_TIMEOUT_MS } as const

function schemaOf(expected: string, read: (text: string) => unknown): Schema {
  return {
    '~standard': {
      version: 1,
      vendor: 'maitred',
      validate: (value) => {
        const found = typeof value === 'string' ? read(value) : undefined
        return found === undefined ? { issues: [{ message: `expected ${expected}` }] } : { value: found }
      },
    },
  }
}
