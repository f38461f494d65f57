import { BadInput } from './bad-input.ts'

/** Reads a whole number between two bounds. @throws BadInput */
export function readCount(name: string, text: string, bounds: { readonly from: number; readonly to: number }): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (count >= bounds.from && count <= bounds.to) return count
  throw new BadInput(`Expected a whole number from ${bounds.from} to ${bounds.to} after ${name}, got \`${text}\`.`)
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Reads how many come in a time, and gives the mean time between two. @throws BadInput */
export function readRate(name: string, text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\/([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined && Number(count) > 0)
    return UNIT_MS[unit as keyof typeof UNIT_MS] / Number(count) // the pattern lets no other unit through
  throw new BadInput(`Expected so many in a time after ${name}, such as \`60/h\` or \`2/m\`, got \`${text}\`.`)
}

/** Reads language tags with commas between. @throws BadInput */
export function readLanguages(name: string, text: string): readonly string[] {
  const tags = text.split(',').map((tag) => tag.trim())
  if (tags.every((tag) => /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i.test(tag))) return tags
  throw new BadInput(`Expected languages after ${name}, such as \`en,es\`, got \`${text}\`.`)
}
