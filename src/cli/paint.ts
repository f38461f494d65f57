import type { Output } from './io.ts'

/** Colours text, where there is somebody to see it. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  customer(text: string): string
  agent(text: string): string
}

/** Plain text unless the output is a terminal that has not asked for none (`NO_COLOR`). */
export function createPaint(output: Pick<Output, 'isTTY'>): Paint {
  const isColoured = output.isTTY === true && (process.env['NO_COLOR'] ?? '') === ''
  const paint =
    (on: number, off: number) =>
    (text: string): string =>
      isColoured ? `\u001B[${on}m${text}\u001B[${off}m` : text
  return { bold: paint(1, 22), dim: paint(2, 22), customer: paint(36, 39), agent: paint(32, 39) }
}
