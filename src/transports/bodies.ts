import { z } from 'zod'
import { MaitredError } from '../core/errors.ts'

const duration = z.union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/)])

// The bodies of what is not a command.
export const PRESENCE = z.object({
  /** Absent: what it is now; the lease is renewed. */
  presence: z.enum(['online', 'away', 'draining', 'offline']).optional(),
  lease: duration.optional(),
})
export const PRESENT = z.object({ lease: duration })
export const BUSY = z.object({
  units: z.number().nonnegative(),
  with: z.string().min(1).max(128).optional(),
  for: duration.optional(),
  force: z.boolean().optional(),
})
export const IDENTIFY = z.object({ token: z.string().min(1) })
/** Up to which message. */
export const READ = z.object({ seq: z.int().positive() })
export const ADVISE = z.object({ draft: z.string() })

/** @throws MaitredError `EVENT_INVALID` */
export function readAs<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new MaitredError('EVENT_INVALID', {
    message: `The body does not fit at \`${path}\`: ${issue?.message ?? 'wrong shape'}.`,
    hint: 'Correct the field; the OpenAPI description lists them all.',
    path,
  })
}
