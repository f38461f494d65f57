import { z } from 'zod'
import { MaitredError } from '../core/errors.ts'

type Bodies = ReturnType<typeof createBodies>

let bodies: Bodies | undefined

/** The bodies of what is not a command. They are made when the first of them comes: who only imports does not wait for them. */
export function toBodies(): Bodies {
  bodies ??= createBodies()
  return bodies
}

function createBodies() {
  const duration = z.union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/)])
  return {
    presence: z.object({
      /** Absent: what it is now; the lease is renewed. */
      presence: z.enum(['online', 'away', 'draining', 'offline']).optional(),
      lease: duration.optional(),
    }),
    present: z.object({ lease: duration }),
    busy: z.object({
      units: z.number().nonnegative(),
      with: z.string().min(1).max(128).optional(),
      for: duration.optional(),
      force: z.boolean().optional(),
    }),
    identify: z.object({ token: z.string().min(1) }),
    /** Up to which message. */
    read: z.object({ seq: z.int().positive() }),
    advise: z.object({ draft: z.string() }),
  }
}

/** @throws MaitredError `EVENT_INVALID` */
export function readAs<Name extends keyof Bodies>(name: Name, body: unknown): z.output<Bodies[Name]> {
  const parsed = toBodies()[name].safeParse(body)
  if (parsed.success) return parsed.data as z.output<Bodies[Name]> // of the schema of that name
  const [issue] = parsed.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new MaitredError('EVENT_INVALID', {
    message: `The body does not fit at \`${path}\`: ${issue?.message ?? 'wrong shape'}.`,
    hint: 'Correct the field; the OpenAPI description lists them all.',
    path,
  })
}
