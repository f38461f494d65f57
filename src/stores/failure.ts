import { MaitredError } from '../core/errors.ts'

// What may go wrong between a store and its database, and what is done about it.

/** A pause before trying again: short at first, longer each time, never the same for two who have met. */
export function backoffMs(tries: number, chance: () => number = Math.random): number {
  return Math.min(250, 2 ** tries) * (0.5 + chance())
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** The store did not take it, or nobody knows whether it did. */
export function unavailable(store: string, cause: unknown): MaitredError {
  return new MaitredError('STORE_UNAVAILABLE', {
    message: `${store} did not take it: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Nothing is lost: send it once more with the same key.',
    cause,
  })
}

/** @throws nothing: it is what `open` rejects with when the tables are not as this version of maitred needs them */
export function wrongVersion(store: string, found: number | undefined, needed: number): MaitredError {
  const came = found === undefined ? 'no tables of maitred' : `version ${found}`
  const isNewer = found !== undefined && found > needed
  return new MaitredError('STORE_VERSION', {
    message: `${store} is expected at schema version ${needed}, and has ${came}.`,
    hint: isNewer
      ? 'It was made by a newer version of maitred: install that version.'
      : 'Run `npx maitred migrate --config <your configuration>`, or `await store.migrate()`.',
  })
}
