import path from 'node:path'
import type { Command } from 'commander'
import { isMaitredError } from '../core/errors.ts'
import { checkConfig, type CheckOptions, type Finding } from '../testing/index.ts'
import { Failed } from './bad-input.ts'
import { demoConfig } from './demo/config.ts'
import { type Io, printJson } from './io.ts'
import { findConfig, loadConfig } from './load-config.ts'
import { createPaint, type Paint } from './paint.ts'
import { readLanguages } from './read-options.ts'

interface CheckFlags {
  readonly config?: string
  readonly languages?: string
  readonly json?: true
}

/** `maitred check`: what cannot be meant in a configuration. */
export function addCheck(program: Command, io: Io): void {
  program
    .command('check')
    .description('find dead ends, hooks that nothing triggers, skills that nobody has, texts that say nothing')
    .option(
      '--config <file>',
      'your configuration, TypeScript or JavaScript; maitred.config.ts of this folder unless said',
    )
    .option('--languages <list>', 'languages that your customers read, such as `en,es`')
    .option('--json', 'print one object and nothing else')
    .action((flags: CheckFlags) => check(flags, io))
}

async function check(flags: CheckFlags, { stdout }: Io): Promise<void> {
  const languages = flags.languages === undefined ? undefined : readLanguages('--languages', flags.languages)
  const file = findConfig(flags.config)
  const findings = await findAll(file, languages === undefined ? {} : { languages })
  if (flags.json === true) printJson(stdout, { findings })
  else stdout.write(toText(findings, { file, paint: createPaint(stdout) }))
  if (findings.length > 0) throw new Failed(findings.length === 1 ? 'One finding.' : `${findings.length} findings.`)
}

/** What a plugin's factory refuses while the file is read is a finding, too. */
async function findAll(file: string | undefined, options: CheckOptions): Promise<readonly Finding[]> {
  if (file === undefined) return checkConfig(demoConfig, options)
  try {
    return checkConfig(await loadConfig(file), options)
  } catch (error) {
    if (!isMaitredError(error)) throw error
    return [{ rule: 'invalid', path: error.path ?? '', hint: error.message }]
  }
}

function toText(
  findings: readonly Finding[],
  { file, paint }: { readonly file: string | undefined; readonly paint: Paint },
): string {
  if (findings.length === 0 && file === undefined)
    return 'Nothing to find in the demo. To look at yours, name it with --config, or call it maitred.config.ts.\n'
  if (findings.length === 0) return `Nothing to find: ${path.basename(file ?? '')} has no dead ends.\n`
  return findings
    .map(({ rule, path, hint }) => `${paint.bold(rule)}${path === '' ? '' : `  ${path}`}\n  ${paint.dim(hint)}\n`)
    .join('')
}
