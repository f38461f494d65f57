import type { Command } from 'commander'
import { type StoreReport, verifyStore } from '../testing/verify-store.ts'
import { Failed } from './bad-input.ts'
import { type Io, printJson } from './io.ts'
import { loadStore } from './migrate.ts'
import { createProgress } from './progress.ts'

interface VerifyFlags {
  readonly config: string
  readonly tenant: string
  readonly json?: true
}

/** `maitred verify-store`: does the log of every conversation lead to what is stored of it? */
export function addVerifyStore(program: Command, io: Io): void {
  program
    .command('verify-store')
    .description('rebuild every conversation from its log and compare; look at seats, queue and transcripts')
    .requiredOption('--config <file>', 'your configuration, TypeScript or JavaScript')
    .option('--tenant <name>', 'whose conversations', '')
    .option('--json', 'print one object and nothing else')
    .action((flags: VerifyFlags) => verify(flags, io))
}

async function verify({ config, tenant, json }: VerifyFlags, { stdout, stderr }: Io): Promise<void> {
  const store = await (await loadStore(config)).open(tenant)
  const progress = createProgress(stderr)
  const report = await verifyStore(store, (count) => progress.at(() => `${count} conversations`))
  progress.done()
  if (json === true) printJson(stdout, report)
  else stdout.write(toText(report))
  const wrong = report.differences.length + report.violations.length
  if (wrong > 0) throw new Failed(wrong === 1 ? 'One thing is wrong.' : `${wrong} things are wrong.`)
}

function toText({ conversationCount, turnCount, differences, violations }: StoreReport): string {
  const lines = [
    `${conversationCount} conversations, ${turnCount} turns.`,
    ...differences.map(({ conversationId, found }) => `  ${conversationId}: ${found}`),
    ...violations.map(({ rule, about, found }) => `  ${rule} of ${about}: ${found}`),
  ]
  if (lines.length === 1) lines.push('Every snapshot is what its log leads to.')
  return `${lines.join('\n')}\n`
}
