import { PassThrough, Readable, Writable } from 'node:stream'
import { run } from '../../src/cli/run.ts'

/** What a run of the command came to. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command as if it were piped: no terminal on either side. */
export async function runPiped(argv: readonly string[], lines: readonly string[] = []): Promise<Ran> {
  const [stdout, stderr] = [collect(), collect()]
  const code = await run(argv, {
    stdin: Readable.from(lines.map((line) => `${line}\n`)),
    stdout: stdout.stream,
    stderr: stderr.stream,
  })
  return { code, out: stdout.text(), err: stderr.text() }
}

/** Runs the command as if a person sat there: everything typed is there from the beginning. */
export async function runTyped(argv: readonly string[], typed: string): Promise<Ran> {
  const [stdout, stderr] = [collect(), collect()]
  const stdin = new PassThrough()
  stdin.end(typed)
  const code = await run(argv, {
    stdin: Object.assign(stdin, { isTTY: true, setRawMode: () => stdin }),
    stdout: Object.assign(stdout.stream, { isTTY: true }),
    stderr: stderr.stream,
  })
  return { code, out: stdout.text(), err: stderr.text() }
}

function collect(): { readonly stream: Writable; text(): string } {
  const chunks: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}
