/** One line of a table: a figure, and what was promised of it. */
export interface Row {
  readonly what: string
  /** As it is to be read, with its unit. */
  readonly figure: string
  /** Against the base, which is stated by the section; the quartiles in brackets. */
  readonly ratio?: string
  readonly goal?: string
}

export interface Told {
  readonly base: string
  readonly rows: readonly Row[]
  readonly notes?: readonly string[]
}

export interface SectionOptions {
  /** How often each side is run, besides warming up. */
  readonly rounds: number
}

/** One part of the benchmark: measures, and tells what came out as lines of a table. */
export interface Section {
  readonly name: string
  readonly title: string
  run(options: SectionOptions): Promise<Told>
}

/** A ratio with its quartiles. */
export function ratioOf({
  ratio,
  quartiles,
}: {
  readonly ratio: number
  readonly quartiles: readonly [number, number]
}): string {
  return `${ratio.toFixed(2)} (${quartiles[0].toFixed(2)}-${quartiles[1].toFixed(2)})`
}

/** Whether a figure keeps what was promised of it. */
export function goalOf(figure: number, sign: '<=' | '>=', limit: number, unit = ''): string {
  const met = sign === '<=' ? figure <= limit : figure >= limit
  return `${sign} ${limit.toLocaleString('en')}${unit}: ${met ? 'met' : 'missed'}`
}
