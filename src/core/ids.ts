import { nodeCrypto } from './node-crypto.ts'

/** Chance for so many ids is drawn at once: asking the system costs much more than the bytes do. */
const IDS_AT_ONCE = 128
const CHANCE_BYTES = 9

const chance = Buffer.allocUnsafe(IDS_AT_ONCE * CHANCE_BYTES)
let used = chance.length

/** Ids that sort by time: nine digits of it in base 36, then chance. */
export function createId(at: number): string {
  if (used === chance.length) {
    nodeCrypto().randomFillSync(chance)
    used = 0
  }
  const drawn = chance.toString('base64url', used, (used += CHANCE_BYTES))
  return flat('c', at.toString(36).padStart(9, '0'), drawn.replace(/[-_]/g, 'x'))
}

/** Strings joined into one. What `+` and templates make keeps its parts, and so twice the memory for as long as it is held. */
export function flat(...parts: readonly string[]): string {
  return parts.join('')
}
