import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Any schema library that speaks Standard Schema: zod, valibot, arktype. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>
export type InferInput<Any extends Schema> = StandardSchemaV1.InferInput<Any>
export type InferOutput<Any extends Schema> = StandardSchemaV1.InferOutput<Any>

/** A value that fits, or what is wrong with it. */
export type Checked<Value> = { readonly value: Value } | { readonly problem: string }

const ALL_MADE_LATER = new WeakSet<Schema>()

/** A schema that is made when something is first checked against it: who only imports does not wait for it. */
export function madeLater<Made extends Schema>(make: () => Made): Schema<InferInput<Made>, InferOutput<Made>> {
  let made: Made | undefined
  const validate = (value: unknown) => {
    made ??= make()
    return made['~standard'].validate(value) as ReturnType<
      Schema<InferInput<Made>, InferOutput<Made>>['~standard']['validate']
    > // as `make` promises
  }
  const schema: Schema<InferInput<Made>, InferOutput<Made>> = {
    '~standard': { version: 1, vendor: 'maitred', validate },
  }
  ALL_MADE_LATER.add(schema)
  return schema
}

export function isMadeLater(schema: Schema): boolean {
  return ALL_MADE_LATER.has(schema)
}

/** Checks a value at once; a schema that needs to wait is a problem of its own. */
export function check<Output>(schema: Schema<unknown, Output>, value: unknown): Checked<Output> {
  const result = validate(schema, value)
  if ('problem' in result) return result
  if (result instanceof Promise) return { problem: 'the schema is asynchronous: it must answer at once' }
  if (result.issues === undefined) return { value: result.value }
  return { problem: result.issues.map(describeIssue).join('; ') || 'it does not fit the schema' }
}

/** The value as read; `undefined` when it does not fit. */
export function readFitting<Output>(schema: Schema<unknown, Output>, value: unknown): Output | undefined {
  const checked = check(schema, value)
  return 'value' in checked ? checked.value : undefined
}

function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const message = messageOf(issue)
  return path === '' ? message : `${path}: ${message}`
}

/** zod says of a union that fits nowhere only that it does not fit; what each way would have taken, it keeps beside. */
function messageOf(issue: StandardSchemaV1.Issue): string {
  const ways = 'errors' in issue && issue.message === NOTHING_SAID ? issue.errors : undefined
  if (!Array.isArray(ways)) return issue.message
  const firsts = ways.flatMap((way: unknown) =>
    Array.isArray(way) ? (way as StandardSchemaV1.Issue[]).slice(0, 1) : [],
  ) // zod's own form
  const messages = firsts.map((first) => describeIssue(first).replace(`${NOTHING_SAID}: `, ''))
  return messages.length === 0 ? issue.message : [...new Set(messages)].join(', or ')
}

const NOTHING_SAID = 'Invalid input'

function validate<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
): ReturnType<Schema<unknown, Output>['~standard']['validate']> | { readonly problem: string } {
  try {
    return schema['~standard'].validate(value)
  } catch (error) {
    return { problem: `the schema threw \`${String(error)}\`` }
  }
}
