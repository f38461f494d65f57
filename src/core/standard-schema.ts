import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Any schema library that speaks Standard Schema: zod, valibot, arktype. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>
export type InferInput<Any extends Schema> = StandardSchemaV1.InferInput<Any>
export type InferOutput<Any extends Schema> = StandardSchemaV1.InferOutput<Any>

/** A value that fits, or what is wrong with it. */
export type Checked<Value> = { readonly value: Value } | { readonly problem: string }

/** Checks a value at once; a schema that needs to wait is a problem of its own. */
export function check<Output>(schema: Schema<unknown, Output>, value: unknown): Checked<Output> {
  const result = validate(schema, value)
  if ('problem' in result) return result
  if (result instanceof Promise) return { problem: 'the schema is asynchronous: it must answer at once' }
  if (result.issues === undefined) return { value: result.value }
  return { problem: result.issues.map(describeIssue).join('; ') || 'it does not fit the schema' }
}

function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

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
