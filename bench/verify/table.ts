/** A Markdown table. */
export function toTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '--')), ...rows.map(line)].join('\n')
}

export function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)} %`
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}
