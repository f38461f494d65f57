import { randomBytes } from 'node:crypto'

/** Ids that sort by time: nine digits of it in base 36, then chance. */
export function createId(at: number): string {
  return `c${at.toString(36).padStart(9, '0')}${randomBytes(9).toString('base64url').replace(/[-_]/g, 'x')}`
}
