/** The three streams a command works with; a test hands in its own. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
}

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

/** Is there a person at both ends? */
export function isInteractive({ stdin, stdout }: Io): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

/** What `--json` prints: one object, and nothing else. */
export function printJson(output: Output, value: object): void {
  output.write(`${JSON.stringify(value)}\n`)
}
