/** What the clients ask of a node. `key` makes it safe to ask again, of any node. */
export type Ask =
  | { readonly do: 'open'; readonly customerId: string; readonly key: string }
  | { readonly do: 'say'; readonly conversationId: string; readonly text: string; readonly key: string }
  | { readonly do: 'requestAgent'; readonly conversationId: string; readonly key: string }
  | { readonly do: 'leave'; readonly conversationId: string; readonly key: string }
  | { readonly do: 'online'; readonly agentId: string }
  | { readonly do: 'follow'; readonly agentId: string }
  | { readonly do: 'accept'; readonly agentId: string; readonly conversationId: string; readonly key: string }
  | {
      readonly do: 'answer'
      readonly agentId: string
      readonly conversationId: string
      readonly text: string
      readonly key: string
    }
  | { readonly do: 'close'; readonly agentId: string; readonly conversationId: string; readonly key: string }
  | { readonly do: 'stop' }

export interface Told {
  readonly id?: string
  readonly ok: boolean
  readonly status?: string
  readonly code?: string
}

export type FromNode =
  | { readonly ready: true }
  | { readonly reply: number; readonly told: Told }
  | { readonly reply: number; readonly error: string }
  | { readonly offered: string; readonly conversationId: string }

/** How a node is started. */
export interface NodeAbout {
  readonly store: 'postgres' | 'sqlite'
  readonly url: string
  readonly schema: string
  readonly lease: number
  readonly agentIds: readonly string[]
  readonly seed: number
}

/** Numbers from 0 to 1 that look like chance, and are the same for the same seed. */
export function createChance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
