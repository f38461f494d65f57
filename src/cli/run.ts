import { Command, CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { isMaitredError } from '../core/errors.ts'
import { BadInput, Failed } from './bad-input.ts'
import { addChat } from './chat.ts'
import { addCheck } from './check.ts'
import { addExplain } from './explain.ts'
import { addGraph } from './graph.ts'
import type { Io } from './io.ts'
import { addKb } from './kb.ts'
import { addMigrate } from './migrate.ts'
import { addReplay } from './replay.ts'
import { addSimulate } from './simulate.ts'
import { addStaff } from './staff.ts'
import { addStart } from './start.ts'
import { addVerifyStore } from './verify-store.ts'

/** Runs the command with the arguments after its name. Resolves to the exit code: 0, 1 for failure, 2 for bad input. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    return tellError(error, io)
  }
}

function createProgram(io: Io): Command {
  const program = new Command('maitred')
    .description("The maître d' for live chat.")
    .version(manifest.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showHelpAfterError('Run it with --help to see what can be written.')
  addChat(program, io)
  addStart(program, io)
  addReplay(program, io)
  addSimulate(program, io)
  addStaff(program, io)
  addCheck(program, io)
  addGraph(program, io)
  addExplain(program, io)
  addKb(program, io)
  addMigrate(program, io)
  addVerifyStore(program, io)
  return program
}

function tellError(error: unknown, { stderr }: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // it has said what was wrong
  const isTheirs = error instanceof BadInput || (isMaitredError(error) && !error.retryable)
  const isKnown = isTheirs || isMaitredError(error) || error instanceof Failed
  stderr.write(`${isKnown ? error.message : describe(error)}\n`)
  return isTheirs ? 2 : 1
}

/** Nobody foresaw it: where it comes from is worth more than a short line. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
